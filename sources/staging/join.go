package staging

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strconv"

	"entrepot/sources/decode"
)

const (
	// Of fewer files than minJoined, or of larger ones, a copy takes longer than DuckDB's
	// reader needs to open them: for each file it begins a stretch of the table by itself.
	minJoined      = 8
	maxJoinedBytes = 256 << 10
)

// readJoined makes the batch's table of one copy of its files, each record behind the place
// of its file, if they are many and small. It tells whether it did: where some record is no
// row, the files are to be read as they are, so that their errors name lines.
func (b *Batch) readJoined(ctx context.Context, conn *sql.Conn, temp string) (done bool, err error) {
	size := int64(0)
	for _, f := range b.Files {
		size += f.Prepared.Size
	}
	if len(b.Files) < minJoined || size > maxJoinedBytes*int64(len(b.Files)) {
		return false, nil
	}
	copied, err := b.join(ctx, temp)
	if copied != nil {
		defer func() { err = errors.Join(err, os.Remove(copied.Plain)) }()
	}
	if err != nil {
		return false, err
	}
	err = b.readTyped(ctx, conn, b.layout().behindNumbers(1), []*decode.Prepared{copied}, "")
	if errors.Is(err, errNotEven) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	lost, err := b.lost(ctx, conn, b.Table())
	return lost == 0, err
}

// join writes the records of all files to one in the folder temp.
func (b *Batch) join(ctx context.Context, temp string) (_ *decode.Prepared, err error) {
	file, err := os.CreateTemp(temp, "joined-*")
	if err != nil {
		return nil, fmt.Errorf("join small files: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	first := b.Files[0].Prepared
	joined := &decode.Prepared{Input: first.Input, Plain: file.Name(), UTF8: first.UTF8}
	out := bufio.NewWriterSize(file, 1<<20)
	for place, f := range b.Files {
		joined.Longest = max(joined.Longest, f.Prepared.Longest)
		before := strconv.Itoa(place) + string(f.Layout.Delimiter)
		if err := f.Prepared.RecordsFrom(ctx, f.Layout.HeaderRecords+1, func(_ int64, text []byte) error {
			for _, part := range [][]byte{[]byte(before), text, {'\n'}} {
				if _, err := out.Write(part); err != nil {
					return fmt.Errorf("join small files: %w", err)
				}
			}
			return nil
		}); err != nil {
			return joined, err
		}
	}
	if err := out.Flush(); err != nil {
		return joined, fmt.Errorf("join small files: %w", err)
	}
	return joined, nil
}
