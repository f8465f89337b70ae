package export

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"entrepot/schemas"
)

func (e *exporter) csvFiles() []file {
	files := e.tableFiles("csv", e.writeCSV)
	return append(files, file{name: "dictionary.csv", fill: func(_ context.Context, to *os.File) error { return e.writeDictionary(to) }})
}

// csvWriter writes CSV as RFC 4180 has it, lines ended by CR LF, in UTF-8 with the mark
// without which Excel takes it for the machine's old code page.
type csvWriter struct{ out *bufio.Writer }

func newCSVWriter(w io.Writer) *csvWriter {
	out := bufio.NewWriterSize(w, 1<<20)
	_, _ = out.WriteString("\ufeff") // errors come with the flush
	return &csvWriter{out}
}

func (c *csvWriter) row(cells []string) {
	for i, cell := range cells {
		if i > 0 {
			_ = c.out.WriteByte(',')
		}
		_, _ = c.out.WriteString(cell)
	}
	_, _ = c.out.WriteString("\r\n")
}

func (e *exporter) writeCSV(ctx context.Context, o schemas.Output, to *os.File) error {
	out := newCSVWriter(to)
	cells := make([]string, len(o.Columns))
	for i, c := range o.Columns {
		cells[i] = quoted(c.Name)
	}
	out.row(cells)
	err := e.release.Read(ctx, o, func(row []any) error {
		for i, value := range row {
			cells[i] = csvCell(value)
		}
		out.row(cells)
		return nil
	})
	if err != nil {
		return err
	}
	return out.out.Flush()
}

func (e *exporter) writeDictionary(to io.Writer) error {
	out := newCSVWriter(to)
	for _, row := range append([][]string{dictionaryHead}, e.dictionary()...) {
		cells := make([]string, len(row))
		for i, text := range row {
			cells[i] = quoted(text)
		}
		out.row(cells)
	}
	return out.out.Flush()
}

// csvCell is a value as a cell: an empty text in quotes, for a cell without them is null.
func csvCell(value any) string {
	if _, isText := value.(string); isText {
		return quoted(CellText(value))
	}
	return CellText(value)
}

// CellText is a value as a text that no spreadsheet takes for a formula: numbers with all
// their digits and never as 1e+06, "" for null.
func CellText(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	case string:
		return harmless(value)
	}
	return fmt.Sprint(value)
}

// harmless puts an apostrophe before a text that a spreadsheet would take for a formula,
// unless it is a number. all_rejects.sql does the same.
func harmless(text string) string {
	if text == "" || !strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return text
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return text
	}
	return "'" + text
}

func quoted(text string) string {
	if text != "" && !strings.ContainsAny(text, ",\"\r\n") && text[0] != ' ' && text[len(text)-1] != ' ' {
		return text
	}
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}
