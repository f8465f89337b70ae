package sources

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"

	"golang.org/x/text/encoding/charmap"
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
)

// columns lists them in the order in which read.sql expects them.
var columns = []column{
	colType, colFrequency, colYear, colMonth, colPeriod, colReporter, colFlow, colPartner, colPartner2,
	colRevision, colOriginal, colCode, colLevel, colCustoms, colSupply, colTransport,
	colQuantityUnit, colQuantity, colNetWeight, colCIF, colFOB, colValue,
}

// Layout is how a file's columns map onto the shared ones.
type Layout struct {
	Format string // such as "comtrade-csv"
	Source string // such as "comtrade": two sources of one cell never add up
	table
	at      map[column]int
	written map[column]string // SQL that reads a column, with %[1]s for the cell; others are trimmed
}

// columnName is the file's own name of a shared column, for messages.
func (l *Layout) columnName(c column) string {
	if i, ok := l.at[c]; ok {
		return l.header[i]
	}
	return string(c)
}

// table is the beginning of a delimited file.
type table struct {
	delimiter rune
	header    []string   // names, trimmed
	rows      [][]string // the first whole rows
	extra     bool       // rows have one field more than the header has names
}

const sampleRows = 50

// Recognise names the format of a prepared file by its header and first rows. A
// file of no known format gives a *Refusal.
func Recognise(p *Prepared) (*Layout, error) {
	t, err := readTable(p)
	if err != nil {
		return nil, err
	}
	layout, err := comtrade(t)
	if err == nil && layout == nil {
		layout = legacyComtrade(t)
	}
	if err == nil && layout == nil {
		return nil, refuse("is in no known format: the header begins with %q; UN Comtrade's has reporterCode, flowCode, partnerCode, cmdCode, primaryValue", abbreviate(strings.Join(t.header, string(t.delimiter)), 80))
	}
	return layout, err
}

func readTable(p *Prepared) (table, error) {
	head := p.Head
	switch {
	case len(head) == 0:
		return table{}, refuse("is empty")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return table{}, refuse("is a spreadsheet (.xlsx), which is not supported yet; save the sheet as CSV")
	case bytes.HasPrefix(head, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		return table{}, refuse("is a spreadsheet (.xls), which is not supported yet; save the sheet as CSV")
	case bytes.HasPrefix(bytes.TrimSpace(head), []byte("<")):
		return table{}, refuse("is a web page or XML, not a table; ITC Trade Map's .xls is not supported yet")
	case bytes.HasPrefix(bytes.TrimSpace(head), []byte("{")):
		return table{}, refuse("is JSON, which is not supported yet; download CSV")
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return table{}, refuse("is UTF-16 text; save it as UTF-8")
	case bytes.IndexByte(head, 0) >= 0:
		return table{}, refuse("is binary, not a table of text")
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
	if len(line) > maxHeaderBytes {
		return table{}, refuse("has a first line of more than %d bytes, so it is no table", maxHeaderBytes)
	}
	return parseTable(head, delimiterOf(string(line)))
}

// delimiterOf is the delimiter that the header has most of.
func delimiterOf(header string) rune {
	best, most := ',', 0
	for _, d := range []rune{',', '\t', ';'} {
		if n := strings.Count(header, string(d)); n > most {
			best, most = d, n
		}
	}
	return best
}

func parseTable(head []byte, delimiter rune) (table, error) {
	reader := csv.NewReader(bytes.NewReader(head))
	reader.Comma, reader.FieldsPerRecord, reader.LazyQuotes = delimiter, -1, true
	header, err := reader.Read()
	if err != nil {
		return table{}, refuse("has no header line: %v", err)
	}
	t := table{delimiter: delimiter}
	for _, name := range header {
		t.header = append(t.header, strings.TrimSpace(name))
	}
	for len(t.rows) < sampleRows {
		row, err := reader.Read()
		if err != nil {
			break // a broken row is for the bulk reader to report, with its line
		}
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		t.rows = append(t.rows, row)
	}
	// Most rows decide, so that one broken row does not change how all are read.
	longer := 0
	for _, row := range t.rows {
		if len(row) == len(t.header)+1 {
			longer++
		}
	}
	t.extra = longer*2 > len(t.rows)
	return t, nil
}

// width is the number of fields of a data row.
func (t table) width() int {
	if t.extra {
		return len(t.header) + 1
	}
	return len(t.header)
}

// index finds a column by its name in lower case; -1 when there is none.
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

func abbreviate(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
