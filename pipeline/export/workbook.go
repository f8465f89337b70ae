package export

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"unicode/utf16"

	"entrepot/pipeline/export/dta"
	"entrepot/schemas"

	"github.com/xuri/excelize/v2"
)

// What Excel holds: characters of a cell, characters of a sheet's name, digits of a number.
const (
	cellText    = 32767
	sheetTitle  = 31
	excelDigits = 15
)

// WorkbookFile is the name of the workbook in the folder of an export.
const WorkbookFile = "entrepot.xlsx"

// The sheets beside those of the tables and figures.
const (
	aboutSheet   = "about"
	columnsSheet = "columns"
)

func (e *exporter) workbook() []file {
	rows := int64(0)
	for _, o := range e.tables {
		rows += e.rows(o)
	}
	return []file{{name: WorkbookFile, rows: rows, fill: e.writeWorkbook}}
}

// book is a workbook at work.
type book struct {
	*excelize.File
	styles map[string]int // by what they are for
	names  map[string]string
}

func (e *exporter) writeWorkbook(ctx context.Context, to *os.File) (err error) {
	b := &book{File: excelize.NewFile(), styles: map[string]int{}, names: sheetNames(e.tables)}
	defer func() { err = errors.Join(err, b.Close()) }()
	if err := b.addStyles(); err != nil {
		return err
	}
	if err := b.SetSheetName("Sheet1", aboutSheet); err != nil {
		return err
	}
	for _, f := range e.about.Figures {
		if err := b.figure(f); err != nil {
			return fmt.Errorf("draw %s: %w", f.Number, err)
		}
	}
	if err := b.columns(e.dictionary()); err != nil {
		return fmt.Errorf("sheet %s: %w", columnsSheet, err)
	}
	for _, o := range e.tables {
		if err := b.table(ctx, e, o); err != nil {
			return fmt.Errorf("sheet %s: %w", b.names[o.Name], err)
		}
	}
	if err := b.about(e); err != nil {
		return fmt.Errorf("sheet %s: %w", aboutSheet, err)
	}
	return b.Write(to)
}

// sheetNames are the names of the tables' sheets.
func sheetNames(tables []schemas.Output) map[string]string {
	var all []string
	for _, o := range tables {
		all = append(all, o.Name)
	}
	names := map[string]string{}
	for i, short := range dta.Short(all, sheetTitle) {
		names[all[i]] = short
	}
	return names
}

const fontName = "Calibri"

var (
	dark     = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1F3864"}}
	onDark   = &excelize.Font{Family: fontName, Bold: true, Color: "FFFFFF"}
	grey     = &excelize.Font{Family: fontName, Color: "595959"}
	wrapped  = &excelize.Alignment{Vertical: "top", WrapText: true}
	indented = &excelize.Alignment{Horizontal: "left", Indent: 1}
)

// The styles, by what they are for. Those of units are numbers of such units.
var styles = map[string]excelize.Style{
	"title":       {Font: &excelize.Font{Family: fontName, Bold: true, Size: 16, Color: "1F3864"}},
	"heading":     {Font: &excelize.Font{Family: fontName, Bold: true, Size: 12, Color: "1F3864"}, Border: []excelize.Border{{Type: "bottom", Color: "8EA9DB", Style: 1}}},
	"name":        {Font: grey, Alignment: wrapped},
	"text":        {Alignment: wrapped},
	"plain":       {Font: grey},
	"caution":     {Font: &excelize.Font{Family: fontName, Bold: true, Color: "C00000"}, Alignment: wrapped},
	"link":        {Font: &excelize.Font{Family: fontName, Color: "0563C1", Underline: "single"}, Alignment: &excelize.Alignment{Vertical: "top"}},
	"head":        {Font: onDark, Fill: dark},
	"year":        {Font: onDark, Fill: dark, Alignment: &excelize.Alignment{Horizontal: "right"}},
	"beside":      {Alignment: indented},
	"beside head": {Font: onDark, Fill: dark, Alignment: indented},
	"code":        {CustomNumFmt: new("@"), Alignment: indented},
	"number":      {CustomNumFmt: new("0")},

	"US dollars": {CustomNumFmt: new("#,##0")},
	"share of 1": {CustomNumFmt: new("0.0%")},
	"ratio":      {CustomNumFmt: new("0.00")},
	"counted":    {CustomNumFmt: new("#,##0")},
	"measured":   {CustomNumFmt: new("#,##0.00")},
	"kilograms":  {CustomNumFmt: new("#,##0")},
	"flag":       {CustomNumFmt: new(`"TRUE";"TRUE";"FALSE"`), Alignment: indented}, // LibreOffice would show 1 and 0

	// A kilogram of ore costs cents, one of gold thousands of dollars.
	"US dollars per kilogram": {CustomNumFmt: new("[<1]0.0000;#,##0.00")},
	schemas.Index:             {CustomNumFmt: new("0.000")},
}

