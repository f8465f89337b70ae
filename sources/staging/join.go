package staging

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
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
// of its file, if they are many and small, and lists what is no row. It tells whether it did.
func (b *Batch) readJoined(ctx context.Context, conn *sql.Conn, temp string) (broken []brokenLine, done bool, err error) {
	size := int64(0)
	for _, f := range b.Files {
		size += f.Prepared.Size
	}
	if len(b.Files) < minJoined || size > maxJoinedBytes*int64(len(b.Files)) {
		return nil, false, nil
	}
	copied, err := b.join(ctx, temp)
	if copied != nil {
		defer func() { err = errors.Join(err, os.Remove(copied.Plain)) }()
	}
	if err != nil {
		return nil, false, err
	}
	l := b.layout().behindNumbers(1)
	listed, err := b.readQuick(ctx, conn, l, []*decode.Prepared{copied})
	if errors.Is(err, errNotEven) { // as the files are, it may be
		return nil, false, nil
	}
	if err != nil || !listed {
		return nil, err == nil, err
	}
	if broken, err = brokenLines(ctx, conn, errorTable, []File{{Prepared: copied}}); err != nil {
		return nil, false, err
	}
	b.unjoin(broken, l.Delimiter)
	return broken, true, nil
}

// unjoin tells of lines of the copy from which file, record and column they are. Each record
// is a line there, as DuckDB counts.
func (b *Batch) unjoin(broken []brokenLine, delimiter rune) {
	before := make([]int64, len(b.Files)) // records of the files before each
	for place, f := range b.Files[:len(b.Files)-1] {
		before[place+1] = before[place] + f.dataRecords()
	}
	for i := range broken {
		line := &broken[i]
		line.takePlace(delimiter)
		line.column--
		line.record = line.number - before[line.place] + b.Files[line.place].Layout.HeaderRecords
	}
}

// join writes the records of all files to one in the folder temp.
func (b *Batch) join(ctx context.Context, temp string) (*decode.Prepared, error) {
	return b.copyFiles(temp, func(out *bufio.Writer, place int, f File) error {
		before := strconv.Itoa(place) + string(f.Layout.Delimiter)
		return f.Prepared.RecordsFrom(ctx, f.Layout.HeaderRecords+1, func(_ int64, text []byte) error {
			_, _ = out.WriteString(before)
			_, _ = out.Write(text)
			return out.WriteByte('\n') // an error of the writer stays
		})
	})
}
