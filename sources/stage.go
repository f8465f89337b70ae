package sources

import (
	"bytes"
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
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
var Version = "3\n" + readSQL + settleSQL

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
	cells := l.cells(l.readCSV(p))
	if len(l.wide) > 0 {
		record := "rowid"
		if l.numbered {
			record = "TRY_CAST(c0 AS BIGINT)"
		}
		if _, err := conn.ExecContext(ctx, "CREATE TEMP TABLE wide_lines AS FROM "+l.readCSV(p)+";\n"+
			"CREATE TEMP VIEW wide_rows AS SELECT *, "+record+" AS record FROM wide_lines"); err != nil {
			return parseError(err)
		}
		cells = l.wideCells()
	}
	read, err := fill(readTemplate, l.sql(map[string]any{"Cells": cells, "Raw": rawList()}))
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, read); err != nil {
		return parseError(err)
	}
	return nil
}

// sql adds to the data of a template what the layout decides.
func (l *Layout) sql(data map[string]any) map[string]any {
	for name, value := range map[string]any{
		"RawCells": l.rawCells(), "Value": l.value(), "Plain": l.plain, "Wide": len(l.wide) > 0, "RollUp": l.rollUp, "Areas": l.areas != "",
		"Rate": l.rate(), "Sums": l.sums, "BothSides": l.BothSides(), "NetWeight": l.netWeight(), "CodeList": l.codeList,
	} {
		data[name] = value
	}
	return data
}

// netWeight is the SQL of the net weight in kilograms.
func (l *Layout) netWeight() string { return scaled("net_weight", l.kilos) }

// rawList keeps the text of a row, in the order of columns.
func rawList() string {
	var names []string
	for _, c := range columns {
		names = append(names, string(c))
	}
	return "[" + strings.Join(names, ", ") + "]"
}

// rawCell is the SQL of a column in that list.
func rawCell(c column) string { return fmt.Sprintf("raw[%d]", slices.Index(columns, c)+1) }

// rawCells reads the list back, without blanks around the text.
func (l *Layout) rawCells() string {
	var cells []string
	for _, c := range columns {
		cell := "trim(" + rawCell(c) + ")"
		if c == colRevision && l.inferred != "" {
			cell = quote(l.inferred)
		}
		cells = append(cells, cell+" AS "+string(c))
	}
	return strings.Join(cells, ", ")
}

// Stage settles the rows that Read left on the connection into the tables
// staged, rejects and left_out, in the transaction that conn is in now. The
// file's rows must not be there.
func Stage(ctx context.Context, conn *sql.Conn, fileID int64, p *Prepared, l *Layout) (Counts, error) {
	broken, err := brokenLines(ctx, conn)
	if err != nil {
		return Counts{}, err
	}
	shifts, err := lineShifts(p, l, broken)
	if err != nil {
		return Counts{}, err
	}
	if err := sideTables(ctx, conn, l, broken, shifts); err != nil {
		return Counts{}, err
	}
	if err := l.inferRevision(ctx, conn); err != nil {
		return Counts{}, err
	}
	data := l.sql(map[string]any{"FileID": fileID})
	data["Shifted"], data["Row"], data["Line"] = l.lines(shifts)
	settle, err := fill(settleTemplate, data)
	if err != nil {
		return Counts{}, err
	}
	if _, err := conn.ExecContext(ctx, settle); err != nil {
		return Counts{}, fmt.Errorf("settle the rows of %s: %w", p.Name, err)
	}
	return count(ctx, conn, fileID, p, int64(len(broken)))
}

// lines says how settle.sql finds a row's line: by its number in the sheet, by a
// constant distance, or by the shifts. row is the number of the row in the file.
func (l *Layout) lines(shifts []rowShift) (shifted bool, row, line string) {
	row = "r.row"
	if len(l.wide) > 0 {
		row = "r.record"
	}
	switch {
	case l.numbered:
		return false, row, "coalesce(r.record, 0)"
	case len(shifts) == 0:
		return false, row, row
	case len(shifts) == 1 && shifts[0].first == 0:
		return false, row, fmt.Sprintf("%s + %d", row, shifts[0].by)
	}
	return true, row, row + " + m.shift"
}

