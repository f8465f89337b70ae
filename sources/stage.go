package sources

import (
	"bytes"
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/duckdb/duckdb-go/v2"
)

//go:embed read.sql
var readSQL string

//go:embed settle.sql
var settleSQL string

var (
	readTemplate   = template.Must(template.New("read.sql").Parse(readSQL))
	settleTemplate = template.Must(template.New("settle.sql").Parse(settleSQL))
)

// Version identifies how files are read: a change of it reads every file anew.
// The SQL is part of it by itself; raise the number when Go code changes what
// a file's rows become.
var Version = "2\n" + readSQL + settleSQL

// Counts says where the rows of a file went. Read is the sum of the others.
type Counts struct {
	Read, Staged, Rejected, LeftOut int64
}

// Read parses a recognised file into temporary tables of the connection, which
// must not be in a transaction: the number of a row is its row id, and until a
// table is committed its row ids are not in the order of the file. Stage takes
// the rows from there; Drop takes the tables away.
//
// A *Refusal means that DuckDB can't parse the file at all.
func Read(ctx context.Context, conn *sql.Conn, p *Prepared, l *Layout) error {
	read, err := fill(readTemplate, map[string]string{"Cells": l.cells(p)})
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, read); err != nil {
		return parseError(err)
	}
	return nil
}

// Stage settles the rows that Read left on the connection into the tables
// staged, rejects and left_out, in the transaction that conn is in now. The
// file's rows must not be there.
func Stage(ctx context.Context, conn *sql.Conn, fileID int64, p *Prepared, l *Layout) (Counts, error) {
	broken, err := brokenLines(ctx, conn)
	if err != nil {
		return Counts{}, err
	}
	shifts, err := lineShifts(p, broken)
	if err != nil {
		return Counts{}, err
	}
	if err := sideTables(ctx, conn, l, broken, shifts); err != nil {
		return Counts{}, err
	}
	settle, err := fill(settleTemplate, map[string]any{"FileID": fileID, "Shifted": len(shifts) > 0 && shifts[len(shifts)-1] != rowShift{0, 2}})
	if err != nil {
		return Counts{}, err
	}
	if _, err := conn.ExecContext(ctx, settle); err != nil {
		return Counts{}, fmt.Errorf("settle the rows of %s: %w", p.Name, err)
	}
	return count(ctx, conn, fileID, p, int64(len(broken)))
}

func fill(t *template.Template, data any) (string, error) {
	var text bytes.Buffer
	if err := t.Execute(&text, data); err != nil {
		return "", fmt.Errorf("fill in %s: %w", t.Name(), err)
	}
	return text.String(), nil
}

// parseError tells a file that can't be parsed from a fault of the machine.
func parseError(err error) error {
	var e *duckdb.Error
	if errors.As(err, &e) && (e.Type == duckdb.ErrorTypeInvalidInput || e.Type == duckdb.ErrorTypeConversion) {
		first, _, _ := strings.Cut(e.Msg, "\n")
		return refuse("can't be parsed as a table: %s", first)
	}
	return err
}

// cells is the query that reads the file's shared columns as trimmed text, in
// the order of the file. DuckDB parses only the columns that are asked for.
func (l *Layout) cells(p *Prepared) string {
	var b strings.Builder
	b.WriteString("SELECT ")
	for _, c := range columns {
		if i, ok := l.at[c]; ok {
			cell := fmt.Sprintf("c%d", i)
			if sql, ok := l.written[c]; ok {
				fmt.Fprintf(&b, sql+" AS %[2]s, ", cell, c)
			} else {
				fmt.Fprintf(&b, "trim(%s) AS %s, ", cell, c)
			}
		} else {
			fmt.Fprintf(&b, "NULL::VARCHAR AS %s, ", c)
		}
	}
	if l.extra {
		fmt.Fprintf(&b, "c%d AS surplus", l.width()-1)
	} else {
		b.WriteString("NULL::VARCHAR AS surplus")
	}
	b.WriteString(" FROM " + l.readCSV(p))
	return b.String()
}

