package decode

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"
)

// sheetReader reads the rows of a sheet's part. It goes by the numbers of rows and cells,
// never by the size that the sheet claims to have.
type sheetReader struct {
	texts  *sharedTexts
	emit   Emit
	number int64 // of the last row
	slow   bool  // the decoder reads every row

	quickly quickly
	tags    sheetTags
	forms   []cellForm // by column: how its last cell was written

	// Of the row that is read quickly at the moment.
	next    int64
	text    []byte // of its cells
	cells   []cellPlace
	letters bool // there are some beyond ASCII
	out     []string
}

// cellPlace is where the text of a cell stands in that of its row, unless it is shared.
type cellPlace struct {
	from, to int
	shared   string
}

// cellForm is how a cell is written, from behind its reference to the text of its value.
type cellForm struct {
	written []byte
	kind    string // its attribute t
	style   string // of a number that may be a date, or ""
	holds   holding
}

// holding is what a cell has in it.
type holding int

const (
	nothing holding = iota
	value
	inlineText
)

// sheetTags are the tags of a sheet, which may have a prefix.
type sheetTags struct {
	prefix                                                string
	row, cell, formula, value, inline, text               string // without what ends them
	rowEnd, cellEnd, formulaEnd                           string
	valueEnd, inlineEnd, textEnd, valueClosed, textClosed string
}

// use makes the tags with a prefix.
func (t *sheetTags) use(prefix string) {
	if t.row != "" && t.prefix == prefix {
		return
	}
	name := prefix
	if prefix != "" {
		name += ":"
	}
	*t = sheetTags{prefix: prefix, row: "<" + name + "row", cell: "<" + name + "c", formula: "<" + name + "f", value: "<" + name + "v",
		inline: "<" + name + "is", text: "<" + name + "t", rowEnd: "</" + name + "row>", cellEnd: "</" + name + "c>", formulaEnd: "</" + name + "f>",
		valueEnd: "</" + name + "v>", inlineEnd: "</" + name + "is>", textEnd: "</" + name + "t>"}
	t.valueClosed, t.textClosed = t.valueEnd+t.cellEnd, t.textEnd+t.inlineEnd+t.cellEnd
}

// start is what the decoder found: the rows begin, or one does.
func (s *sheetReader) start(part *xmlPart, start xml.StartElement) error {
	switch start.Name.Local {
	case "row":
		if err := s.row(part, start); err != nil {
			return err
		}
	case "sheetData":
	default:
		return nil
	}
	if s.slow {
		return nil
	}
	s.tags.use(start.Name.Space)
	return s.quickly.read(part, s.tags.rowEnd, s.plainRow, func() error {
		s.number = s.next
		return s.emitRow(s.taken())
	})
}

func (s *sheetReader) emitRow(cells []string) error {
	if len(cells) == 0 {
		return nil
	}
	if err := s.emit(s.number, cells); err != nil {
		return stopped{err}
	}
	return nil
}

// row reads a row that the decoder has opened.
func (s *sheetReader) row(part *xmlPart, start xml.StartElement) error {
	s.number++
	if r := attribute(start, "r"); r != "" {
		n, err := strconv.ParseInt(r, 10, 64)
		if err != nil || n < 1 {
			return fmt.Errorf("row number %q behind row %d", r, s.number-1)
		}
		s.number = n
	}
	cells, err := sheetRow(part, s.texts)
	if err != nil {
		return fmt.Errorf("row %d: %w", s.number, err)
	}
	return s.emitRow(trimRow(cells))
}

// taken are the cells of the row that was read quickly.
func (s *sheetReader) taken() []string {
	s.out = s.out[:0]
	text := string(s.text)
	for _, c := range s.cells {
		if c.shared == "" {
			c.shared = text[c.from:c.to]
		}
		s.out = append(s.out, c.shared)
	}
	return s.out
}

// plainRow reads a row at the beginning of b, and says where it ends; false when it is for
// the decoder.
func (s *sheetReader) plainRow(b []byte) (end int, plain bool) {
	s.text, s.cells, s.letters, s.next = s.text[:0], s.cells[:0], false, s.number+1
	start := skipBlanks(b, 0)
	if !startsAt(b, start, s.tags.row) {
		return 0, false
	}
	i, what := s.rowTag(b, start+len(s.tags.row))
	for column := 0; what == opened; {
		switch {
		case startsAt(b, i, s.tags.cell):
			if i, column, plain = s.plainCell(b, i+len(s.tags.cell), column); !plain {
				return 0, false
			}
		case startsAt(b, i, s.tags.rowEnd):
			i, what = i+len(s.tags.rowEnd), shut
		default:
			blanks := skipBlanks(b, i)
			if blanks == i {
				return 0, false
			}
			i = blanks
		}
	}
	return i, what == shut && (!s.letters || soundLetters(b[start:i]))
}

