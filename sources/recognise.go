package sources

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"

	"entrepot/sources/decode"

	"golang.org/x/text/encoding/charmap"
)

// Table is the beginning of a delimited file, seen from one of its first rows as
// the header.
type Table struct {
	Delimiter     rune
	Header        []string // names, trimmed
	Marks         int      // fields behind the named ones that hold the marks of the cells
	Extra         bool     // rows have one field more than the header has names
	Numbered      bool     // the first field is the row's number in a sheet
	HeaderRecords int64    // records up to the header, which is the last of them
	Skipped       int      // records and blank lines up to the header

	rows [][]string // the first whole rows
}

const (
	sampleRows = 400
	maxTitles  = 40 // rows that may stand above a header
)

// Recognise names the format of a prepared file by its header and first rows. A
// file of no known format gives a *Refusal that names the nearest one.
func Recognise(p *Prepared, s Settings) (*Layout, error) {
	records, delimiter, err := readRecords(p)
	if err != nil {
		return nil, err
	}
	layout, err := recognise(p, s, records, delimiter)
	if err != nil {
		return nil, err
	}
	if err := layout.apply(s); err != nil {
		return nil, err
	}
	layout.Notes = append(layout.Notes, p.Notes...)
	if p.OpenAt > 0 && p.Delimiter == 0 {
		if p.Records <= layout.HeaderRecords {
			return nil, refuse("has a header with a quote that opens on line %d and is never closed; download it again", p.OpenAt)
		}
		if p.Unended && p.OpenAt == p.Lines {
			return nil, refuse("is cut off: its last line, %d, ends inside quotes; download it again", p.Lines)
		}
		layout.Notes = append(layout.Notes, fmt.Sprintf("a quote that opens on line %d is never closed: what stands behind it is one broken row", p.OpenAt))
	}
	if layout.CodeList {
		return layout, nil
	}
	if p.Records <= layout.HeaderRecords {
		layout.Notes = append(layout.Notes, "it has a header and no rows: the query found nothing, which is no zero")
	}
	layout.Plain = layout.Plain && !p.Exponents // how a value is written is only seen as text
	if note := knownCap(p.Records-layout.HeaderRecords, p.Records); note != "" {
		layout.Notes = append(layout.Notes, note)
		layout.MaybeCut, layout.allPartners = true, layout.allPartners && s.World == "sum"
	}
	if err := layout.complete(); err != nil {
		return nil, err
	}
	return layout, layout.setNumbers(s)
}

// knownCap says that a file has just as many rows as a program or a site gives at the
// most; "" when it has not. lines counts the header, too.
func knownCap(rows, lines int64) string {
	switch {
	case lines == 1_048_576 || lines == 65_536:
		return fmt.Sprintf("it has %d lines, as many as a sheet of a spreadsheet holds: it was probably cut there, and is not taken for whole; unpack or download it again", lines)
	case slices.Contains([]int64{500, 50_000, 100_000, 250_000}, rows):
		return fmt.Sprintf("it has exactly %d rows, a number at which sites cut off without a word: it may be cut, and is not taken for whole; make sure that none are missing", rows)
	}
	return ""
}

func recognise(p *Prepared, s Settings, records [][]string, delimiter rune) (*Layout, error) {
	tries := formats
	if len(s.Columns) > 0 {
		tries = []*format{mapping}
	}
	for at := range min(len(records), maxTitles) {
		if layout, err := readHeader(tries, tableAt(p, records, delimiter, at), p, s); layout != nil || err != nil {
			return layout, err
		}
	}
	for _, f := range tries {
		if f.readAll == nil {
			continue
		}
		if layout, err := f.readAll(f, p, records, delimiter, s); layout != nil || err != nil {
			return layout, err
		}
	}
	if err := textFault(p, records); err != nil {
		return nil, err
	}
	if len(s.Columns) > 0 {
		return nil, unmapped(records, s)
	}
	return nil, unknownFormat(p, records)
}

// readHeader asks the formats whether a row is their header.
func readHeader(tries []*format, t Table, p *Prepared, s Settings) (*Layout, error) {
	var near nearly
	for _, f := range tries {
		if f.read == nil {
			continue
		}
		layout, err := f.read(f, t, p, s)
		if layout != nil || err != nil && !errors.As(err, &near) {
			return layout, err
		}
	}
	return nil, near.error
}

// nearly is the refusal of a header that lacks something of a format, unless it is
// another's.
type nearly struct{ error }

func (n nearly) Unwrap() error { return n.error }

