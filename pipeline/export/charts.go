package export

import (
	"errors"
	"fmt"
	"strconv"

	"entrepot/pipeline/report"

	"github.com/xuri/excelize/v2"
)

// Where a figure's sheet has what: the chart stands between the title and the values.
const (
	chartRow   = 4
	chartWide  = 1040 // pixels
	rowPixels  = 18   // as excelize counts them
	rowPoints  = 15
	groupTall  = 62 // pixels of a group of bars
	chartSpare = 130
	noteWidth  = 130 // characters
)

// shades are those of the years of a chart, from the first to the last.
var shades = []string{"BDD7EE", "8FB9E0", "4A86C5", "1F3864"}

// figure makes a sheet of a figure: bars as a chart of Excel's own, under them the values
// that it shows.
func (b *book) figure(f *report.Figure) error {
	sheet := f.Number
	if _, err := b.NewSheet(sheet); err != nil {
		return err
	}
	tall := chartSpare + groupTall*len(f.Bars.Groups)
	first := chartRow + tall/rowPixels + 2
	if err := errors.Join(b.landscape(sheet, 1), b.SetColWidth(sheet, "A", "A", 32), b.SetColWidth(sheet, "B", "M", 14),
		b.put(sheet, 1, 1, f.Title, "title"), b.put(sheet, 1, 2, f.Subtitle, "plain"),
		b.SetSheetView(sheet, -1, &excelize.ViewOptions{ShowGridLines: new(false)})); err != nil {
		return err
	}
	for row := chartRow; row < first; row++ { // LibreOffice makes empty rows lower than Excel does
		if err := b.SetRowHeight(sheet, row, rowPoints); err != nil {
			return err
		}
	}
	if err := b.values(sheet, f.Bars, first); err != nil {
		return err
	}
	row := first + len(f.Bars.Groups) + 2
	for _, note := range append(f.Notes, f.Source) {
		if err := b.note(sheet, row, note); err != nil {
			return err
		}
		row++
	}
	return b.AddChart(sheet, fmt.Sprintf("A%d", chartRow), chart(sheet, f, first, tall))
}

// note is a line of text under the values, across the columns.
func (b *book) note(sheet string, row int, text string) error {
	from, to := fmt.Sprintf("A%d", row), fmt.Sprintf("I%d", row)
	return errors.Join(b.put(sheet, 1, row, text, "text"), b.MergeCell(sheet, from, to), b.SetRowHeight(sheet, row, height(text, noteWidth)))
}

// values are the shares that the chart shows, and beside them what the picture says.
func (b *book) values(sheet string, bars *report.Bars, first int) error {
	if len(bars.Groups) == 0 {
		return nil
	}
	years := bars.Groups[0].Bars
	errs := []error{b.put(sheet, 1, first, "Sector", "head")}
	for i, bar := range years {
		errs = append(errs, b.put(sheet, 2+i, first, yearOf(bars, i), "year"), b.put(sheet, 2+len(years)+i, first, strconv.Itoa(bar.Year)+": codes", "beside head"))
	}
	for n, g := range bars.Groups {
		row := first + 1 + n
		errs = append(errs, b.put(sheet, 1, row, g.Name, "text"))
		for i, bar := range g.Bars {
			if bar.Share != nil {
				errs = append(errs, b.put(sheet, 2+i, row, *bar.Share, "share of 1"))
			}
			errs = append(errs, b.put(sheet, 2+len(years)+i, row, bar.Text, "beside"))
		}
	}
	return errors.Join(errs...)
}

// yearOf is a year with an asterisk if it is of low coverage in some group.
func yearOf(bars *report.Bars, i int) string {
	year := strconv.Itoa(bars.Groups[0].Bars[i].Year)
	for _, g := range bars.Groups {
		if g.Bars[i].Low {
			return year + "*"
		}
	}
	return year
}

// nearlyAll is the share above which an axis would go on behind 100%.
const nearlyAll = 0.8

var axisFont = excelize.Font{Size: 10, Color: "262626"}

func largest(bars *report.Bars) float64 {
	share := 0.0
	for _, g := range bars.Groups {
		for _, bar := range g.Bars {
			if bar.Share != nil {
				share = max(share, *bar.Share)
			}
		}
	}
	return share
}

func chart(sheet string, f *report.Figure, first, tall int) *excelize.Chart {
	c := &excelize.Chart{
		Type: excelize.Bar, Dimension: excelize.ChartDimension{Width: chartWide, Height: uint(tall)},
		Title:  excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: f.Title, Font: &excelize.Font{Size: 14, Bold: true, Color: "1F3864"}}}},
		Legend: excelize.ChartLegend{Position: "bottom"}, GapWidth: new(uint(60)), Overlap: new(0),
		XAxis:        excelize.ChartAxis{ReverseOrder: true, Font: axisFont},
		YAxis:        excelize.ChartAxis{Minimum: new(0.0), NumFmt: excelize.ChartNumFmt{CustomNumFmt: "0%"}, MajorGridLines: true, Font: axisFont},
		ShowBlanksAs: "gap",
	}
	if largest(f.Bars) > nearlyAll {
		c.YAxis.Maximum = new(1.0) // else the axis goes on to 120%
	}
	last := first + len(f.Bars.Groups)
	for i := range f.Bars.Groups[0].Bars {
		column, _ := excelize.ColumnNumberToName(2 + i) // of a handful of years
		shade := shades[max(0, len(shades)-len(f.Bars.Groups[0].Bars)+i)]
		c.Series = append(c.Series, excelize.ChartSeries{
			Name:       fmt.Sprintf("'%s'!$%s$%d", sheet, column, first),
			Categories: fmt.Sprintf("'%s'!$A$%d:$A$%d", sheet, first+1, last),
			Values:     fmt.Sprintf("'%s'!$%s$%d:$%s$%d", sheet, column, first+1, column, last),
			Fill:       excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{shade}},
		})
	}
	return c
}
