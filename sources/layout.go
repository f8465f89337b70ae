package sources

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// column is a column that all sources share. A source has some of them.
type column string

const (
	colType         column = "type"      // 'C' goods, 'S' services
	colFrequency    column = "frequency" // 'A' annual, 'M' monthly
	colYear         column = "year"
	colMonth        column = "month"
	colPeriod       column = "period" // 2022 or 202207
	colReporter     column = "reporter"
	colFlow         column = "flow"
	colPartner      column = "partner"
	colPartner2     column = "partner2"
	colRevision     column = "hs_revision"
	colOriginal     column = "original"
	colCode         column = "code"
	colLevel        column = "level"
	colCustoms      column = "customs"
	colSupply       column = "supply"
	colTransport    column = "transport"
	colQuantityUnit column = "quantity_unit"
	colQuantity     column = "quantity"
	colNetWeight    column = "net_weight"
	colCIF          column = "cif"
	colFOB          column = "fob"
	colValue        column = "value"
	colBasis        column = "basis"   // '' as reported; 'mirror', 'mixed', 'estimated' or 'partial' as ITC marks its cells
	colSurplus      column = "surplus" // what stands behind the last named field
)

// columns lists them in the order in which read.sql has them.
var columns = []column{
	colType, colFrequency, colYear, colMonth, colPeriod, colReporter, colFlow, colPartner, colPartner2,
	colRevision, colOriginal, colCode, colLevel, colCustoms, colSupply, colTransport,
	colQuantityUnit, colQuantity, colNetWeight, colCIF, colFOB, colValue, colBasis, colSurplus,
}

// Layout is how a file's columns map onto the shared ones.
type Layout struct {
	Format string   // such as "comtrade-csv"
	Source string   // such as "comtrade": two sources of one cell never add up
	Notes  []string // what a user should know before trusting the file

	table
	at      map[column]int
	written map[column]string // SQL that reads a column, with %[1]s for the cell; others are trimmed
	fixed   map[column]string // columns that are the same in every row
	wide    []wideColumn      // values that stand in a column of their own for each period
	areas   string            // how areas are written: "" by M49, else a scheme of area_keys, "m49", or ownAreas
	own     map[string]string // keys of areas that go before areas: their M49 or ISO-3 codes
	unit    unit
	rates   map[string]string
	rollUp  bool     // codes of more than six digits count under their first six
	parts   bool     // rows of one cell are its parts, and add up
	sums    bool     // the file has all partners of its reporters
	plain   bool     // bulk.sql may read it
	kilos   int      // kilograms in one unit of net_weight
	absent  []string // texts that stand for nothing in a field that is no text

	numbers    string // SQL that reads a number as the file writes it, with %[1]s for the cell; "" for DuckDB's own way
	wideValue  string // SQL that reads a cell of a wide column, with %[1]s for it
	revisionOf string // SQL of the HS revision of a wide column, with %[1]s for its year; "" when it does not follow from that
	bothSides  bool   // each row is an export of the reporter and an import of the partner
	inferred   string // the HS revision that the file does not say, found by its codes
	codeList   bool   // the file is no trade, but a list of codes that belongs to it
}

// ownAreas is a scheme of which area_keys has nothing.
const ownAreas = "own"

// columnName is the file's own name of a shared column, for messages.
func (l *Layout) columnName(c column) string {
	if i, ok := l.at[c]; ok && i < len(l.header) {
		return l.header[i]
	}
	return string(c)
}

// Unit says what one of the file's values is, such as "thousand USD".
func (l *Layout) Unit() string { return l.unit.String() }

// BothSides tells whether each row is an export of the reporter and an import of
// the partner.
func (l *Layout) BothSides() bool { return l.bothSides }

// AllPartners tells whether the file has all partners of its reporters, so that World
// is their sum.
func (l *Layout) AllPartners() bool { return l.sums }

// cell is the SQL that reads a shared column from the fields c0, c1 and so on.
func (l *Layout) cell(c column) string {
	if text, ok := l.fixed[c]; ok {
		return quote(text)
	}
	i, ok := l.at[c]
	if !ok {
		return "NULL::VARCHAR"
	}
	field := fmt.Sprintf("c%d", i)
	if sql, ok := l.written[c]; ok {
		field = fmt.Sprintf(sql, field)
	}
	if l.numbers != "" && slices.Contains(numeric, c) {
		field = fmt.Sprintf(l.numbers, field)
	}
	return field
}

// numeric are the columns that hold amounts.
var numeric = []column{colQuantity, colNetWeight, colCIF, colFOB, colValue}

