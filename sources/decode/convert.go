package decode

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// convert writes a workbook's sheet, a web page, JSON or Parquet as CSV for DuckDB. Rows are
// read as those of any text, and LineOf gives their numbers in the sheet, or those of the
// records; but in rows of web pages and of a single column the number is the first field.
func (p *Prepared) convert(ctx context.Context, content io.Reader, temp string, out io.Writer, o Options) error {
	if title, foreign := foreignKinds[p.Kind]; foreign {
		return Refuse("is %s, which is not read; save it as CSV or Parquet%s", title.name, title.how)
	}
	if p.Kind == "7z" {
		return Refuse("is an archive inside an archive; unpack it")
	}
	if p.Kind == "parquet" {
		return p.convertParquet(ctx, content, temp, out, o)
	}
	rows := newGridWriter(out)
	rows.numbered = p.Kind == "html"
	var err error
	switch p.Kind {
	case "json":
		if p.Bytes > worthAhead {
			next := readAhead(content)
			defer next.Close()
			content = next
		}
		p.Notes, err = readJSON(content, o, rows.add)
	case "html":
		rows.marked = o.Mark != nil
		if p.Said, err = htmlTables(ctx, content, o.Mark, rows.addMarked); err == nil && rows.empty() {
			err = o.pageRefusal(p.Said)
		}
	default:
		err = p.convertSheet(ctx, content, temp, rows.add)
	}
	if err != nil {
		return err
	}
	if err := rows.close(); err != nil {
		return err
	}
	p.Delimiter, p.Numbered, p.rowShifts = ',', rows.numbered, rows.shifts
	if rows.marked {
		p.Marks = rows.width
	}
	return nil
}

// pageRefusal is the refusal of a page that says this and has no table.
func (o Options) pageRefusal(said string) error {
	if o.Fault != nil {
		if err := o.Fault(said); err != nil {
			return err
		}
	}
	if said == "" {
		return Refuse("is a web page without a table; download it again")
	}
	return Refuse("is a web page without a table, and says %q; download it again", Abbreviate(said, 160))
}

func (p *Prepared) convertSheet(ctx context.Context, content io.Reader, temp string, emit Emit) (err error) {
	path, remove, err := p.onDisk(content, temp)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	sheet := ""
	if p.Sheet {
		sheet = p.Member
	}
	names, err := sheetsOf(ctx, path)
	if err != nil {
		return err
	}
	switch {
	case sheet != "":
	case len(names.shown) > 1:
		return Refuse("is a workbook with %d sheets that have data, inside an archive; unpack it, so that each sheet is read by itself", len(names.shown))
	case len(names.shown) == 1:
		sheet = names.shown[0]
	case len(names.hidden) > 0:
		return onlyHidden(names)
	default:
		return Refuse("is an archive or an empty workbook inside an archive; unpack it")
	}
	if len(names.hidden) > 0 && (len(names.shown) == 0 || sheet == names.shown[0]) { // to say it once
		p.Notes = append(p.Notes, fmt.Sprintf("what stands in hidden sheets (%s) is not read", quotedList(names.hidden)))
	}
	return Sheet(ctx, path, sheet, emit)
}

// onDisk gives a file with the content, for what reads here and there in it: the input
// itself, or a copy of what is packed. remove takes the copy away.
func (p *Prepared) onDisk(content io.Reader, temp string) (path string, remove func() error, err error) {
	if !p.packed {
		return p.Path, func() error { return nil }, nil
	}
	copied, err := os.CreateTemp(temp, "copy-*")
	if err != nil {
		return "", nil, err
	}
	_, err = io.Copy(copied, content)
	if err = errors.Join(err, copied.Close()); err != nil {
		return "", nil, errors.Join(err, os.Remove(copied.Name()))
	}
	return copied.Name(), func() error { return os.Remove(copied.Name()) }, nil
}

