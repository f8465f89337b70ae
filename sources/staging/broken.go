package staging

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"entrepot/sources/decode"
)

// What DuckDB's tables of errors may take. Its reader keeps each error in memory until it
// ends, outside of memory_limit and whatever limit the table has: the record about three
// times, in messages, and this much besides. A record may have an error in each column.
const (
	maxErrorBytes = 128 << 20
	bytesOfError  = 1500
)

// maxBroken is how many records of a file may be no rows: each is kept and becomes a reject.
const maxBroken = 100_000

// errorsFit tells whether DuckDB may list so many records of the batch as errors.
func (b *Batch) errorsFit(records int64) bool {
	var size, longest int64
	for _, f := range b.Files {
		size += f.Prepared.Size
		longest = max(longest, f.Prepared.Longest, longRecord) // Longest is not told below that
	}
	text := size // of so many records, at most
	if records < size/longest {
		text = records * longest
	}
	return b.layout().errorBytes(records, text) <= maxErrorBytes
}

// errorBytes is what the errors of so many records, of so many bytes together, may take.
func (l layout) errorBytes(records, text int64) int64 {
	return int64(l.Width()) * (records*bytesOfError + 3*text)
}

// records are those of all files that should become rows.
func (b *Batch) records() (n int64) {
	for _, f := range b.Files {
		n += f.dataRecords()
	}
	return n
}

// lost is how many records did not become rows of the table. It is below zero where DuckDB
// and a count of lines don't take the same for a record.
func (b *Batch) lost(ctx context.Context, conn *sql.Conn, table string) (int64, error) {
	var rows int64
	if err := conn.QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&rows); err != nil {
		return 0, fmt.Errorf("count what was read: %w", err)
	}
	return b.records() - rows, nil
}

// readLines fills read_rows, and wide_lines of a file with a column for each period, and
// lists the lines that are no rows. lines is the table that has a row for each record. Where
// the list of all records might not fit, the rows are read without it first.
func (b *Batch) readLines(ctx context.Context, conn *sql.Conn, lines, temp string) ([]brokenLine, error) {
	if b.errorsFit(b.records()) {
		if err := b.readOnce(ctx, conn, errorsTo{table: "csv_errors"}); err != nil {
			return nil, err
		}
		return brokenLines(ctx, conn, "csv_errors", b.Files)
	}
	if err := b.readOnce(ctx, conn, errorsTo{}); err != nil {
		return nil, err
	}
	lost, err := b.lost(ctx, conn, lines)
	if err != nil || lost == 0 {
		return nil, err
	}
	if err := b.Drop(conn); err != nil {
		return nil, err
	}
	if err := b.readOnce(ctx, conn, errorsTo{oneThread: true}); err != nil {
		return nil, err
	}
	if lost, err = b.lost(ctx, conn, lines); err != nil {
		return nil, err
	}
	if lost > maxBroken {
		return nil, decode.Refuse("is no table: %d of its %d rows have too few fields, too many, or quotes out of place", lost, b.records())
	}
	return b.brokenByPieces(ctx, conn, temp)
}

func (b *Batch) readOnce(ctx context.Context, conn *sql.Conn, e errorsTo) error {
	l := b.layout()
	reader := l.readCSV(b.Files[0].Prepared, e)
	cells := l.cells(reader, false)
	if len(l.Wide) > 0 {
		if err := readWide(ctx, conn, l, reader); err != nil {
			return err
		}
		cells = l.wideCells()
	}
	return readCells(ctx, conn, cells)
}

// brokenByPieces lists the records of the batch's only file that are no rows, by reading
// some of its records at a time, so that what DuckDB notes of them fits.
func (b *Batch) brokenByPieces(ctx context.Context, conn *sql.Conn, temp string) ([]brokenLine, error) {
	p, l := b.Files[0].Prepared, b.layout()
	piece := &piece{layout: l, of: p, temp: temp}
	var broken []brokenLine
	read := func() error {
		found, err := piece.read(ctx, conn)
		if broken = append(broken, found...); err == nil && len(broken) > maxBroken {
			err = decode.Refuse("is no table: more than %d of its rows have too few fields, too many, or quotes out of place", maxBroken)
		}
		return err
	}
	err := p.RecordsFrom(ctx, l.HeaderRecords+1, func(number int64, text []byte) error {
		if l.errorBytes(piece.records+1, piece.text+int64(len(text))) > maxErrorBytes && piece.records > 0 {
			if err := read(); err != nil {
				return err
			}
		}
		return piece.add(number, text)
	})
	if err == nil {
		err = read()
	}
	return broken, errors.Join(err, piece.remove())
}

// piece is some records of a file, copied to a file of their own, each behind its number.
type piece struct {
	layout
	of   *decode.Prepared
	temp string // the folder

	file          *os.File
	out           *bufio.Writer
	records, text int64
}

func (c *piece) add(number int64, text []byte) (err error) {
	if c.file == nil {
		if c.file, err = os.CreateTemp(c.temp, "piece-*"); err != nil {
			return fmt.Errorf("find the broken lines: %w", err)
		}
		c.out = bufio.NewWriterSize(c.file, 1<<20)
	}
	c.records, c.text = c.records+1, c.text+int64(len(text))
	_, err = fmt.Fprintf(c.out, "%d%c%s\n", number, c.Delimiter, text)
	return err
}

// read lists those of the records that are no rows, and begins a new piece.
func (c *piece) read(ctx context.Context, conn *sql.Conn) ([]brokenLine, error) {
	if c.file == nil {
		return nil, nil
	}
	if err := c.out.Flush(); err != nil {
		return nil, fmt.Errorf("find the broken lines: %w", err)
	}
	const table = "piece_errors"
	copied := &decode.Prepared{Plain: c.file.Name(), UTF8: c.of.UTF8, Longest: c.of.Longest}
	reader := c.behindNumbers(1).reader([]*decode.Prepared{copied}, nil, nil, errorsTo{table: table})
	var broken []brokenLine
	// All columns are named, because DuckDB looks at no others.
	_, err := conn.ExecContext(ctx, "SELECT count(COLUMNS(*)) FROM "+reader)
	if err = parseError(err); err == nil {
		broken, err = brokenLines(ctx, conn, table, []File{{Prepared: copied}})
	}
	for i := range broken {
		broken[i].record, _ = broken[i].takeNumber(c.Delimiter)
		broken[i].column--
	}
	_, dropped := conn.ExecContext(context.WithoutCancel(ctx), "DROP TABLE IF EXISTS "+table+"; DROP TABLE IF EXISTS "+table+"_scans")
	return broken, errors.Join(err, dropped, c.remove())
}

// remove takes the copy away.
func (c *piece) remove() error {
	if c.file == nil {
		return nil
	}
	file := c.file
	c.file, c.records, c.text = nil, 0, 0
	return errors.Join(file.Close(), os.Remove(file.Name()))
}