func (b *book) addStyles() error {
	for _, name := range slices.Sorted(maps.Keys(styles)) {
		style := styles[name]
		id, err := b.NewStyle(&style)
		if err != nil {
			return fmt.Errorf("style %s: %w", name, err)
		}
		b.styles[name] = id
	}
	return nil
}

// styleOf is how the values of a column look; those of codes stay as they are.
func (b *book) styleOf(c schemas.Column) int {
	_, known := styles[c.Unit]
	switch {
	case c.Type == schemas.Text:
		return b.styles["code"]
	case c.Type == schemas.Boolean:
		return b.styles["flag"]
	case known:
		return b.styles[c.Unit]
	case c.Type == schemas.Double:
		return b.styles["measured"]
	case c.Unit == "" || c.Unit == "calendar year":
		return b.styles["number"]
	}
	return b.styles["counted"]
}

// width is that of a column in characters: of its name with the button of the filter, and
// of what it has.
func width(c schemas.Column) float64 {
	has := 8
	switch {
	case c.Unit == "US dollars":
		has = 18
	case c.NameOf != "" && !c.IsCode():
		has = 40
	case c.Name == "code_basis":
		has = 28
	case c.Type == schemas.Text:
		has = 18
	}
	return float64(min(44, max(has, len(c.Name)+4)))
}

// table streams a table into a sheet, with a header that stays and filters.
func (b *book) table(ctx context.Context, e *exporter, o schemas.Output) error {
	sheet := b.names[o.Name]
	var head []any
	var widths []float64
	var looks []int
	for _, c := range o.Columns {
		head, widths, looks = append(head, c.Name), append(widths, width(c)), append(looks, b.styleOf(c))
	}
	s, err := b.begin(sheet, head, widths)
	if err != nil {
		return err
	}
	cells := make([]any, len(o.Columns))
	err = e.release.Read(ctx, o, func(row []any) error {
		for i, value := range row {
			if text, ok := value.(string); ok && tooLong(text) {
				return fmt.Errorf("row %d, column %s: the text has more than %d characters, which a cell of Excel can't hold: use --format csv, dta or parquet",
					s.next, o.Columns[i].Name, cellText)
			}
			cells[i] = nil
			if value != nil {
				cells[i] = excelize.Cell{StyleID: looks[i], Value: digits(value)}
			}
		}
		return s.row(cells)
	})
	if err != nil {
		return err
	}
	if err := b.describe(sheet, o, s.next); err != nil {
		return err
	}
	return errors.Join(s.end("t_"+o.Name), b.repeatHead(sheet))
}

// repeatHead prints the header on every page of a sheet.
func (b *book) repeatHead(sheet string) error {
	return b.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: "'" + sheet + "'!$1:$1", Scope: sheet})
}

// digits rounds a number to the digits that Excel knows. Excelize would cut off the others.
func digits(value any) any {
	number, ok := value.(float64)
	if !ok {
		return value
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(number, 'g', excelDigits, 64), 64)
	if err != nil {
		return value
	}
	return rounded
}

func tooLong(text string) bool {
	return len(text) > cellText && len(utf16.Encode([]rune(text))) > cellText
}

// describe puts the description of each column beside its header, and tells Excel that
// codes are texts on purpose.
func (b *book) describe(sheet string, o schemas.Output, next int) error {
	for i, c := range o.Columns {
		cell, err := excelize.CoordinatesToCellName(i+1, 1)
		if err != nil {
			return err
		}
		text := c.Description
		if c.Unit != "" {
			text += " Unit: " + c.Unit + "."
		}
		lines := uint((len(text) + 39) / 40)
		if err := b.AddComment(sheet, excelize.Comment{Cell: cell, Author: "entrepot", Width: 280, Height: 20*lines + 16,
			Paragraph: []excelize.RichTextRun{{Text: text}}}); err != nil {
			return err
		}
	}
	area, err := rangeOf(1, 2, len(o.Columns), max(2, next-1))
	if err != nil {
		return err
	}
	return b.AddIgnoredErrors(sheet, area, excelize.IgnoredErrorsNumberStoredAsText)
}

const meaningWidth = 100 // of a description in characters

// height is that of a row, in points, that has a text in a column of so many characters. Not
// all programs find it themselves.
func height(text string, width float64) float64 {
	return 15.5 * max(1, math.Ceil(float64(len([]rune(text)))/width))
}

// columns lists what the columns of all tables are.
func (b *book) columns(rows [][]string) error {
	var head []any
	for _, name := range dictionaryHead {
		head = append(head, name)
	}
	s, err := b.begin(columnsSheet, head, []float64{32, 36, meaningWidth, 16, 14, 14, 8, 50})
	if err != nil {
		return err
	}
	for _, row := range rows {
		cells := make([]any, len(row))
		for i, text := range row {
			cells[i] = excelize.Cell{StyleID: b.styles["text"], Value: text}
		}
		if err := s.row(cells, excelize.RowOpts{Height: height(row[2], meaningWidth)}); err != nil {
			return err
		}
	}
	return errors.Join(s.end("t_columns"), b.repeatHead(columnsSheet))
}

