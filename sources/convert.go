package sources

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// convert writes a workbook's sheet, a web page or JSON as CSV for DuckDB. The
// first field of each row is its number in the sheet, or that of the record.
func (p *Prepared) convert(ctx context.Context, content io.Reader, temp string, out io.Writer) error {
	p.Numbered = true
	rows := &gridWriter{csv: csv.NewWriter(out)}
	var err error
	switch p.Kind {
	case "json":
		p.Notes, err = readJSON(content, rows.add)
	case "html":
		if err = readHTML(ctx, content, rows.add); err == nil && rows.empty() {
			err = refuse("is a web page without a table, such as the site's message of an error; download it again")
		}
	default:
		err = p.convertSheet(ctx, content, temp, rows.add)
	}
	if err != nil {
		return err
	}
	return rows.close()
}

func (p *Prepared) convertSheet(ctx context.Context, content io.Reader, temp string, emit emitRow) (err error) {
	path, sheet := p.Path, ""
	if p.Sheet {
		sheet = p.Member
	}
	if p.packed {
		copied, failed := os.CreateTemp(temp, "workbook-*")
		if failed != nil {
			return failed
		}
		path = copied.Name()
		defer func() { err = errors.Join(err, os.Remove(path)) }()
		_, err = io.Copy(copied, content)
		if err = errors.Join(err, copied.Close()); err != nil {
			return err
		}
	}
	if sheet == "" {
		sheets, err := workbookSheets(path)
		if err != nil {
			return err
		}
		if len(sheets) == 0 {
			return refuse("is an archive or an empty workbook inside an archive; unpack it")
		}
		if len(sheets) > 1 {
			return refuse("is a workbook with %d sheets that have data, inside an archive; unpack it, so that each sheet is read by itself", len(sheets))
		}
		sheet = sheets[0]
	}
	if p.Kind == "xls" {
		return readXLS(ctx, path, sheet, emit)
	}
	return readXLSX(ctx, path, sheet, emit)
}

// workbookSheets names the sheets of a workbook that hold any cell; none for a
// file that is no workbook.
func workbookSheets(path string) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	magic := make([]byte, 4)
	if _, err := io.ReadFull(file, magic); err != nil {
		return nil, nil // too short to be one
	}
	switch kindOf(magic) {
	case "xlsx":
		if members, err := zipMembers(path); err != nil || len(members) > 0 {
			return nil, nil
		}
		return xlsxSheets(path)
	case "xls":
		return xlsSheets(path)
	}
	return nil, nil
}

// firstRows is how many rows decide how wide a sheet is.
const firstRows = 1000

// gridWriter writes rows of different lengths as CSV rows of one length.
type gridWriter struct {
	csv   *csv.Writer
	first [][]string
	width int
}

func (g *gridWriter) add(number int64, cells []string) error {
	row := append([]string{strconv.FormatInt(number, 10)}, cells...)
	if g.width == 0 {
		if g.first = append(g.first, row); len(g.first) < firstRows {
			return nil
		}
		return g.begin()
	}
	return g.write(row)
}

// begin writes the rows that were held back.
func (g *gridWriter) begin() error {
	for _, row := range g.first {
		g.width = max(g.width, len(row))
	}
	for _, row := range g.first {
		if err := g.write(row); err != nil {
			return err
		}
	}
	g.first = nil
	return nil
}

// write fills a row up. A row that is longer than all of the first stays so, and
// becomes a reject.
func (g *gridWriter) write(row []string) error {
	for len(row) < g.width {
		row = append(row, "")
	}
	for i, cell := range row {
		row[i] = strings.ToValidUTF8(strings.ReplaceAll(cell, "\r", " "), "\uFFFD")
	}
	return g.csv.Write(row)
}

func (g *gridWriter) empty() bool { return g.width == 0 && len(g.first) == 0 }

func (g *gridWriter) close() error {
	if err := g.begin(); err != nil {
		return err
	}
	g.csv.Flush()
	return g.csv.Error()
}

// tradeMapTable recognises ITC Trade Map in any of its forms. What the lines above
// the table do not say, the settings have to.
func tradeMapTable(p *Prepared, records [][]string, delimiter rune, s Settings) (*Layout, error) {
	rows, shift := records, 0
	if p.Numbered {
		rows, shift = make([][]string, len(records)), 1
		for i, r := range records {
			rows[i] = r[1:]
		}
	}
	m, err := recogniseTradeMap(rows)
	if m == nil || err != nil {
		return nil, err
	}
	t := tableAt(p, records, delimiter, max(m.skip, 1)-1)
	at := map[column]int{}
	if m.code >= 0 {
		at[colCode] = m.code + shift
	}
	l := t.layout("itc-"+p.Kind, "itc", at)
	l.areas, l.rollUp, l.parts = "name", true, true
	l.written[colCode] = `ltrim(trim(%[1]s), '''’')`
	for _, w := range m.wide {
		w.index += shift
		l.wide = append(l.wide, w)
	}
	return l, l.tradeMapFacts(m, shift, s)
}

func (l *Layout) tradeMapFacts(m *tradeMap, shift int, s Settings) error {
	for c, name := range map[column]string{colReporter: m.facts.reporter, colPartner: m.facts.partner} {
		if name != "" {
			l.fixed[c] = name
		}
	}
	switch m.names {
	case namesReporter:
		l.at[colReporter] = m.label + shift
	case namesPartner:
		l.at[colPartner] = m.label + shift
	default:
		if _, named := l.fixed[colPartner]; !named && m.label < 0 {
			l.fixed[colPartner] = fixedArea + "0" // a list of products is that of trade with the World
		}
	}
	if m.facts.flow != "" {
		l.fixed[colFlow] = m.facts.flow
	}
	if m.facts.revision != "" {
		l.fixed[colRevision] = m.facts.revision
	}
	if m.code < 0 {
		code, _, _ := strings.Cut(m.facts.product, " ")
		if code == "" {
			return refuse("looks like ITC Trade Map, but has no product code, neither in a column nor above the table")
		}
		l.fixed[colCode] = code
	}
	if m.facts.mirrored != nil && *m.facts.mirrored {
		l.fixed[colBasis] = "mirrored"
		l.Notes = append(l.Notes, "the lines above the table say that its data are mirror data: reported by the partners")
	} else if m.facts.mirrored == nil && s.Data == "" && l.Format == "itc-csv" {
		l.Notes = append(l.Notes, "nothing in it tells direct from mirror data; it is taken for direct ('data: mirrored' under files: in entrepot.yaml says otherwise)")
	}
	units := map[string]bool{}
	for _, w := range append([]wideColumn{{unit: m.facts.unit}}, l.wide...) {
		if w.unit != "" {
			units[w.unit] = true
		}
	}
	if len(units) > 1 {
		return refuse("has values in more than one unit: %s", strings.Join(sortedSet(units), ", "))
	}
	l.unit = unit{}
	for text := range units {
		u, err := parseUnit(text)
		if err != nil {
			return refuse("has values in the unit %q, which is no unit of money", text)
		}
		l.unit = u
	}
	return nil
}

func sortedSet(set map[string]bool) []string {
	m := map[string]string{}
	for k := range set {
		m[k] = ""
	}
	return sortedKeys(m)
}

var errTooLong = fmt.Errorf("has a record of more than %d MB, so it is no trade data", maxRecordBytes>>20)

const maxRecordBytes = 64 << 20
