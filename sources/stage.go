package sources

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/duckdb/duckdb-go/v2"
)

//go:embed *.sql
var sqlFiles embed.FS

var templates = template.Must(template.ParseFS(sqlFiles, "*.sql"))

// sql adds to the data of a template what the layout decides.
func (l *Layout) sql(data map[string]any) map[string]any {
	for name, value := range map[string]any{
		"RawCells": l.rawCells(), "Value": l.value(), "Wide": len(l.wide) > 0, "RollUp": l.rollUp, "Areas": l.areas != "",
		"Rate": l.rate(), "NetWeight": l.netWeight(), "CodeList": l.codeList,
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

// lines says how settle.sql finds a row's line: by its number in the sheet, by a
// constant distance, or by the stretches. row is the number of the row in the file.
func (l *Layout) lines(stretches []stretch) (shifted bool, row, line string) {
	row = "r.rowid"
	if len(l.wide) > 0 {
		row = "r.record"
	}
	switch {
	case l.numbered:
		return false, row, "coalesce(r.record, 0)"
	case len(stretches) == 0:
		return false, row, row
	case len(stretches) == 1 && stretches[0].row == 0:
		return false, row, fmt.Sprintf("%s + %d", row, stretches[0].by)
	}
	return true, row, row + " + m.shift"
}

// inferRevision finds the HS revision of a file that does not say it: the only
// one that has all of its codes.
func (l *Layout) inferRevision(ctx context.Context, conn *sql.Conn) error {
	if _, known := l.fixed[colRevision]; known || l.codeList || l.revisionOf != "" {
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
				FROM (SELECT trim(`+rawCell(colCode)+`) AS c FROM read_rows)) WHERE regexp_full_match(code, '[0-9]{6}')),
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

// fill fills in one of the SQL files.
func fill(name string, data any) (string, error) {
	var text bytes.Buffer
	if err := templates.ExecuteTemplate(&text, name, data); err != nil {
		return "", fmt.Errorf("fill in %s: %w", name, err)
	}
	return text.String(), nil
}

// parseError tells a file that can't be parsed from a fault of the machine.
func parseError(err error) error {
	var e *duckdb.Error
	if isOfData(err) && errors.As(err, &e) {
		first, _, _ := strings.Cut(e.Msg, "\n")
		return refuse("can't be parsed as a table: %s", first)
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
	rows, err := conn.QueryContext(ctx, `
		SELECT s.file_path, line, any_value(line_byte_position), coalesce(min(column_idx) FILTER (error_type <> 'CAST'), 0),
			coalesce(arg_min(CAST(error_type AS VARCHAR), coalesce(column_idx, 0)) FILTER (error_type <> 'CAST'), ''), left(any_value(csv_line), 200)
		FROM `+table+` e JOIN `+table+`_scans s USING (scan_id, file_id) GROUP BY s.file_path, line`)
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
			return nil, fmt.Errorf("DuckDB names errors of %s, which it was not to read: this is a fault of entrepot, please report it", path)
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

// takeNumber takes the line's number from its first field.
func (b *brokenLine) takeNumber(delimiter rune) {
	number, text, _ := strings.Cut(b.text, string(delimiter))
	if n, err := strconv.ParseInt(number, 10, 64); err == nil {
		b.line, b.text = n, text
	}
}

// stretch is rows whose records and lines follow each other: from this row of the
// file on (0 is the first), a row's line is its number plus by. record is that of
// the first row.
type stretch struct{ row, record, by int64 }

// lineStretches works out the record and line of each row that was read. A row's
// line is its number plus the header, the broken lines before it, and what decode
// says of blank lines and line breaks inside quotes. It sets the records and lines of
// broken, too.
func lineStretches(p *Prepared, l *Layout, broken []brokenLine) ([]stretch, error) {
	shifted := p.ShiftedRecords()
	if err := findRecords(p, broken, len(shifted) > 0); err != nil {
		return nil, err
	}
	// The distance changes where a record was shifted and behind a broken line.
	first := l.headerRecords + 1 // record of the first row
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
func findRecords(p *Prepared, broken []brokenLine, shifted bool) error {
	if !shifted || len(broken) == 0 {
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
func (l *Layout) brokenColumn(b brokenLine) string {
	at := b.column - 1
	if b.reason == "too_few_fields" {
		at++ // the first that is missing
	}
	if at >= 0 && at < int64(len(l.header)) {
		return l.header[at]
	}
	return ""
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