func (p *Prepared) convertParquet(ctx context.Context, content io.Reader, temp string, out io.Writer, o Options) (err error) {
	if o.Parquet == nil {
		return Refuse("is Parquet, where none is expected; save it as CSV")
	}
	path, remove, err := p.onDisk(content, temp)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	text, err := os.CreateTemp(temp, "parquet-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, text.Close(), os.Remove(text.Name())) }()
	if err := o.Parquet(ctx, path, text.Name(), budget(p.Bytes)); err != nil {
		return err
	}
	p.rowShifts = []shift{{record: 2, by: -1}} // a row's line is its place in the file
	_, err = io.CopyBuffer(out, &ctxReader{ctx, text}, make([]byte, 1<<20))
	return err
}

func onlyHidden(names sheetNames) error {
	return Refuse("is a workbook that has data in hidden sheets only (%s): show the sheet that you mean and save the workbook", quotedList(names.hidden))
}

// quotedList lists names for a message, three of them at most.
func quotedList(names []string) string {
	var quoted []string
	for _, name := range names[:min(len(names), 3)] {
		quoted = append(quoted, strconv.Quote(Abbreviate(name, 40)))
	}
	if more := len(names) - len(quoted); more > 0 {
		quoted = append(quoted, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(quoted, ", ")
}

// Sheet emits the rows of a sheet of a workbook in either of Excel's formats.
func Sheet(ctx context.Context, path, sheet string, emit Emit) error {
	kind, err := fileKind(path)
	if err != nil {
		return err
	}
	if kind == "xls" {
		return XLS(ctx, path, sheet, emit)
	}
	return XLSX(ctx, path, sheet, emit)
}

// IsWorkbook tells whether a file begins as workbooks do.
func IsWorkbook(path string) (bool, error) {
	kind, err := fileKind(path)
	return kind == "xlsx" || kind == "xls", err
}

// fileKind tells what a file is by its first bytes.
func fileKind(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	magic := make([]byte, len(sevenZipMagic))
	n, _ := io.ReadFull(file, magic) // whoever reads all of it says what is wrong
	if n < 4 {
		return "", nil // too short to be one
	}
	return kindOf(magic[:n]), nil
}

// WorkbookSheets names the sheets of a workbook that hold any cell and are not hidden;
// none for a file that is no workbook.
func WorkbookSheets(ctx context.Context, path string) ([]string, error) {
	names, err := sheetsOf(ctx, path)
	return names.shown, err
}

func sheetsOf(ctx context.Context, path string) (names sheetNames, err error) {
	kind, err := fileKind(path)
	if err != nil {
		return names, err
	}
	switch kind {
	case "xlsx":
		if members, err := zipMembers(ctx, path); err != nil || len(members) > 0 {
			return names, nil
		}
		return xlsxSheets(ctx, path)
	case "xls":
		return xlsSheets(ctx, path)
	}
	return names, nil
}

// firstRows is how many rows decide how wide a sheet is.
const firstRows = 1000

// gridWriter writes rows of different lengths as CSV rows of one length.
type gridWriter struct {
	out      *bufio.Writer
	csv      *csv.Writer // writes to out
	line     []byte
	marked   bool // each row has as many fields for the marks of its cells behind them
	numbered bool // each row has its number before the cells
	first    []gridRow
	begun    bool
	width    int     // of the cells
	records  int64   // so far
	shifts   []shift // from the records to the numbers of the rows, if these are not written
}

func newGridWriter(out io.Writer) *gridWriter {
	buffered := bufio.NewWriterSize(out, 64<<10)
	return &gridWriter{out: buffered, csv: csv.NewWriter(buffered)} // which takes one that is buffered as it is
}

type gridRow struct {
	number       int64
	cells, marks []string
}

func (g *gridWriter) add(number int64, cells []string) error {
	return g.addMarked(number, cells, nil)
}

func (g *gridWriter) addMarked(number int64, cells, marks []string) error {
	if !g.begun {
		if g.first = append(g.first, gridRow{number, slices.Clone(cells), marks}); len(g.first) < firstRows {
			return nil
		}
		return g.begin()
	}
	return g.write(gridRow{number, cells, marks})
}

// plainLine makes the line of a row in which nothing is to be quoted or replaced; false for
// any other. It is what the csv package would write, at a third of the time.
func (g *gridWriter) plainLine(number int64, cells []string) bool {
	g.line = g.line[:0]
	if g.numbered {
		g.line = append(strconv.AppendInt(g.line, number, 10), ',')
	}
	for i, cell := range cells {
		if i > 0 {
			g.line = append(g.line, ',')
		}
		if cell == "" {
			continue
		}
		beyond := false
		for i := range len(cell) {
			c := cell[i]
			if c < ' ' || c == '"' || c == ',' {
				return false
			}
			beyond = beyond || c >= utf8.RuneSelf
		}
		if cell[0] == ' ' || cell[0] == '\\' || cell[0] >= utf8.RuneSelf || beyond && !utf8.ValidString(cell) {
			return false
		}
		g.line = append(g.line, cell...)
	}
	for range g.width - len(cells) {
		g.line = append(g.line, ',')
	}
	g.line = append(g.line, '\n')
	return true
}

// begin writes the rows that were held back.
func (g *gridWriter) begin() error {
	for _, row := range g.first {
		g.width = max(g.width, len(row.cells))
	}
	// A row of one empty cell would be no row, and what a text begins with is no part of it.
	if g.width < 2 || len(g.first[0].cells) > 0 && strings.HasPrefix(g.first[0].cells[0], "\uFEFF") {
		g.numbered = true
	}
	g.begun = true
	for _, row := range g.first {
		if err := g.write(row); err != nil {
			return err
		}
	}
	g.first = nil
	return nil
}

// note learns how far the number of the next row is from that of the record it becomes.
func (g *gridWriter) note(number int64) {
	g.records++
	before := int64(0)
	if last := len(g.shifts) - 1; last >= 0 {
		before = g.shifts[last].by
	}
	if by := number - g.records; by != before {
		g.shifts = append(g.shifts, shift{g.records, by})
	}
}

// write fills a row up. A row that is longer than all of the first stays so, and
// becomes a reject.
func (g *gridWriter) write(row gridRow) error {
	if !g.numbered {
		g.note(row.number)
	}
	if !g.marked && g.plainLine(row.number, row.cells) {
		_, err := g.out.Write(g.line)
		return err
	}
	var fields []string
	if g.numbered {
		fields = append(fields, strconv.FormatInt(row.number, 10))
	}
	for _, cell := range row.cells {
		fields = append(fields, strings.ToValidUTF8(strings.ReplaceAll(cell, "\r", " "), "\uFFFD"))
	}
	for range g.width - len(row.cells) {
		fields = append(fields, "")
	}
	if g.marked {
		fields = append(fields, row.marks...)
		for range g.width - len(row.marks) {
			fields = append(fields, "")
		}
	}
	return g.csv.Write(fields)
}

func (g *gridWriter) empty() bool { return !g.begun && len(g.first) == 0 }

func (g *gridWriter) close() error {
	if !g.begun {
		if err := g.begin(); err != nil {
			return err
		}
	}
	g.csv.Flush() // and what was written past it
	return g.csv.Error()
}
