package decode

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/charmap"
)

// A Mark reads off a cell's tooltip and style what its publisher says of the value
// beside its text; "" for nothing.
type Mark func(title, style string) string

// EmitMarked gets one row of a web page's table, as Emit does, and the mark of each of
// its cells; marks is nil for a row that has none.
type EmitMarked func(number int64, cells, marks []string) error

const (
	maxHTMLBytes = 256 << 20
	maxTables    = 64 // tables inside tables
	maxRowspan   = 65534
	maxHTMLCells = 100 << 20 // a page of 256 MB has fewer, unless its cells claim to span thousands
)

// HTML emits the rows of all tables of a web page in document order. Cells
// are plain text in which blanks, line breaks and <br> are one blank; a cell that
// spans columns or rows leaves empty cells there. A row that has a table inside
// is layout, not a row. Whoever saved a page as .xls did not check it, so any
// nesting of tags is read as browsers do.
func HTML(ctx context.Context, r io.Reader, mark Mark, emit EmitMarked) error {
	_, err := htmlTables(ctx, r, mark, emit)
	return err
}

// htmlTables is HTML, and gives the beginning of what the page says outside of its tables.
func htmlTables(ctx context.Context, r io.Reader, mark Mark, emit EmitMarked) (said string, err error) {
	defer recovered(&err)
	left := int64(maxHTMLBytes)
	part := &partReader{ctx: ctx, r: r, left: &left, what: "the page"}
	buffered := bufio.NewReaderSize(part, 64<<10)
	head, err := buffered.Peek(1024)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", asRefusal(err)
	}
	var source io.Reader = buffered
	if encoding, name, certain := charset.DetermineEncoding(head, ""); certain && name != "utf-8" {
		source = encoding.NewDecoder().Reader(buffered)
	} else if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		_, _ = buffered.Discard(3)
	}
	page := htmlPage{emit: emit, mark: mark}
	tokens := html.NewTokenizer(source)
	tokens.SetMaxBuf(maxCellBytes)
	for {
		part.burst = 0
		kind := tokens.Next()
		if kind == html.ErrorToken {
			if err := tokens.Err(); !errors.Is(err, io.EOF) {
				return "", asRefusal(err)
			}
			cut := len(page.tables) > 0 && page.closesCells
			for len(page.tables) > 0 {
				if err := page.closeTable(); err != nil {
					return "", asRefusal(err)
				}
			}
			if cut { // a page whose tags are all left open ends as browsers end it
				return "", Refuse("is cut off: the page ends inside a table; download it again")
			}
			return pageText(page.said.String()), nil
		}
		if err := page.add(kind, tokens); err != nil {
			return "", asRefusal(err)
		}
	}
}

// htmlPage is the state between two tags of a page.
type htmlPage struct {
	closesCells bool // some cell had an end
	emit        EmitMarked
	mark        Mark         // may be nil
	tables      []*htmlTable // the open ones, the innermost last
	number      int64        // of the rows so far
	count       int          // of the cells so far
	hidden      bool         // inside a script or style

	said strings.Builder // outside of tables: the title, and what follows
}

// maxSaid is how much of what a page says is kept.
const maxSaid = 1 << 10

type htmlTable struct {
	inRow, inCell, layout bool
	cells, marks          []string // marks is nil as long as none of the row has any
	spans                 []int    // how many further rows each column is taken by a cell above
	text                  strings.Builder
	colspan, rowspan      int
	mark                  string
}

func (p *htmlPage) add(kind html.TokenType, tokens *html.Tokenizer) error {
	if kind == html.TextToken {
		if len(p.tables) == 0 && !p.hidden && p.said.Len() < maxSaid {
			text := tokens.Text()
			p.said.Write(text[:min(len(text), maxSaid)])
			p.said.WriteByte(' ')
		}
		if t := p.table(); t != nil && t.inCell && !p.hidden {
			if t.text.Len() > maxCellBytes {
				return Refuse("has a cell of more than %d bytes, so it is no table", maxCellBytes)
			}
			t.text.Write(tokens.Text())
		}
		return nil
	}
	if kind != html.StartTagToken && kind != html.EndTagToken && kind != html.SelfClosingTagToken {
		return nil
	}
	name, attributes := tokens.TagName()
	tag, end := atom.Lookup(name), kind == html.EndTagToken
	switch tag {
	case atom.Script, atom.Style:
		p.hidden = !end && kind != html.SelfClosingTagToken
		return nil
	case atom.Table:
		if end {
			return p.closeTable()
		}
		return p.openTable()
	}
	t := p.table()
	if t == nil {
		return nil
	}
	switch tag {
	case atom.Tr, atom.Thead, atom.Tbody, atom.Tfoot:
		if err := p.closeRow(t); err != nil {
			return err
		}
		t.inRow = !end && tag == atom.Tr
	case atom.Td, atom.Th:
		p.closesCells = p.closesCells || end
		if err := t.closeCell(); err != nil || end {
			return err
		}
		t.inRow = true
		t.openCell(tokens, attributes, p.marks(tag))
	case atom.Br, atom.P, atom.Div, atom.Li:
		t.text.WriteByte(' ')
	}
	return nil
}