// cells is the query that reads the file's shared columns as text, in the order
// of the file. DuckDB parses only the columns that are asked for.
func (l *Layout) cells(from string) string {
	var b strings.Builder
	b.WriteString("SELECT ")
	for _, c := range columns {
		if c == colSurplus {
			continue
		}
		fmt.Fprintf(&b, "%s AS %s, ", l.cell(c), c)
	}
	if l.extra {
		fmt.Fprintf(&b, "c%d AS surplus, ", l.width()-1)
	} else {
		b.WriteString("NULL::VARCHAR AS surplus, ")
	}
	fmt.Fprintf(&b, "%s AS part, ", l.part())
	if l.numbered {
		b.WriteString("TRY_CAST(c0 AS BIGINT) AS record")
	} else {
		b.WriteString("NULL::BIGINT AS record")
	}
	return b.String() + " FROM " + from
}

// part tells the parts of a cell from a row that stands in the file twice: it is
// a hash of all fields.
func (l *Layout) part() string {
	if !l.parts {
		return "NULL::UBIGINT"
	}
	var fields []string
	for i := range l.width() {
		if i > 0 || !l.numbered {
			fields = append(fields, fmt.Sprintf("coalesce(c%d, '')", i))
		}
	}
	return "hash(concat_ws(chr(31), " + strings.Join(fields, ", ") + "))"
}

// wideCells is the same for a file that has a column for each period: it makes a
// row of each cell, and one without a value of each record that has none.
func (l *Layout) wideCells() string {
	var b strings.Builder
	b.WriteString("SELECT ")
	for _, c := range columns {
		switch {
		case c == colYear || c == colMonth || c == colFlow || c == colReporter || c == colPartner:
			fallback := l.cell(c)
			fmt.Fprintf(&b, "coalesce(v.%s, %s) AS %[1]s, ", c, fallback)
		case c == colFrequency:
			b.WriteString("CASE WHEN v.month IS NULL THEN 'A' ELSE 'M' END AS frequency, ")
		case c == colRevision && l.revisionOf != "":
			fmt.Fprintf(&b, l.revisionOf+" AS hs_revision, ", "v.year")
		case c == colValue:
			value := "v.value"
			if l.numbers != "" {
				value = fmt.Sprintf(l.numbers, value)
			}
			b.WriteString(value + " AS value, ")
		case c == colBasis:
			fmt.Fprintf(&b, "coalesce(v.basis, %s) AS basis, ", l.cell(c))
		case c == colSurplus && l.extra:
			fmt.Fprintf(&b, "c%d AS surplus, ", l.width()-1)
		case c == colSurplus:
			b.WriteString("NULL::VARCHAR AS surplus, ")
		default:
			fmt.Fprintf(&b, "%s AS %s, ", l.cell(c), c)
		}
	}
	fmt.Fprintf(&b, "%s AS part, record FROM wide_rows, LATERAL (VALUES ", l.part())
	for _, w := range l.wide {
		fmt.Fprintf(&b, "(%s, %s, %s, %s, %s, %s, %s), ", l.wideField(w), l.mark(w), textOrNull(number(w.year)), textOrNull(number(w.month)),
			textOrNull(w.flow), textOrNull(w.reporter), textOrNull(w.partner))
	}
	// A record without any value is one row, so that it is counted.
	b.WriteString("(CASE WHEN coalesce(")
	for _, w := range l.wide {
		b.WriteString(l.wideField(w) + ", ")
	}
	b.WriteString("NULL) IS NULL THEN '' END, NULL, NULL, NULL, NULL, NULL, NULL)) v(value, basis, year, month, flow, reporter, partner) WHERE v.value IS NOT NULL")
	return b.String()
}

func (l *Layout) wideField(w wideColumn) string {
	field := fmt.Sprintf("c%d", w.index)
	if l.wideValue != "" {
		return fmt.Sprintf(l.wideValue, field)
	}
	return field
}

// mark is the SQL of the mark of a cell in a wide column.
func (l *Layout) mark(w wideColumn) string {
	if l.marks == 0 {
		return "NULL::VARCHAR"
	}
	return fmt.Sprintf("c%d", w.index+l.marks)
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
	return quote(s)
}

// value is the SQL of a value in US dollars.
func (l *Layout) value() string {
	if len(l.rates) == 0 {
		return scaled("value", l.unit.factor)
	}
	return "TRY_CAST(coalesce(CAST(TRY_CAST(value AS DECIMAL(18,4)) AS DECIMAL(20,4)), TRY_CAST(value AS DECIMAL(20,4))) * (" + l.rate() + ") AS DECIMAL(18,3))"
}

// rate is the SQL of the US dollars for one of the file's units in a row's period;
// "" when its values are dollars.
func (l *Layout) rate() string {
	if len(l.rates) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("CASE ")
	// Months stand before years, so that the closer rate is found first.
	keys := sortedKeys(l.rates)
	slices.SortStableFunc(keys, func(a, b string) int { return len(b) - len(a) })
	for _, period := range keys {
		year, month, _ := strings.Cut(period, "-")
		fmt.Fprintf(&b, "WHEN year_number = %s", year)
		if month != "" {
			fmt.Fprintf(&b, " AND month_number = %s", strings.TrimPrefix(month, "0"))
		}
		fmt.Fprintf(&b, " THEN CAST(CAST(%s AS DECIMAL(12,10)) * %d AS DECIMAL(18,10)) ", quote(l.rates[period]), l.unit.factor)
	}
	return b.String() + "END"
}