// readCSV is the call of DuckDB's reader. Everything is declared: a reader that
// guesses turns the code 010121 into the number 10121.
func (l *Layout) readCSV(p *Prepared) string {
	var names strings.Builder
	for i := range l.width() {
		if i > 0 {
			names.WriteString(", ")
		}
		fmt.Fprintf(&names, "'c%d': 'VARCHAR'", i)
	}
	encoding := "utf-8"
	if !p.UTF8 {
		// Names are windows-1252 in such files, but no column that is read has
		// any; latin-1 is the one-byte encoding that DuckDB reads by itself.
		encoding = "latin-1"
	}
	return fmt.Sprintf("read_csv([%s], auto_detect = false, header = false, skip = 1, delim = %s, quote = '\"', escape = '\"', "+
		"nullstr = '', encoding = '%s', columns = {%s}, ignore_errors = true, store_rejects = true, "+
		"rejects_table = 'csv_errors', rejects_scan = 'csv_scans')",
		quote(escapeGlob(p.Plain)), quote(string(l.delimiter)), encoding, names.String())
}

// quote makes an SQL string.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// escapeGlob keeps read_csv from expanding a name such as "TradeData[1].csv".
func escapeGlob(path string) string {
	return strings.NewReplacer("[", "[[]", "]", "[]]", "*", "[*]", "?", "[?]").Replace(path)
}

// brokenLine is a line that is no row: too few fields, a quote out of place.
type brokenLine struct {
	number int64 // as DuckDB counts: blank lines count, line breaks inside quotes do not
	offset int64 // of the line's first byte
	line   int64 // as an editor counts
	column int64
	reason string
	text   string
}

var csvReasons = map[string]string{
	"MISSING COLUMNS":        "too_few_fields",
	"TOO MANY COLUMNS":       "too_many_fields",
	"UNQUOTED VALUE":         "bad_quotes",
	"LINE SIZE OVER MAXIMUM": "line_too_long",
	"INVALID ENCODING":       "bad_encoding",
	"INVALID STATE":          "bad_quotes",
}

func brokenLines(ctx context.Context, conn *sql.Conn) ([]brokenLine, error) {
	rows, err := conn.QueryContext(ctx, `
		SELECT line, any_value(line_byte_position), coalesce(min(column_idx), 0), arg_min(CAST(error_type AS VARCHAR), column_idx), left(any_value(csv_line), 200)
		FROM csv_errors GROUP BY line ORDER BY line`)
	if err != nil {
		return nil, fmt.Errorf("list the lines that are no rows: %w", err)
	}
	defer rows.Close()
	var broken []brokenLine
	for rows.Next() {
		var b brokenLine
		var kind, text sql.NullString
		if err := rows.Scan(&b.number, &b.offset, &b.column, &kind, &text); err != nil {
			return nil, fmt.Errorf("list the lines that are no rows: %w", err)
		}
		b.line, b.text, b.reason = b.number, text.String, csvReasons[kind.String]
		if b.reason == "" {
			b.reason = "bad_line"
		}
		broken = append(broken, b)
	}
	return broken, rows.Err()
}

// rowShift says that from this row of read_rows (0 is the first) a row's line
// is its row id plus by.
type rowShift struct{ first, by int64 }

// lineShifts works out the line of each row that was read. A row's line is its
// number plus the header, the broken lines before it, and what p.shifts says of
// blank lines and line breaks inside quotes. It sets the lines of broken, too.
func lineShifts(p *Prepared, broken []brokenLine) ([]rowShift, error) {
	records := make([]int64, len(broken))
	if len(p.shifts) == 0 {
		for i, b := range broken {
			records[i] = b.number
		}
	} else if len(broken) > 0 {
		found, err := p.recordsAt(broken)
		if err != nil {
			return nil, err
		}
		records = found
	}
	line := func(record int64) int64 {
		i, exact := slices.BinarySearchFunc(p.shifts, record, func(s shift, r int64) int { return int(s.record - r) })
		if exact {
			i++
		}
		if i == 0 {
			return record
		}
		return record + p.shifts[i-1].by
	}
	for i := range broken {
		broken[i].line = line(records[i])
	}
	// The shift changes where a record was shifted and behind a broken line.
	changes := []int64{2}
	for _, s := range p.shifts {
		changes = append(changes, s.record)
	}
	for _, r := range records {
		changes = append(changes, r+1)
	}
	slices.Sort(changes)
	var out []rowShift
	for _, record := range slices.Compact(changes) {
		before, isBroken := slices.BinarySearch(records, record)
		if record < 2 || isBroken {
			continue
		}
		row := record - 2 - int64(before)
		by := line(record) - row
		if len(out) == 0 || out[len(out)-1].by != by {
			out = append(out, rowShift{row, by})
		}
	}
	return out, nil
}