// rowTag reads the rest of a row's tag, which may have the row's number.
func (s *sheetReader) rowTag(b []byte, i int) (next int, what tagPart) {
	for numbered := false; ; {
		var name, number []byte
		if name, number, i, what = nextPart(b, i); what != someAttribute {
			return i, what
		}
		if !isNamed(name, 'r') {
			continue
		}
		n, err := strconv.ParseInt(string(number), 10, 64)
		if err != nil || n < 1 || numbered || len(name) > 1 {
			return 0, notPlain
		}
		s.next, numbered = n, true
	}
}

// isNamed tells whether a name is a letter, which may have a prefix.
func isNamed(name []byte, letter byte) bool {
	last := len(name) - 1
	return name[last] == letter && (last == 0 || name[last-1] == ':')
}

// plainCell reads a cell behind the name of its tag. column is where it stands when it has
// no reference; next is that of the cell behind it.
func (s *sheetReader) plainCell(b []byte, i, column int) (end, next int, plain bool) {
	var form *cellForm
	if at, behind := reference(b, i); behind > 0 && at < len(s.forms) && len(s.forms[at].written) > 0 && bytes.HasPrefix(b[behind:], s.forms[at].written) {
		form, column = &s.forms[at], at
		i = behind + len(form.written)
	} else if form, i, column = s.cellTag(b, i, column); form == nil {
		return 0, 0, false
	}
	if form.holds == nothing {
		return i, column + 1, true
	}
	from := i
	i, seen := textAt(b, i)
	text := b[from:i]
	closed := s.tags.valueClosed
	if form.holds == inlineText {
		closed = s.tags.textClosed
	}
	if startsAt(b, i, closed) {
		i += len(closed)
	} else if i = s.closed(b, i, form.holds); i == 0 {
		return 0, 0, false
	}
	s.letters = s.letters || seen&beyondASCII != 0
	return i, column + 1, s.take(column, form, text, seen)
}

// closed passes over the ends of a cell's tags, between which blanks may stand; 0 when
// others do.
func (s *sheetReader) closed(b []byte, i int, holds holding) int {
	ends := []string{s.tags.valueEnd, s.tags.cellEnd}
	if holds == inlineText {
		ends = []string{s.tags.textEnd, s.tags.inlineEnd, s.tags.cellEnd}
	}
	for n, end := range ends {
		if n > 0 {
			i = skipBlanks(b, i)
		}
		if !startsAt(b, i, end) {
			return 0
		}
		i += len(end)
	}
	return i
}

// take makes a cell's text of what stands in it; false when it is for the decoder.
func (s *sheetReader) take(column int, form *cellForm, text []byte, seen xmlByte) (plain bool) {
	switch {
	case len(text) == 0:
		return true
	case form.kind == "s" && seen == 0 && len(text) < 10:
		n := 0
		for _, digit := range text {
			n = 10*n + int(digit-'0')
		}
		shared, known := s.texts.at(n)
		s.put(column, cellPlace{shared: shared})
		return known
	case form.kind == "n" && form.style == "" && seen&noNumber == 0, (form.kind == "str" || form.kind == "inlineStr") && seen&notAsItIs == 0:
		from := len(s.text)
		s.text = append(s.text, text...)
		s.put(column, cellPlace{from: from, to: len(s.text)})
		return true
	}
	said, plain := resolved(text)
	if !plain {
		return false
	}
	said, err := cellValue(form.kind, said, "", s.texts)
	if err == nil && form.style != "" {
		said = s.texts.dates.text(form.style, said)
	}
	s.put(column, cellPlace{shared: said})
	return err == nil
}

// put notes a cell; one without text is none, as the decoder has it.
func (s *sheetReader) put(column int, c cellPlace) {
	if c.shared == "" && c.from == c.to {
		return
	}
	for len(s.cells) <= column {
		s.cells = append(s.cells, cellPlace{})
	}
	s.cells[column] = c
}