// stream is a sheet that is written row after row.
type stream struct {
	*excelize.StreamWriter
	width, next int
}

func (b *book) begin(sheet string, head []any, widths []float64) (*stream, error) {
	if _, err := b.NewSheet(sheet); err != nil {
		return nil, err
	}
	if err := b.landscape(sheet, 0); err != nil {
		return nil, err
	}
	w, err := b.NewStreamWriter(sheet)
	if err != nil {
		return nil, err
	}
	for i, width := range widths {
		if err := w.SetColWidth(i+1, i+1, width); err != nil {
			return nil, err
		}
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	s := &stream{StreamWriter: w, width: len(head), next: 1}
	for i, name := range head {
		head[i] = excelize.Cell{StyleID: b.styles["head"], Value: name}
	}
	return s, s.row(head)
}

func (s *stream) row(cells []any, look ...excelize.RowOpts) error {
	cell, err := excelize.CoordinatesToCellName(1, s.next)
	if err != nil {
		return err
	}
	s.next++
	return s.SetRow(cell, cells, look...)
}

// end makes what was written a table of Excel, which has filters. Without rows it has an
// empty one.
func (s *stream) end(name string) error {
	area, err := rangeOf(1, 1, s.width, max(2, s.next-1))
	if err != nil {
		return err
	}
	if err := s.AddTable(&excelize.Table{Range: area, Name: name, StyleName: "TableStyleLight1"}); err != nil {
		return err
	}
	return s.Flush()
}

// about fills the first sheet.
func (b *book) about(e *exporter) error {
	if err := errors.Join(b.SetColWidth(aboutSheet, "A", "A", 30), b.SetColWidth(aboutSheet, "B", "B", aboutWidth), b.landscape(aboutSheet, 0)); err != nil {
		return err
	}
	row := 1
	for i, p := range e.parts() {
		look := "heading"
		if i == 0 {
			look = "title"
		}
		if err := b.put(aboutSheet, 1, row, p.heading, look); err != nil {
			return err
		}
		if err := b.put(aboutSheet, 2, row, "", look); err != nil {
			return err
		}
		row++
		for _, l := range p.lines {
			if err := b.aboutLine(row, l); err != nil {
				return err
			}
			row++
		}
		row++
	}
	return errors.Join(b.SetSheetView(aboutSheet, -1, &excelize.ViewOptions{ShowGridLines: new(false)}), b.properties(e))
}

const aboutWidth = 115 // characters

func (b *book) aboutLine(row int, l line) error {
	look := "text"
	if l.name == "Caution" {
		look = "caution"
	}
	if err := errors.Join(b.put(aboutSheet, 1, row, l.name, "name"), b.put(aboutSheet, 2, row, l.text, look)); err != nil {
		return err
	}
	if err := b.SetRowHeight(aboutSheet, row, height(l.text, aboutWidth)); err != nil {
		return err
	}
	sheet, isTable := b.names[l.name]
	if !isTable {
		return nil
	}
	cell, err := excelize.CoordinatesToCellName(1, row)
	if err != nil {
		return err
	}
	return errors.Join(b.SetCellHyperLink(aboutSheet, cell, "'"+sheet+"'!A1", "Location"), b.SetCellStyle(aboutSheet, cell, cell, b.styles["link"]))
}

func (b *book) put(sheet string, column, row int, value any, look string) error {
	cell, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		return err
	}
	return errors.Join(b.SetCellValue(sheet, cell, value), b.SetCellStyle(sheet, cell, cell, b.styles[look]))
}

const paperA4 = 9

// landscape prints a sheet on pages as wide as it is, and on so many one above the other;
// 0 is as many as it takes.
func (b *book) landscape(sheet string, high int) error {
	return errors.Join(
		b.SetPageLayout(sheet, &excelize.PageLayoutOptions{Orientation: new("landscape"), FitToWidth: new(1), FitToHeight: new(high), Size: new(paperA4)}),
		b.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: new(true)}))
}

// properties are those of the file: the same release gives the same ones.
func (b *book) properties(e *exporter) error {
	m := e.release.Manifest
	made := cmp.Or(m.Run.Finished, "2000-01-01T00:00:00Z")
	return b.SetDocProps(&excelize.DocProperties{Title: "Measures of the trade of " + e.measured(), Creator: "entrepot " + m.Version, LastModifiedBy: "entrepot",
		Description: m.Citation(e.measured()).Text, Identifier: m.Release, Created: made, Modified: made, Language: "en"})
}

// rangeOf names the cells from one to another, by column and row.
func rangeOf(column, row, lastColumn, lastRow int) (string, error) {
	from, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		return "", err
	}
	to, err := excelize.CoordinatesToCellName(lastColumn, lastRow)
	return from + ":" + to, err
}
