package sources

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"entrepot/sources/decode"

	"golang.org/x/text/encoding/charmap"
)

// table is the beginning of a delimited file, seen from one of its first rows as
// the header.
type table struct {
	delimiter     rune
	header        []string   // names, trimmed
	rows          [][]string // the first whole rows
	marks         int        // fields behind the named ones that hold the marks of the cells
	extra         bool       // rows have one field more than the header has names
	numbered      bool       // the first field is the row's number in a sheet
	headerRecords int64      // records up to the header, which is the last of them
	skipped       int        // records and blank lines up to the header
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
	layout.apply(s)
	layout.Notes = append(layout.Notes, p.Notes...)
	if p.OpenAt > 0 && !p.Numbered {
		if p.Records <= layout.headerRecords {
			return nil, refuse("has a header with a quote that opens on line %d and is never closed; download it again", p.OpenAt)
		}
		layout.Notes = append(layout.Notes, fmt.Sprintf("a quote that opens on line %d is never closed: what stands behind it is one broken row", p.OpenAt))
	}
	if layout.codeList {
		return layout, nil
	}
	if p.Records <= layout.headerRecords {
		layout.Notes = append(layout.Notes, "it has a header and no rows: the query found nothing, which is no zero")
	}
	if err := layout.complete(); err != nil {
		return nil, err
	}
	return layout, layout.setNumbers(s)
}

func recognise(p *Prepared, s Settings, records [][]string, delimiter rune) (*Layout, error) {
	tries := formats
	if len(s.Columns) > 0 {
		tries = []*format{mapping}
	}
	for at := range min(len(records), maxTitles) {
		t := tableAt(p, records, delimiter, at)
		for _, f := range tries {
			if f.read == nil {
				continue
			}
			if layout, err := f.read(f, t, p, s); layout != nil || err != nil {
				return layout, err
			}
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
	if len(s.Columns) > 0 {
		return nil, unmapped(records, s)
	}
	return nil, unknownFormat(p, records)
}

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
	delimiter := ','
	if !p.Numbered {
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
func tableAt(p *Prepared, records [][]string, delimiter rune, at int) table {
	t := table{delimiter: delimiter, header: records[at], rows: records[at+1:], numbered: p.Numbered, marks: p.Marks}
	t.headerRecords, t.skipped = int64(at+1), decode.SkippedUnits(p.Head, at+1)
	// Most rows decide, so that one broken row does not change how all are read.
	longer := 0
	for _, row := range t.rows {
		if len(row) == len(t.header)+1 {
			longer++
		}
	}
	t.extra = longer*2 > len(t.rows)
	return t
}

// width is the number of fields of a data row.
func (t table) width() int {
	if t.extra {
		return len(t.header) + t.marks + 1
	}
	return len(t.header) + t.marks
}

// index finds a column by its name; -1 when there is none.
func (t table) index(name string) int {
	return slices.IndexFunc(t.header, func(h string) bool { return strings.EqualFold(h, name) })
}

// find maps shared columns onto positions by the names in names.
func (t table) find(names map[string]column) map[column]int {
	at := map[column]int{}
	for i, h := range t.header {
		if c, ok := names[strings.ToLower(h)]; ok {
			if _, twice := at[c]; !twice {
				at[c] = i
			}
		}
	}
	return at
}

// values lists the distinct values that a column has in the first rows.
func (t table) values(at map[column]int, c column) []string {
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

func has(at map[column]int, columns ...column) bool {
	return !slices.ContainsFunc(columns, func(c column) bool { _, ok := at[c]; return !ok })
}

// apply lets the settings fill in or override what the file says.
func (l *Layout) apply(s Settings) {
	if s.Source != "" {
		l.Source = s.Source
	}
	if s.Reporter != "" {
		l.fixArea(colReporter, s.Reporter)
	}
	if s.Partner != "" {
		l.fixArea(colPartner, s.Partner)
	}
	if s.Flow != "" {
		l.fixed[colFlow] = s.Flow
	}
	if s.Year != "" {
		l.fixed[colPeriod] = strings.ReplaceAll(s.Year, "-", "")
	}
	if s.Revision != "" {
		l.fixed[colRevision] = s.Revision
	}
	if s.Unit != "" {
		l.unit, _ = parseUnit(s.Unit) // Check has looked at it
	}
	if len(s.Rates) > 0 {
		l.rates = s.Rates
	}
	if s.Data == "mirrored" {
		l.fixed[colBasis] = "mirrored"
	}
	l.sums = l.sums || s.World == "sum"
}

// fixArea sets the reporter or partner of all rows, by its M49 code.
func (l *Layout) fixArea(c column, code string) {
	if l.areas != "" {
		code = fixedArea + code
	}
	l.fixed[c] = code
}

// fixedArea stands before a code that is M49 whatever the file's own codes are.
const fixedArea = "#"

// complete refuses a file of which something essential is unknown. A wrong unit
// would be a factor of 1,000, a wrong flow the opposite figure.
func (l *Layout) complete() error {
	known := func(c column) bool {
		_, fixed := l.fixed[c]
		_, found := l.at[c]
		return fixed || found || slices.ContainsFunc(l.wide, func(w wideColumn) bool {
			return c == colFlow && w.flow != "" || c == colReporter && w.reporter != "" || c == colPartner && w.partner != "" || c == colYear
		})
	}
	var missing []string
	for _, m := range []struct {
		c        column
		what, as string
	}{
		{colReporter, "the reporter", "reporter: CHN"}, {colPartner, "the partner", "partner: 0"}, {colFlow, "the flow", "flow: M"},
	} {
		if !known(m.c) {
			missing = append(missing, fmt.Sprintf("%s ('%s')", m.what, m.as))
		}
	}
	if !known(colYear) && !known(colPeriod) {
		missing = append(missing, "the year ('year: 2023')")
	}
	if l.unit.currency == "" {
		missing = append(missing, "the unit ('unit: thousand USD')")
	}
	if l.unit.currency != "" && l.unit.currency != "USD" && len(l.rates) == 0 {
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