// reference reads a cell's reference where most have it, as in ' r="AB12'. behind is where
// it ends; 0 when there is none.
func reference(b []byte, i int) (column, behind int) {
	if !startsAt(b, i, referenceName) {
		return 0, 0
	}
	i += len(referenceName)
	first := i
	for i < len(b) && b[i] >= 'A' && b[i] <= 'Z' && i < first+3 {
		column = column*26 + int(b[i]-'A') + 1
		i++
	}
	digit := i
	i = digits(b, i)
	if digit == first || i == digit {
		return 0, 0
	}
	return column - 1, i
}

const referenceName = ` r="`

// cellTag reads a cell from behind the name of its tag to the text of its value, and notes
// how that is written; nil when it is for the decoder.
func (s *sheetReader) cellTag(b []byte, i, column int) (form *cellForm, next, at int) {
	_, behind := reference(b, i)
	column, kind, style, i, what := cellAttributes(b, i, column)
	if what == notPlain {
		return nil, 0, 0
	}
	for len(s.forms) <= column {
		s.forms = append(s.forms, cellForm{})
	}
	form = &s.forms[column]
	form.written = form.written[:0]
	if form.kind != string(kind) {
		form.kind = string(kind)
	}
	form.style, form.holds = "", nothing
	if form.kind == "n" && s.texts != nil && s.texts.dates.shows(string(style)) {
		form.style = string(style)
	}
	varies := false
	if what == opened {
		i = skipBlanks(b, i)
		if varies = startsAt(b, i, s.tags.formula); varies {
			i = s.passFormula(b, i)
		}
		i, form.holds = s.cellContent(b, i)
	}
	if i == 0 || form.holds == inlineText && form.kind != "inlineStr" {
		return nil, 0, 0
	}
	if behind > 0 && !varies {
		form.written = append(form.written, b[behind:i]...)
	}
	return form, i, column
}

// cellAttributes reads the rest of a cell's tag.
func cellAttributes(b []byte, i, column int) (at int, kind, style []byte, next int, what tagPart) {
	var named, typed, styled bool
	kind = []byte("n")
	for {
		var name, text []byte
		if name, text, i, what = nextPart(b, i); what != someAttribute {
			return column, kind, style, i, what
		}
		letter := name[len(name)-1]
		if letter != 'r' && letter != 't' && letter != 's' || !isNamed(name, letter) {
			continue
		}
		twice := &named
		switch letter {
		case 'r':
			var err error
			if column, err = columnOf(string(text)); err != nil || column >= maxGridColumns {
				return 0, nil, nil, 0, notPlain
			}
		case 't':
			kind, twice = text, &typed
		case 's':
			style, twice = text, &styled
		}
		if *twice || len(name) > 1 || len(text) == 0 {
			return 0, nil, nil, 0, notPlain
		}
		*twice = true
	}
}

// passFormula passes over a formula, of which only the result counts; 0 when it is for the
// decoder.
func (s *sheetReader) passFormula(b []byte, i int) int {
	i, what := openTag(b, i+len(s.tags.formula))
	switch what {
	case notPlain:
		return 0
	case shut:
		return skipBlanks(b, i)
	}
	end, seen := textAt(b, i)
	if _, plain := resolved(b[i:end]); !plain || !startsAt(b, end, s.tags.formulaEnd) {
		return 0
	}
	s.letters = s.letters || seen&beyondASCII != 0
	return skipBlanks(b, end+len(s.tags.formulaEnd))
}

// cellContent reads what stands in a cell up to its text, or its end when it has none; 0
// when it is for the decoder.
func (s *sheetReader) cellContent(b []byte, i int) (next int, holds holding) {
	if i == 0 {
		return 0, nothing
	}
	what := shut
	switch {
	case startsAt(b, i, s.tags.cellEnd):
		return i + len(s.tags.cellEnd), nothing
	case startsAt(b, i, s.tags.value):
		i, what = openTag(b, i+len(s.tags.value))
		holds = value
	case startsAt(b, i, s.tags.inline):
		if i, what = openTag(b, i+len(s.tags.inline)); what != opened {
			return 0, nothing
		}
		if i = skipBlanks(b, i); !startsAt(b, i, s.tags.text) {
			return 0, nothing
		}
		if i, what = openTag(b, i+len(s.tags.text)); what != opened {
			return 0, nothing
		}
		holds = inlineText
	default:
		return 0, nothing
	}
	switch what {
	case opened:
		return i, holds
	case shut: // <v/>
		if i = skipBlanks(b, i); startsAt(b, i, s.tags.cellEnd) {
			return i + len(s.tags.cellEnd), nothing
		}
	}
	return 0, nothing
}
