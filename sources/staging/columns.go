package staging

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"entrepot/schemas/sqltext"
	"entrepot/sources"
)

// cell is the SQL that reads a shared column from the fields c0, c1 and so on.
func (l layout) cell(c sources.Column) string {
	if text, ok := l.Fixed[c]; ok {
		return sqltext.Literal(text)
	}
	i, ok := l.At[c]
	if !ok {
		return "NULL::VARCHAR"
	}
	field := fmt.Sprintf("c%d", i)
	for _, m := range l.Read[c] {
		field = call(m, field)
	}
	if slices.Contains(numeric, c) {
		field = call(l.Numbers, field)
	}
	return field
}

// numeric are the columns that hold amounts.
var numeric = []sources.Column{sources.ColQuantity, sources.ColNetWeight, sources.ColCIF, sources.ColFOB, sources.ColValue}

// call is the SQL of a text that a macro reads; the text itself without a macro.
func call(m sources.Macro, text string) string {
	if m.Name == "" {
		return text
	}
	args := []string{text}
	for _, arg := range m.Args {
		switch v := arg.(type) {
		case int:
			args = append(args, strconv.Itoa(v))
		case string:
			args = append(args, sqltext.Literal(v))
		case []string:
			var list []string
			for _, each := range v {
				list = append(list, sqltext.Literal(each))
			}
			args = append(args, "["+strings.Join(list, ", ")+"]")
		}
	}
	return m.Name + "(" + strings.Join(args, ", ") + ")"
}

// cells is the query that reads the file's shared columns as text, in the order
// of the file. DuckDB parses only the columns that are asked for. Rows that were copied
// stand behind the place of their file and their line; see copyRecords.
func (l layout) cells(from string, copied bool) string {
	var b strings.Builder
	b.WriteString("SELECT ")
	for _, c := range sources.Columns() {
		if c == sources.ColSurplus {
			continue
		}
		fmt.Fprintf(&b, "%s AS %s, ", l.cell(c), c)
	}
	if l.Extra {
		fmt.Fprintf(&b, "c%d AS surplus, ", l.Width()-1)
	} else {
		b.WriteString("NULL::VARCHAR AS surplus, ")
	}
	fmt.Fprintf(&b, "%s AS part, ", l.part())
	switch {
	case copied:
		b.WriteString("TRY_CAST(c0 AS BIGINT) AS place, TRY_CAST(c1 AS BIGINT) AS record")
	case l.Numbered:
		b.WriteString("0::BIGINT AS place, TRY_CAST(c0 AS BIGINT) AS record")
	default:
		b.WriteString("0::BIGINT AS place, NULL::BIGINT AS record")
	}
	return b.String() + " FROM " + from
}

// part tells the parts of a cell from rows that nothing tells apart: it is a hash of the
// fields that can.
func (l layout) part() string {
	if !l.Parts {
		return "NULL::UBIGINT"
	}
	var fields []string
	for i := range l.Width() {
		if l.TellsApart(i) {
			fields = append(fields, fmt.Sprintf("coalesce(c%d, '')", i))
		}
	}
	if len(fields) == 0 {
		return "NULL::UBIGINT"
	}
	return "hash(concat_ws(chr(31), " + strings.Join(fields, ", ") + "))"
}

// wideCells is the same for a file that has a column for each period: it makes a
// row of each cell, and one without a value of each record that has none.
func (l layout) wideCells() string {
	var b strings.Builder
	b.WriteString("SELECT ")
	for _, c := range sources.Columns() {
		switch {
		case c == sources.ColYear || c == sources.ColMonth || c == sources.ColFlow || c == sources.ColReporter || c == sources.ColPartner:
			fallback := l.cell(c)
			fmt.Fprintf(&b, "coalesce(v.%s, %s) AS %[1]s, ", c, fallback)
		case c == sources.ColFrequency:
			b.WriteString("CASE WHEN v.month IS NULL THEN 'A' ELSE 'M' END AS frequency, ")
		case c == sources.ColRevision && l.RevisionOfYear.Name != "":
			b.WriteString(call(l.RevisionOfYear, "v.year") + " AS hs_revision, ")
		case c == sources.ColValue:
			b.WriteString(call(l.Numbers, "v.value") + " AS value, ")
		case c == sources.ColBasis:
			fmt.Fprintf(&b, "coalesce(v.basis, %s) AS basis, ", l.cell(c))
		case c == sources.ColSurplus && l.Extra:
			fmt.Fprintf(&b, "c%d AS surplus, ", l.Width()-1)
		case c == sources.ColSurplus:
			b.WriteString("NULL::VARCHAR AS surplus, ")
		default:
			fmt.Fprintf(&b, "%s AS %s, ", l.cell(c), c)
		}
	}
	fmt.Fprintf(&b, "%s AS part, 0::BIGINT AS place, record FROM wide_rows, LATERAL (VALUES ", l.part())
	for _, w := range l.Wide {
		fmt.Fprintf(&b, "(%s, %s, %s, %s, %s, %s, %s), ", l.wideField(w), l.mark(w), textOrNull(number(w.Year)), textOrNull(number(w.Month)),
			textOrNull(w.Flow), textOrNull(w.Reporter), textOrNull(w.Partner))
	}
	// A record without any value is one row, so that it is counted.
	b.WriteString("(CASE WHEN coalesce(")
	for _, w := range l.Wide {
		b.WriteString(l.wideField(w) + ", ")
	}
	b.WriteString("NULL) IS NULL THEN '' END, NULL, NULL, NULL, NULL, NULL, NULL)) v(value, basis, year, month, flow, reporter, partner) WHERE v.value IS NOT NULL")
	return b.String()
}

func (l layout) wideField(w sources.WideColumn) string {
	return call(l.WideValue, fmt.Sprintf("c%d", w.Index))
}

// mark is the SQL of the mark of a cell in a wide column.
func (l layout) mark(w sources.WideColumn) string {
	if l.Marks == 0 {
		return "NULL::VARCHAR"
	}
	return fmt.Sprintf("c%d", w.Index+l.Marks)
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func textOrNull(s string) string {
	if s == "" {
		return "NULL::VARCHAR"
	}
	return sqltext.Literal(s)
}