func sideTables(ctx context.Context, conn *sql.Conn, l *Layout, broken []brokenLine, shifts []rowShift) error {
	var b strings.Builder
	b.WriteString("CREATE TEMP TABLE line_shifts (first_row BIGINT, shift BIGINT);\n")
	insert(&b, "line_shifts", len(shifts), func(i int) string {
		return fmt.Sprintf("%d, %d", shifts[i].first, shifts[i].by)
	})
	b.WriteString("CREATE TEMP TABLE column_names (id VARCHAR, name VARCHAR);\n")
	insert(&b, "column_names", len(columns), func(i int) string {
		return quote(string(columns[i])) + ", " + quote(l.columnName(columns[i]))
	})
	b.WriteString("CREATE TEMP TABLE broken_lines (line BIGINT, column_name VARCHAR, value VARCHAR, reason VARCHAR);\n")
	insert(&b, "broken_lines", len(broken), func(i int) string {
		line, name := broken[i], ""
		if at := line.column - 1; at >= 0 && at < int64(len(l.header)) {
			name = l.header[at]
		}
		return fmt.Sprintf("%d, %s, %s, %s", line.line, quote(name), quote(line.text), quote(line.reason))
	})
	if _, err := conn.ExecContext(ctx, b.String()); err != nil {
		return fmt.Errorf("note lines and columns: %w", err)
	}
	return nil
}

// insert writes statements that put n rows into a small table.
func insert(b *strings.Builder, table string, n int, row func(i int) string) {
	const atOnce = 1000
	for i := range n {
		switch {
		case i%atOnce == 0:
			fmt.Fprintf(b, "INSERT INTO %s VALUES ", table)
		default:
			b.WriteString(", ")
		}
		fmt.Fprintf(b, "(%s)", row(i))
		if i%atOnce == atOnce-1 || i == n-1 {
			b.WriteString(";\n")
		}
	}
}

// count tells where the rows went, and fails if any is unaccounted for.
func count(ctx context.Context, conn *sql.Conn, fileID int64, p *Prepared, broken int64) (Counts, error) {
	var c Counts
	err := conn.QueryRowContext(ctx, `SELECT
		(SELECT count(*) FROM read_rows),
		(SELECT count(*) FROM staged WHERE file_id = $file),
		(SELECT count(*) FROM rejects WHERE file_id = $file),
		(SELECT coalesce(sum(rows), 0)::BIGINT FROM left_out WHERE file_id = $file)`,
		sql.Named("file", fileID)).Scan(&c.Read, &c.Staged, &c.Rejected, &c.LeftOut)
	if err != nil {
		return c, fmt.Errorf("count the rows of %s: %w", p.Name, err)
	}
	c.Read += broken
	if sum := c.Staged + c.Rejected + c.LeftOut; sum != c.Read {
		return c, fmt.Errorf("%s: %d rows were read, but %d accounted for: this is a fault of entrepot, please report it", p.Name, c.Read, sum)
	}
	return c, nil
}

// Drop clears the connection's temporary tables, whatever happened. It must be
// called outside of a transaction.
func Drop(conn *sql.Conn) error {
	var err error
	for _, name := range []string{"VIEW IF EXISTS judged", "TABLE IF EXISTS read_rows", "TABLE IF EXISTS aside", "TABLE IF EXISTS line_shifts",
		"TABLE IF EXISTS column_names", "TABLE IF EXISTS broken_lines", "TABLE IF EXISTS csv_errors", "TABLE IF EXISTS csv_scans"} {
		_, dropped := conn.ExecContext(context.Background(), "DROP "+name)
		err = errors.Join(err, dropped)
	}
	return err
}