// inferRevision finds the HS revision of a file that does not say it: the only
// one that has all of its codes.
func (l *Layout) inferRevision(ctx context.Context, conn *sql.Conn) error {
	if _, known := l.fixed[colRevision]; known || l.codeList || l.revisionByYear {
		return nil
	}
	if _, known := l.at[colRevision]; known {
		return nil
	}
	var fits, all, lacks int
	var revision, such sql.NullString
	err := conn.QueryRowContext(ctx, `
		WITH codes AS (
			SELECT DISTINCT code FROM (SELECT left(CASE WHEN length(c) IN (5, 7, 9, 11) THEN '0' || c ELSE c END, 6) AS code
				FROM (SELECT trim(`+rawCell(colCode)+`) AS c FROM read_rows WHERE raw IS NOT NULL)) WHERE regexp_full_match(code, '[0-9]{6}')),
		revisions AS (
			SELECT r.hs_revision, count(*) FILTER (h.hs6 IS NULL) AS lacks, min(c.code) FILTER (h.hs6 IS NULL) AS such
			FROM (SELECT DISTINCT hs_revision FROM hs_codes) r CROSS JOIN codes c
			LEFT JOIN hs_codes h ON h.hs_revision = r.hs_revision AND h.hs6 = c.code
			GROUP BY r.hs_revision)
		SELECT count(*) FILTER (lacks = 0), (SELECT count(*) FROM codes), arg_min(hs_revision, (lacks, hs_revision)), coalesce(min(lacks), 0), arg_min(such, (lacks, hs_revision))
		FROM revisions`).Scan(&fits, &all, &revision, &lacks, &such)
	if err != nil {
		return fmt.Errorf("look for the HS revision of the codes: %w", err)
	}
	if fits != 1 {
		how := fmt.Sprintf("its %d six-digit codes fit %d revisions", all, fits)
		switch {
		case all == 0:
			how = "it has no six-digit codes that would tell"
		case fits == 0:
			how = fmt.Sprintf("no revision has all of its %d six-digit codes; the nearest, %s, lacks %d of them, such as %s", all, revision.String, lacks, such.String)
		}
		return refuse("does not say in which HS revision its codes are, and %s; "+
			"say it in entrepot.yaml under files: with 'revision: H5' or another", how)
	}
	l.inferred = revision.String
	l.Notes = append(l.Notes, "its codes are those of "+revision.String+", the only HS revision that has all of them; the file does not say it")
	return nil
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
		SELECT line, any_value(line_byte_position), coalesce(min(column_idx), 0), arg_min(CAST(error_type AS VARCHAR), coalesce(column_idx, 0)), left(any_value(csv_line), 200)
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
func lineShifts(p *Prepared, l *Layout, broken []brokenLine) ([]rowShift, error) {
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
	first := l.headerRecords + 1 // record of the first row
	changes := []int64{first}
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
		if record < first || isBroken {
			continue
		}
		row := record - first - int64(before)
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
		if l.numbered { // lines are nobody's; the row begins with its number
			number, _, _ := strings.Cut(line.text, ",")
			if n, err := strconv.ParseInt(number, 10, 64); err == nil {
				line.line = n
			}
		}
		at := line.column - 1
		if line.reason == "too_few_fields" {
			at++ // the first that is missing
		}
		if at >= 0 && at < int64(len(l.header)) {
			name = l.header[at]
		}
		return fmt.Sprintf("%d, %s, %s, %s", line.line, quote(name), quote(line.text), quote(line.reason))
	})
	b.WriteString("CREATE TEMP TABLE file_areas AS " + l.areaKeys() + ";\n")
	if _, err := conn.ExecContext(ctx, b.String()); err != nil {
		return fmt.Errorf("note lines and columns: %w", err)
	}
	return nil
}

// areaKeys is the query for what the file's keys of areas mean: what the settings
// say of them first, then the scheme. M49 codes that do not come from the file have
// keys of their own.
func (l *Layout) areaKeys() string {
	if l.areas == "" {
		return "SELECT NULL::VARCHAR AS key, NULL::SMALLINT AS code WHERE false"
	}
	var meanings []string
	for _, key := range sortedKeys(l.own) {
		meanings = append(meanings, fmt.Sprintf("SELECT 1, area_key(%s), (SELECT code FROM areas WHERE CAST(code AS VARCHAR) = %[2]s OR upper(iso3) = upper(%[2]s) "+
			"ORDER BY reporter AND valid_to = 0 DESC, valid_to = 0 DESC, code LIMIT 1)", quote(key), quote(l.own[key])))
	}
	meanings = append(meanings, "SELECT 2, area_key(key), code FROM area_keys WHERE scheme = "+quote(l.areas),
		"SELECT 3, '"+fixedArea+"' || code, code FROM areas")
	if l.areas == "m49" {
		meanings = append(meanings, "SELECT 4, CAST(code AS VARCHAR), code FROM areas")
	}
	return "SELECT key, CAST(arg_min(code, (rank, code)) AS SMALLINT) AS code FROM (" + strings.Join(meanings, " UNION ALL ") + ") v(rank, key, code) GROUP BY key"
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
		(SELECT count(*) FROM staged WHERE file_id = $file AND line >= 0),
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
	for _, name := range []string{"VIEW IF EXISTS placed", "TABLE IF EXISTS whole_codes", "VIEW IF EXISTS settled", "VIEW IF EXISTS candidates",
		"TABLE IF EXISTS area_faults", "TABLE IF EXISTS code_faults", "TABLE IF EXISTS slow", "VIEW IF EXISTS wide_rows", "TABLE IF EXISTS wide_lines",
		"TABLE IF EXISTS read_rows", "TABLE IF EXISTS details", "TABLE IF EXISTS totals",
		"TABLE IF EXISTS file_areas", "TABLE IF EXISTS aside", "TABLE IF EXISTS line_shifts",
		"TABLE IF EXISTS column_names", "TABLE IF EXISTS broken_lines", "TABLE IF EXISTS csv_errors", "TABLE IF EXISTS csv_scans"} {
		_, dropped := conn.ExecContext(context.Background(), "DROP "+name)
		err = errors.Join(err, dropped)
	}
	return err
}
