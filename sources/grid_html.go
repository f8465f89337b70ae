package sources

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/charmap"
)

// ITC Trade Map tells where a value comes from only by the tooltip and colour of
// its cell. readHTML puts a mark and one of these words behind the cell's text.
const (
	cellMark      = "\x1f"
	cellMirror    = "mirror"    // what the partner reported
	cellMixed     = "mixed"     // a group's sum of own and partners' reports
	cellEstimated = "estimated" // by UNCTAD and WTO
	cellPartial   = "partial"   // a group's sum without the members that did not report
)

const (
	maxHTMLBytes = 256 << 20
	maxTables    = 64 // tables inside tables
	maxRowspan   = 65534
	maxHTMLCells = 100 << 20 // a page of 256 MB has fewer, unless its cells claim to span thousands
)

// readHTML emits the rows of all tables of a web page in document order. Cells
// are plain text in which blanks, line breaks and <br> are one blank; a cell that
// spans columns or rows leaves empty cells there. A row that has a table inside
// is layout, not a row. Whoever saved a page as .xls did not check it, so any
// nesting of tags is read as browsers do.
func readHTML(ctx context.Context, r io.Reader, emit emitRow) (err error) {
	defer recovered(&err)
	part := &partReader{ctx: ctx, r: r, left: maxHTMLBytes, what: "the page"}
	buffered := bufio.NewReaderSize(part, 64<<10)
	head, err := buffered.Peek(1024)
	if err != nil && !errors.Is(err, io.EOF) {
		return asRefusal(err)
	}
	var source io.Reader = buffered
	if encoding, name, certain := charset.DetermineEncoding(head, ""); certain && name != "utf-8" {
		source = encoding.NewDecoder().Reader(buffered)
	} else if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		_, _ = buffered.Discard(3)
	}
	page := htmlPage{emit: emit}
	tokens := html.NewTokenizer(source)
	tokens.SetMaxBuf(maxCellBytes)
	for {
		part.burst = 0
		kind := tokens.Next()
		if kind == html.ErrorToken {
			if err := tokens.Err(); !errors.Is(err, io.EOF) {
				return asRefusal(err)
			}
			for len(page.tables) > 0 {
				if err := page.closeTable(); err != nil {
					return asRefusal(err)
				}
			}
			return nil
		}
		if err := page.add(kind, tokens); err != nil {
			return asRefusal(err)
		}
	}
}

// htmlPage is the state between two tags of a page.
type htmlPage struct {
	emit   emitRow
	tables []*htmlTable // the open ones, the innermost last
	number int64        // of the rows so far
	count  int          // of the cells so far
	hidden bool         // inside a script or style
}

type htmlTable struct {
	inRow, inCell, layout bool
	cells                 []string
	spans                 []int // how many further rows each column is taken by a cell above
	text                  strings.Builder
	colspan, rowspan      int
	mark                  string
}

func (p *htmlPage) add(kind html.TokenType, tokens *html.Tokenizer) error {
	if kind == html.TextToken {
		if t := p.table(); t != nil && t.inCell && !p.hidden {
			if t.text.Len() > maxCellBytes {
				return refuse("has a cell of more than %d bytes, so it is no table", maxCellBytes)
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
		if err := t.closeCell(); err != nil || end {
			return err
		}
		t.inRow = true
		t.openCell(tokens, tag, attributes)
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
		return refuse("has more than %d tables inside each other, so it is no table of data", maxTables)
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
	cells, layout := t.cells, t.layout
	t.inRow, t.layout, t.cells = false, false, nil
	if p.count += len(cells); p.count > maxHTMLCells {
		return refuse("has more than %d cells, so it is no table of data", maxHTMLCells)
	}
	if layout || len(cells) == 0 {
		return nil
	}
	p.number++
	if len(trimRow(cells)) == 0 {
		return nil
	}
	if err := p.emit(p.number, cells); err != nil {
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

func (t *htmlTable) openCell(tokens *html.Tokenizer, tag atom.Atom, attributes bool) {
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
	if tag == atom.Td {
		t.mark = provenance(title, style)
	}
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
		return refuse("has a row of more than %d cells, so it is no table of data", maxGridColumns)
	}
	text := t.text.String()
	if !utf8.ValidString(text) {
		text, _ = charmap.Windows1252.NewDecoder().String(text)
	}
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, cellMark, " ")), " ")
	if text != "" && t.mark != "" {
		text += cellMark + t.mark
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

// provenance reads where a value comes from off its cell's tooltip or, when that
// says nothing, its colour.
func provenance(title, style string) string {
	title = strings.ToLower(title)
	switch {
	case strings.Contains(title, "mirror and direct"), strings.Contains(title, "direct and mirror"):
		return cellMixed
	case strings.Contains(title, "mirror"):
		return cellMirror
	case strings.Contains(title, "estimated"):
		return cellEstimated
	case strings.Contains(title, "members that did not report"):
		return cellPartial
	case strings.Contains(title, "direct data"):
		return ""
	}
	for declaration := range strings.SplitSeq(strings.ToLower(style), ";") {
		name, colour, _ := strings.Cut(declaration, ":")
		if strings.TrimSpace(name) != "color" {
			continue
		}
		switch strings.TrimSpace(colour) {
		case "goldenrod", "#daa520":
			return cellMirror
		case "blueviolet", "#8a2be2":
			return cellMixed
		case "mediumseagreen", "#3cb371":
			return cellEstimated
		case "orangered", "#ff4500":
			return cellPartial
		}
	}
	return ""
}
