package portable

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The tables that stand for staged_rows in a lake: the rows of all objects that were ever
// staged, and the list of those that count in a run, with the numbers of their files.
const (
	LakeRows       = "lake_rows"
	ObjectsInForce = "objects_in_force"

	stagedRows = "staged_rows"
	// ObjectColumn tells in both tables of which object a row is.
	ObjectColumn = "object"
	fileID       = "file_id"
)

// lakeTypes are the types in a lake of columns that DuckDB has in its own way; ENUM is text.
var lakeTypes = map[string]string{"TINYINT": "INTEGER", "SMALLINT": "INTEGER", "UBIGINT": "BIGINT", "HUGEINT": "DECIMAL(38,0)", "FLOAT": "DOUBLE"}

// LakeColumns are the columns of an object's rows in a lake, and for each the SQL that
// makes it of a row of staged_rows.
func (w *Writer) LakeColumns() (columns []Column, of []string) {
	columns, of = w.PlainColumns(stagedRows)
	at := slices.IndexFunc(columns, func(c Column) bool { return c.Name == fileID })
	return slices.Delete(columns, at, at+1), slices.Delete(of, at, at+1)
}

// FromLake is the other way: for each column of staged_rows, in its order, the SQL that makes it
// of an object's row, which is called row, and of the number of its file.
func (w *Writer) FromLake(row, file string) (of []string) {
	for _, c := range w.tables[stagedRows] {
		text := w.dialect.name(row) + "." + w.dialect.name(c.Name)
		switch {
		case c.Name == fileID:
			text = file
		case c.Type == "UBIGINT":
			text = fmt.Sprintf("CAST(CAST(%s AS HUGEINT) + 9223372036854775808 AS UBIGINT)", text)
		case w.lakeType(c.Type) != c.Type:
			text = fmt.Sprintf("CAST(%s AS %s)", text, c.Type)
		}
		of = append(of, text+" AS "+w.dialect.name(c.Name))
	}
	return of
}

// PlainColumns are the columns of a table with the types that every engine has, and for each
// the SQL that makes it of a row of the table. What no engine shares is left out. A number
// without a sign gets one: only that it is equal to another counts.
func (w *Writer) PlainColumns(table string) (columns []Column, of []string) {
	for _, c := range w.tables[table] {
		plain, text := Column{c.Name, w.lakeType(c.Type)}, w.dialect.name(c.Name)
		if !plainType.MatchString(plain.Type) {
			continue
		}
		if c.Type == "UBIGINT" {
			text = fmt.Sprintf("CAST(%s AS HUGEINT) - 9223372036854775808", text)
		}
		columns, of = append(columns, plain), append(of, fmt.Sprintf("CAST(%s AS %s)", text, plain.Type))
	}
	return columns, of
}

var plainType = regexp.MustCompile(`^(BOOLEAN|INTEGER|BIGINT|DOUBLE|VARCHAR|DATE|DECIMAL\(.*\))$`)

func (w *Writer) lakeType(kind string) string {
	if w.enums[kind] != nil {
		return "VARCHAR"
	}
	if other, found := lakeTypes[kind]; found {
		return other
	}
	return kind
}

// rowsInForce is the query that stands for staged_rows.
func (w *Writer) rowsInForce(columns []Column) string {
	var list []string
	for _, c := range columns {
		from := "r"
		if c.Name == fileID {
			from = "o"
		}
		list = append(list, w.dialect.name(from)+"."+w.dialect.name(c.Name)+" AS "+w.dialect.name(c.Name))
	}
	n := w.dialect.name
	return fmt.Sprintf("SELECT %s\nFROM %s %s\nJOIN %s %s ON %[5]s.%[6]s = %[3]s.%[6]s",
		strings.Join(list, ", "), n(LakeRows), n("r"), n(ObjectsInForce), n("o"), n(ObjectColumn))
}