// room says how many decimals a number has that is read to be multiplied by 1, 1,000
// or 1,000,000, so that the third decimal of the product is right, and below which
// number the product stays within the 18 digits of a short decimal. DuckDB reads longer
// ones forty times slower, and multiplies short ones without room for a longer result.
func room(factor int) (decimals, below int) {
	switch factor {
	case 1000:
		return 6, 1_000_000_000
	case 1_000_000:
		return 9, 1000
	}
	return 3, 1_000_000_000_000_000
}

// scaled is the SQL of a text times 1, 1,000 or 1,000,000, to the third decimal.
func scaled(text string, factor int) string {
	if factor <= 1 {
		return fmt.Sprintf("TRY_CAST(%s AS DECIMAL(18,3))", text)
	}
	decimals, below := room(factor)
	product := func(digits int) string {
		return fmt.Sprintf("TRY_CAST(TRY_CAST(%s AS DECIMAL(%d,%d)) * %d AS DECIMAL(18,3))", text, digits, decimals, factor)
	}
	return fmt.Sprintf("CASE WHEN abs(TRY_CAST(%s AS DECIMAL(18,%d))) < %d THEN %s ELSE %s END", text, decimals, below, product(18), product(29))
}

// times is the SQL of a number that was read with so many decimals, times the factor;
// NULL where there is no room for the product.
func times(number string, factor int) string {
	if factor <= 1 {
		return number
	}
	_, below := room(factor)
	return fmt.Sprintf("CASE WHEN abs(%s) < %d THEN CAST(%[1]s * %[3]d AS DECIMAL(18,3)) END", number, below, factor)
}

// readCSV is the call of DuckDB's reader that reads text. Everything is declared: a
// reader that guesses turns the code 010121 into the number 10121.
func (l *Layout) readCSV(p *Prepared) string {
	return l.reader([]*Prepared{p}, nil, nil, "csv_errors", 0)
}

// reader is the call of DuckDB's reader for files of one layout. Fields are text but
// for those with types, and nothing where they are empty or one of the texts absent.
// What is no row, or has a field that is not of its type, goes to errorTable,
// which takes no more than limit lines; 0 is any number. Without such a table it is
// dropped.
func (l *Layout) reader(files []*Prepared, types map[int]string, absent []string, errorTable string, limit int) string {
	paths, names, nulls := []string{}, []string{}, []string{"''"}
	for _, text := range absent {
		nulls = append(nulls, quote(text))
	}
	for _, p := range files {
		paths = append(paths, quote(escapeGlob(p.Plain)))
	}
	for i := range l.width() {
		names = append(names, fmt.Sprintf("'c%d': '%s'", i, cmp.Or(types[i], "VARCHAR")))
	}
	rejects := ""
	if errorTable != "" {
		rejects = fmt.Sprintf(", store_rejects = true, rejects_table = '%s', rejects_scan = '%[1]s_scans', rejects_limit = %[2]d", errorTable, limit)
	}
	threads := "parallel = false"
	if files[0].Longest < longRecord {
		threads = fmt.Sprintf("buffer_size = %d", bufferBytes)
	}
	encoding := "utf-8"
	if !files[0].UTF8 {
		// Names are windows-1252 in such files, but no column that is read has
		// any; latin-1 is the one-byte encoding that DuckDB reads by itself.
		encoding = "latin-1"
	}
	return fmt.Sprintf("read_csv([%s], auto_detect = false, header = false, skip = %d, delim = %s, quote = '\"', escape = '\"', "+
		"nullstr = [%s], encoding = '%s', columns = {%s}, %s, ignore_errors = true%s)",
		strings.Join(paths, ", "), l.skipped, quote(string(l.delimiter)), strings.Join(nulls, ", "), encoding, strings.Join(names, ", "), threads, rejects)
}

// bufferBytes is how much text is read at a time, of which a thread parses a quarter:
// with twice DuckDB's own, that is a row group, which DuckDB writes as it is instead
// of copying it to one first.
const bufferBytes = 64 << 20

// Several threads that meet a record of megabytes lose the order of the rows, and
// with it their lines.
const longRecord = 64 << 10

// quote makes an SQL string. A NUL would end the statement.
func quote(s string) string {
	text := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(text, "\x00") {
		text = "(" + strings.ReplaceAll(text, "\x00", "' || chr(0) || '") + ")"
	}
	return text
}

// escapeGlob keeps read_csv from expanding a name such as "TradeData[1].csv".
func escapeGlob(path string) string {
	return strings.NewReplacer("[", "[[]", "]", "[]]", "*", "[*]", "?", "[?]").Replace(path)
}
