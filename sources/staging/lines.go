package staging

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"entrepot/sources"
	"entrepot/sources/decode"

	"github.com/duckdb/duckdb-go/v2"
)

// parseError tells a file that can't be parsed from a fault of the machine.
func parseError(err error) error {
	var e *duckdb.Error
	if isOfData(err) && errors.As(err, &e) {
		first, _, _ := strings.Cut(e.Msg, "\n")
		return decode.Refuse("can't be parsed as a table: %s", first)
	}
	return err
}

// isOfData tells whether DuckDB stumbles over what it reads.
func isOfData(err error) bool {
	var e *duckdb.Error
	return errors.As(err, &e) && (e.Type == duckdb.ErrorTypeInvalidInput || e.Type == duckdb.ErrorTypeConversion || e.Type == duckdb.ErrorTypeOutOfRange)
}

// brokenLine is a line that is no row: too few fields, a quote out of place.
type brokenLine struct {
	place  int   // of its file in the batch
	number int64 // as DuckDB counts: blank lines count, line breaks inside quotes do not
	offset int64 // of the line's first byte
	record int64 // 1 is the header
	line   int64 // as an editor counts
	column int64
	reason string // "" when it is a row of which a field is not of its type
	text   string
}

var csvReasons = map[string]string{
	"MISSING COLUMNS":        "too_few_fields",
	"TOO MANY COLUMNS":       "too_many_fields",
	"UNQUOTED VALUE":         "bad_quotes",
	"LINE SIZE OVER MAXIMUM": "line_too_long",
	"INVALID ENCODING":       "bad_encoding",
	"INVALID STATE":          "bad_quotes",
	"":                       "",
}

// brokenLines lists what DuckDB's reader could not make rows of, by file and line.
func brokenLines(ctx context.Context, conn *sql.Conn, table string, files []File) ([]brokenLine, error) {
	query, err := fill("broken_lines.sql", map[string]any{"Table": table})
	if err != nil {
		return nil, err
	}
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("list the lines that are no rows: %w", err)
	}
	defer rows.Close()
	var broken []brokenLine
	for rows.Next() {
		var b brokenLine
		var path, kind string
		var text sql.NullString
		if err := rows.Scan(&path, &b.number, &b.offset, &b.column, &kind, &text); err != nil {
			return nil, fmt.Errorf("list the lines that are no rows: %w", err)
		}
		if b.place = slices.IndexFunc(files, func(f File) bool { return f.Prepared.Plain == path }); b.place < 0 {
			return nil, fmt.Errorf("internal error: DuckDB names errors of %s, which it was not to read; please report it", path)
		}
		b.line, b.text = b.number, text.String
		reason, known := csvReasons[kind]
		if b.reason = reason; !known {
			b.reason = "bad_line"
		}
		broken = append(broken, b)
	}
	slices.SortFunc(broken, func(a, b brokenLine) int {
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.number, b.number))
	})
	return broken, rows.Err()
}

// takeRow takes the number of the row or line from the first field.
func (b *brokenLine) takeRow(delimiter rune) {
	if n, ok := b.takeNumber(delimiter); ok {
		b.line = n
	}
}

// takePlace takes the place of the file in the batch from the first field.
func (b *brokenLine) takePlace(delimiter rune) {
	if n, ok := b.takeNumber(delimiter); ok {
		b.place = int(n)
	}
}

func (b *brokenLine) takeNumber(delimiter rune) (int64, bool) {
	number, text, _ := strings.Cut(b.text, string(delimiter))
	n, err := strconv.ParseInt(number, 10, 64)
	if err == nil {
		b.text = text
	}
	return n, err == nil
}

// stretch is rows whose records and lines follow each other: from this row of the
// file on (0 is the first), a row's line is its number plus by. record is that of
// the first row.
type stretch struct{ row, record, by int64 }

// lineStretches works out the record and line of each row that was read. A row's
// line is its number plus the header, the broken lines before it, and what decode
// says of blank lines and line breaks inside quotes. It sets the records and lines of
// broken, too.
func lineStretches(p *decode.Prepared, l *sources.Layout, broken []brokenLine) ([]stretch, error) {
	shifted := p.ShiftedRecords()
	if err := findRecords(p, broken, len(shifted) > 0); err != nil {
		return nil, err
	}
	// The distance changes where a record was shifted and behind a broken line.
	first := l.HeaderRecords + 1 // record of the first row
	changes := append([]int64{first}, shifted...)
	var records []int64
	for i, b := range broken {
		broken[i].line = p.LineOf(b.record)
		records = append(records, b.record)
		changes = append(changes, b.record+1)
	}
	slices.Sort(changes)
	var out []stretch
	for _, record := range slices.Compact(changes) {
		before, isBroken := slices.BinarySearch(records, record)
		if record < first || isBroken {
			continue
		}
		row := record - first - int64(before)
		by := p.LineOf(record) - row
		if len(out) == 0 || out[len(out)-1].by != by {
			out = append(out, stretch{row, record, by})
		}
	}
	return out, nil
}

// findRecords sets the records of broken lines. DuckDB's own number of a line is that of
// the record where nothing is shifted; elsewhere its offset tells.
func findRecords(p *decode.Prepared, broken []brokenLine, shifted bool) error {
	if len(broken) == 0 || broken[0].record > 0 {
		return nil // they are known
	}
	if !shifted {
		for i := range broken {
			broken[i].record = broken[i].number
		}
		return nil
	}
	var offsets []int64
	for _, line := range broken {
		offsets = append(offsets, line.offset)
	}
	records, err := p.RecordsAt(offsets)
	if err != nil {
		return err
	}
	for i := range broken {
		broken[i].record = records[i]
	}
	return nil
}

// brokenColumn is the name of the column that is to blame for a broken line.
func (l layout) brokenColumn(b brokenLine) string {
	at := b.column - 1
	if b.reason == "too_few_fields" {
		at++ // the first that is missing
	}
	if at >= 0 && at < int64(len(l.Header)) {
		return l.Header[at]
	}
	return ""
}
