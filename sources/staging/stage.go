package staging

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"entrepot/schemas/sqltext"
	"entrepot/sources"
)

var templates = template.Must(template.New("").Funcs(template.FuncMap{"literal": sqltext.Literal}).ParseFS(code, "*.sql"))

// sql adds to the data of a template what the layout decides.
func (l layout) sql(data map[string]any) map[string]any {
	for name, value := range map[string]any{
		"RawCells": l.rawCells(), "Value": l.value(), "Wide": len(l.Wide) > 0, "RollUp": l.RollUp, "Areas": l.Areas != "",
		"Rate": l.rate(), "NetWeight": l.netWeight(), "CodeList": l.CodeList, "Sums": l.AllPartners(), "BothSides": l.BothSides(), "Months": l.Months,
	} {
		data[name] = value
	}
	return data
}

// netWeight is the SQL of the net weight in kilograms.
func (l layout) netWeight() string { return scaled("net_weight", l.Kilos) }

// rawList keeps the text of a row, in the order of columns.
func rawList() string {
	var names []string
	for _, c := range sources.Columns() {
		names = append(names, string(c))
	}
	return "[" + strings.Join(names, ", ") + "]"
}

// rawCell is the SQL of a column in that list.
func rawCell(c sources.Column) string {
	return fmt.Sprintf("raw[%d]", slices.Index(sources.Columns(), c)+1)
}

// rawCells reads the list back, without blanks around the text.
func (l layout) rawCells() string {
	var cells []string
	for _, c := range sources.Columns() {
		cell := "trim(" + rawCell(c) + ")"
		if c != sources.ColReporter && c != sources.ColPartner { // NA is Namibia there
			cell = "nullif(" + cell + ", 'NA')" // R's word for nothing
		}
		cells = append(cells, cell+" AS "+string(c))
	}
	return strings.Join(cells, ", ")
}

// lines says how classify.sql finds a row's line: by its number in the sheet, by a
// constant distance, or by the stretches. row is the number of the row in the file.
func (l layout) lines(stretches []stretch) (shifted bool, row, line string) {
	row = "r.rowid"
	if len(l.Wide) > 0 {
		row = "r.record"
	}
	switch {
	case l.Numbered:
		return false, row, "coalesce(r.record, 0)"
	case len(stretches) == 0:
		return false, row, row
	case len(stretches) == 1 && stretches[0].row == 0:
		return false, row, fmt.Sprintf("%s + %d", row, stretches[0].by)
	}
	return true, row, row + " + m.shift"
}

// fill fills in one of the SQL files.
func fill(name string, data any) (string, error) {
	var text bytes.Buffer
	if err := templates.ExecuteTemplate(&text, name, data); err != nil {
		return "", fmt.Errorf("fill in %s: %w", name, err)
	}
	return text.String(), nil
}

// insertedAtOnce is how many rows a statement has.
const insertedAtOnce = 1000

// insert writes statements that put n rows into a small table.
func insert(b *strings.Builder, table string, n int, row func(i int) string) {
	for i := range n {
		switch {
		case i%insertedAtOnce == 0:
			fmt.Fprintf(b, "INSERT INTO %s VALUES ", table)
		default:
			b.WriteString(", ")
		}
		fmt.Fprintf(b, "(%s)", row(i))
		if i%insertedAtOnce == insertedAtOnce-1 || i == n-1 {
			b.WriteString(";\n")
		}
	}
}

// insertNumbers fills a table of whole numbers, given column by column; as text a million
// of them take a minute, and bound at once three million take a gigabyte.
func insertNumbers(ctx context.Context, conn *sql.Conn, table string, columns ...[]int64) error {
	const atOnce = 100_000
	for n := len(columns[0]); n > 0; n = len(columns[0]) {
		some := make([][]int64, len(columns))
		for i := range columns {
			some[i], columns[i] = columns[i][:min(n, atOnce)], columns[i][min(n, atOnce):]
		}
		if err := insertSome(ctx, conn, table, some); err != nil {
			return err
		}
	}
	return nil
}

func insertSome(ctx context.Context, conn *sql.Conn, table string, columns [][]int64) error {
	var values []string
	var bound []any
	for i, column := range columns {
		name := fmt.Sprintf("c%d", i)
		values = append(values, "unnest($"+name+"::BIGINT[])")
		bound = append(bound, sql.Named(name, column))
	}
	_, err := conn.ExecContext(ctx, "INSERT INTO "+table+" SELECT "+strings.Join(values, ", "), bound...)
	return err
}