// readRecords parses the beginning of the file.
func readRecords(p *Prepared) ([][]string, rune, error) {
	head := p.Head
	if len(head) == 0 {
		return nil, 0, refuse("is empty")
	}
	if nuls := bytes.Count(head, []byte{0}); nuls > len(head)/100 {
		return nil, 0, refuse("is binary, not a table of text")
	}
	if !p.UTF8 {
		head, _ = charmap.Windows1252.NewDecoder().Bytes(head)
	}
	if p.Size > int64(len(p.Head)) { // the last line of the head may be cut
		if end := bytes.LastIndexByte(head, '\n'); end >= 0 {
			head = head[:end]
		}
	}
	line, _, _ := bytes.Cut(head, []byte{'\n'})
	if len(line) > decode.MaxHeaderBytes {
		return nil, 0, refuse("has a first line of more than %d bytes, so it is no table", decode.MaxHeaderBytes)
	}
	delimiter := p.Delimiter
	if delimiter == 0 {
		delimiter = delimiterOf(head)
	}
	reader := csv.NewReader(bytes.NewReader(head))
	reader.Comma, reader.FieldsPerRecord, reader.LazyQuotes = delimiter, -1, true
	var records [][]string
	for len(records) < sampleRows+maxTitles {
		record, err := reader.Read()
		if err != nil {
			if len(records) == 0 {
				return nil, 0, refuse("has no header line: %v", err)
			}
			break // a broken row is for the bulk reader to report, with its line
		}
		for i := range record {
			record[i] = strings.TrimSpace(record[i])
		}
		if p.Marks > 0 && len(record) == 1+2*p.Marks {
			record = record[:1+p.Marks]
		}
		records = append(records, record)
	}
	return records, delimiter, nil
}

// delimiterOf is the delimiter that the first lines have most of. A tab is always
// one: nobody writes it inside a name, but Eurostat joins names with commas.
func delimiterOf(head []byte) rune {
	best, most := ',', 0
	for n, line := 0, head; n < 20 && len(line) > 0; n++ {
		var first []byte
		first, line, _ = bytes.Cut(line, []byte{'\n'})
		if bytes.ContainsRune(first, '\t') {
			return '\t'
		}
		for _, d := range []rune{',', ';', '|'} {
			if count := bytes.Count(first, []byte(string(d))); count > most {
				best, most = d, count
			}
		}
		if most > 0 && n == 0 { // the header decides, if it is the first line
			break
		}
	}
	return best
}

// tableAt takes the record of that number for the header.
func tableAt(p *Prepared, records [][]string, delimiter rune, at int) Table {
	t := Table{Delimiter: delimiter, Header: records[at], rows: records[at+1:], Numbered: p.Numbered, Marks: p.Marks}
	t.HeaderRecords, t.Skipped = int64(at+1), decode.SkippedUnits(p.Head, at+1)
	// Most rows decide, so that one broken row does not change how all are read.
	longer := 0
	for _, row := range t.rows {
		if len(row) == len(t.Header)+1 {
			longer++
		}
	}
	t.Extra = longer*2 > len(t.rows)
	return t
}

// Width is the number of fields of a data row.
func (t Table) Width() int {
	if t.Extra {
		return len(t.Header) + t.Marks + 1
	}
	return len(t.Header) + t.Marks
}

// index finds a column by its name; -1 when there is none.
func (t Table) index(name string) int {
	return slices.IndexFunc(t.Header, func(h string) bool { return strings.EqualFold(h, name) })
}

// named finds a column by a publisher's name of it, however a program rewrote that; see
// decode.PlainName. It is -1 when there is none.
func (t Table) named(name string) int {
	name = decode.PlainName(name)
	return slices.IndexFunc(t.Header, func(h string) bool { return decode.PlainName(h) == name })
}

// find maps shared columns onto positions by the names in names.
func (t Table) find(names map[string]Column) map[Column]int {
	at := map[Column]int{}
	for i, h := range t.Header {
		if c, ok := names[decode.PlainName(h)]; ok {
			if _, twice := at[c]; !twice {
				at[c] = i
			}
		}
	}
	return at
}

// values lists the distinct values that a column has in the first rows.
func (t Table) values(at map[Column]int, c Column) []string {
	i, ok := at[c]
	if !ok {
		return nil
	}
	var distinct []string
	for _, row := range t.rows {
		if i < len(row) && !slices.Contains(distinct, row[i]) {
			distinct = append(distinct, row[i])
		}
	}
	return distinct
}

func has(at map[Column]int, columns ...Column) bool {
	return !slices.ContainsFunc(columns, func(c Column) bool { _, ok := at[c]; return !ok })
}

