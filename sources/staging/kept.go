package staging

import (
	"fmt"
	"strings"

	"entrepot/schemas/sqltext"
)

// Kept is a batch whose rows stayed in the table that they were read into.
type Kept struct {
	Batch  int64
	Rows   int64 // of the table
	Source string
	Spans  []Span
}

// Span says that the rows from FirstRow to LastRow are of a file, and that they stand
// on the lines of their row ids plus Shift. Place is the file's in the batch.
type Span struct {
	Place, FileID, FirstRow, LastRow, Shift int64
}

// codeText is the SQL of the code of a row in a batch's table.
const codeText = "coalesce(CAST(code AS VARCHAR), lpad(CAST(other_code AS VARCHAR), level, '0'))"

// rowsOf is the query for the rows of a batch's table, which from calls r, by the SQL of
// their files and lines.
func rowsOf(file, line, from string) string {
	return "SELECT " + file + " AS file_id, " + line + " AS line, r.reporter, r.partner, r.flow, r.year, r.month, r.hs_revision, r.level, " + codeText + ` AS code,
	r.value_usd, r.net_weight_kg, r.quantity, r.quantity_unit, r.weight_estimated, r.quantity_estimated, r.valuation, r.original, NULL::UBIGINT AS part, r.not_staged
FROM ` + from
}

// joined is the rows of a table with those of a table that has the columns of spans.
func joined(table, spans string) string {
	return table + " r JOIN " + spans + " m ON m.place = r.place AND r.rowid BETWEEN m.first_row AND m.last_row"
}

// joinedToMany is the same for spans by the thousand, each row with which would be compared
// with all of its file. A file's spans leave no row out.
func joinedToMany(table, spans string) string {
	return table + " r ASOF JOIN " + spans + " m ON m.place = r.place AND r.rowid >= m.first_row"
}

// StagedRows is the query for the rows that are staged, with the columns of staged_rows.
func (k Kept) StagedRows() string {
	return "SELECT * EXCLUDE (not_staged) FROM (" + k.query("") + ") WHERE not_staged IS NULL"
}

// CountedRows is the same without the rows that lost their cell, and with the source.
func (k Kept) CountedRows() string {
	lost := fmt.Sprintf(" ANTI JOIN (SELECT row_id FROM lost_rows WHERE batch = %d) d ON d.row_id = r.rowid", k.Batch)
	return "SELECT * EXCLUDE (not_staged), 'row'::row_origin AS origin, " + sqltext.Literal(k.Source) + " AS source FROM (" + k.query(lost) + ") WHERE not_staged IS NULL"
}

// query is for all rows of the files that are still there. Where each file has one span,
// files and lines are looked up in lists, which costs nothing unless they are asked for.
// A join with the spans costs as much as a sum over all rows.
func (k Kept) query(without string) string {
	var files, shifts, gone []string
	rows := int64(0)
	for _, s := range k.Spans {
		rows += s.LastRow - s.FirstRow + 1
		for place := int64(len(files)); place < s.Place; place++ {
			files, shifts, gone = append(files, "NULL"), append(shifts, "NULL"), append(gone, fmt.Sprintf("r.place <> %d", place))
		}
		if int64(len(files)) > s.Place { // a second span
			return rowsOf("m.file_id", "r.rowid + m.shift", joined(TableOf(k.Batch), fmt.Sprintf("(FROM line_ranges WHERE batch = %d)", k.Batch))+without)
		}
		files, shifts = append(files, fmt.Sprint(s.FileID)), append(shifts, fmt.Sprint(s.Shift))
	}
	from := TableOf(k.Batch) + " r" + without
	if rows < k.Rows {
		from += "\nWHERE " + strings.Join(append(gone, fmt.Sprintf("r.place < %d", len(files))), " AND ")
	}
	of := func(list []string) string { return "([" + strings.Join(list, ", ") + "])[r.place + 1]" }
	return rowsOf(of(files), "r.rowid + "+of(shifts), from)
}