func (p *htmlPage) table() *htmlTable {
	if len(p.tables) == 0 {
		return nil
	}
	return p.tables[len(p.tables)-1]
}

func (p *htmlPage) openTable() error {
	if t := p.table(); t != nil && t.inRow {
		t.layout = true
	}
	if len(p.tables) == maxTables {
		return Refuse("has more than %d tables inside each other, so it is no table of data", maxTables)
	}
	p.tables = append(p.tables, &htmlTable{})
	return nil
}

func (p *htmlPage) closeTable() error {
	t := p.table()
	if t == nil {
		return nil
	}
	err := p.closeRow(t)
	p.tables = p.tables[:len(p.tables)-1]
	return err
}

func (p *htmlPage) closeRow(t *htmlTable) error {
	if !t.inRow {
		return nil
	}
	if err := t.closeCell(); err != nil {
		return err
	}
	t.fill()
	cells, marks, layout := t.cells, t.marks, t.layout
	t.inRow, t.layout, t.cells, t.marks = false, false, nil, nil
	if p.count += len(cells); p.count > maxHTMLCells {
		return Refuse("has more than %d cells, so it is no table of data", maxHTMLCells)
	}
	if layout || len(cells) == 0 {
		return nil
	}
	p.number++
	if len(trimRow(cells)) == 0 {
		return nil
	}
	if err := p.emit(p.number, cells, marks); err != nil {
		return stopped{err}
	}
	return nil
}

// fill puts empty cells where a cell above still reaches.
func (t *htmlTable) fill() {
	for len(t.cells) < len(t.spans) && t.spans[len(t.cells)] > 0 {
		t.spans[len(t.cells)]--
		t.cells = append(t.cells, "")
	}
}

// marks is what reads the mark of a cell; headings have none.
func (p *htmlPage) marks(tag atom.Atom) Mark {
	if tag == atom.Td && p.mark != nil {
		return p.mark
	}
	return func(string, string) string { return "" }
}

func (t *htmlTable) openCell(tokens *html.Tokenizer, attributes bool, mark Mark) {
	t.fill()
	t.inCell, t.colspan, t.rowspan, t.mark = true, 1, 1, ""
	t.text.Reset()
	var title, style string
	for attributes {
		var key, value []byte
		key, value, attributes = tokens.TagAttr()
		switch string(key) {
		case "colspan":
			t.colspan = span(value, 1000)
		case "rowspan":
			t.rowspan = span(value, maxRowspan)
		case "title":
			title = string(value)
		case "style":
			style = string(value)
		}
	}
	t.mark = mark(title, style)
}

func span(value []byte, most int) int {
	n, err := strconv.Atoi(strings.TrimSpace(string(value)))
	if err != nil || n < 1 {
		return 1
	}
	return min(n, most)
}

func (t *htmlTable) closeCell() error {
	if !t.inCell {
		return nil
	}
	t.inCell = false
	if len(t.cells)+t.colspan > maxGridColumns {
		return Refuse("has a row of more than %d cells, so it is no table of data", maxGridColumns)
	}
	text := pageText(t.text.String())
	if text != "" && t.mark != "" {
		t.marks = append(t.marks, make([]string, len(t.cells)+1-len(t.marks))...)
		t.marks[len(t.cells)] = t.mark
	}
	for i := range t.colspan {
		if i > 0 {
			text = ""
		}
		if t.rowspan > 1 {
			for len(t.spans) <= len(t.cells) {
				t.spans = append(t.spans, 0)
			}
			t.spans[len(t.cells)] = t.rowspan - 1
		}
		t.cells = append(t.cells, text)
	}
	return nil
}

// pageText is a page's text as UTF-8 with one blank between words.
func pageText(text string) string {
	if !utf8.ValidString(text) {
		text, _ = charmap.Windows1252.NewDecoder().String(text)
	}
	return strings.Join(strings.FieldsFunc(text, isBlank), " ")
}

// isBlank is what stands between words. Control characters such as the unit separator
// are none of a text.
func isBlank(r rune) bool { return unicode.IsSpace(r) || r == 0x1f }