// apply lets the settings fill in or override what the file says.
func (l *Layout) apply(s Settings) error {
	if s.Source != "" {
		l.Source = s.Source
	}
	if s.Reporter != "" {
		l.fixArea(ColReporter, s.Reporter)
	}
	if s.Partner != "" {
		l.fixArea(ColPartner, s.Partner)
	}
	if s.Flow != "" {
		l.Fixed[ColFlow] = s.Flow
	}
	if s.Year != "" {
		l.Fixed[ColPeriod] = strings.ReplaceAll(s.Year, "-", "")
	}
	l.applyRevision(s)
	if s.Unit != "" {
		l.unit, _ = parseUnit(s.Unit) // Check has looked at it
	}
	if len(s.Rates) > 0 {
		l.Rates = s.Rates
	}
	if s.Data == "mirrored" {
		l.Fixed[ColBasis] = "mirrored"
	}
	l.allPartners = l.allPartners || s.World == "sum"
	return l.applyCode(s.Code)
}

// applyRevision says the HS revision of rows that do not say it. A revision that a
// reader only derived is replaced.
func (l *Layout) applyRevision(s Settings) {
	_, column := l.At[ColRevision]
	said := column && len(l.Read[ColRevision]) == 0
	switch {
	case s.Revision == "" && len(s.Revisions) == 0:
	case s.Revision != "" && !said:
		l.Fixed[ColRevision] = s.Revision
	case s.Revision != "":
		l.Revisions = []YearRevision{{0, s.Revision}}
	default:
		delete(l.Fixed, ColRevision)
		if !said {
			delete(l.At, ColRevision)
			delete(l.Read, ColRevision)
			l.RevisionOfYear = Macro{}
		}
		l.Revisions = s.byYear()
	}
}

// applyCode sets the code of all rows of a file that does not say it.
func (l *Layout) applyCode(code string) error {
	said, fixed := l.Fixed[ColCode]
	_, column := l.At[ColCode]
	switch {
	case code == "":
		return nil
	case column:
		return refuse("has a column of codes (%q), and 'code: %s' under files: in entrepot.yaml says one for all rows: take that out, or let its 'match' fit other files", l.ColumnName(ColCode), code)
	case fixed && said != code:
		return refuse("says above the table that its code is %s, and 'code:' under files: in entrepot.yaml that it is %s: take that out, or let its 'match' fit other files", said, code)
	}
	l.Fixed[ColCode] = code
	return nil
}

// fixArea sets the reporter or partner of all rows, by its M49 code.
func (l *Layout) fixArea(c Column, code string) {
	if l.Areas != "" {
		code = FixedArea + code
	}
	l.Fixed[c] = code
}

// FixedArea stands before a code that is M49 whatever the file's own codes are.
const FixedArea = "#"

// complete refuses a file of which something essential is unknown. A wrong unit
// would be a factor of 1,000, a wrong flow the opposite figure.
func (l *Layout) complete() error {
	known := func(c Column) bool {
		return l.Says(c) || slices.ContainsFunc(l.Wide, func(w WideColumn) bool {
			return c == ColFlow && w.Flow != "" || c == ColReporter && w.Reporter != "" || c == ColPartner && w.Partner != "" || c == ColYear
		})
	}
	var missing []string
	for _, m := range []struct {
		c        Column
		what, as string
	}{
		{ColReporter, "the reporter", "reporter: CHN"}, {ColPartner, "the partner", "partner: 0"}, {ColFlow, "the flow", "flow: M"},
		{ColCode, "the HS code", "code: 854231"},
	} {
		if !known(m.c) {
			missing = append(missing, fmt.Sprintf("%s ('%s')", m.what, m.as))
		}
	}
	if !known(ColYear) && !known(ColPeriod) {
		missing = append(missing, "the year ('year: 2023')")
	}
	if l.unit.currency == "" {
		missing = append(missing, "the unit ('unit: thousand USD')")
	}
	if l.unit.currency != "" && l.unit.currency != "USD" && len(l.Rates) == 0 {
		missing = append(missing, fmt.Sprintf("the rates of exchange, because its values are in %s ('rates: {2023: 1.0813}', US dollars for one %s)", l.unit, l.unit.currency))
	}
	if len(missing) > 0 {
		return refuse("is of format %s, but does not say %s: say it in entrepot.yaml under files:", l.Format, strings.Join(missing, ", "))
	}
	return nil
}

// unknownFormat names the nearest format and the first thing that differs.
func unknownFormat(p *Prepared, records [][]string) error {
	best, most, lacks, header := "", 0, "", records[0]
	for _, record := range records[:min(len(records), maxTitles)] {
		if title, missing, found := nearest(record, p.Kind == "json"); found > most {
			best, most, lacks, header = title, found, missing, record
		}
	}
	if p.Numbered && len(header) > 0 {
		header = header[1:]
	}
	begins := decode.Abbreviate(strings.Join(header, ","), 80)
	if most < 2 {
		return refuse("is in no known format: the header begins with %q; 'columns:' under files: in entrepot.yaml says which column is what", begins)
	}
	return refuse("is in no known format; the nearest is %s, but there is no column %q (the header begins with %q); "+
		"download it again with all columns, or say which column is what with 'columns:' under files: in entrepot.yaml", best, lacks, begins)
}
