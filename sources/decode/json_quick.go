package decode

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Files have hundreds of thousands of records, nearly all of which hold plain texts and
// numbers under the names of the one before. These are read here, straight from the bytes;
// any other, and whatever stands around them, is read by the decoder, which takes over at
// each record that is not as plain as that. What comes out is the same.

// window is what was read of a file ahead of what was taken.
type window struct {
	r     io.Reader
	buf   []byte
	from  int // buf[from:] was not taken yet
	taken int64
	err   error
}

const (
	windowStep = 64 << 10
	windowMost = 1 << 20 // a longer record is for the decoder
)

// more reads on; false at the end, or when there is enough.
func (w *window) more() bool {
	if w.err != nil || len(w.buf)-w.from >= windowMost {
		return false
	}
	if w.from > 0 {
		w.buf, w.from = w.buf[:copy(w.buf, w.buf[w.from:])], 0
	}
	w.buf = slices.Grow(w.buf, windowStep)
	n, err := w.r.Read(w.buf[len(w.buf):cap(w.buf)])
	w.buf, w.err = w.buf[:len(w.buf)+n], err
	return n > 0 || err == nil
}

func (w *window) take(n int) {
	w.from += n
	w.taken += int64(n)
}

// Read is for the decoder, which takes more than it needs.
func (w *window) Read(p []byte) (int, error) {
	for w.from == len(w.buf) {
		if !w.more() {
			return 0, w.err
		}
	}
	n := copy(p, w.buf[w.from:])
	w.take(n)
	return n, nil
}

// ReadByte is for a decoder that takes no more than it needs.
func (w *window) ReadByte() (byte, error) {
	for w.from == len(w.buf) {
		if !w.more() {
			return 0, w.err
		}
	}
	c := w.buf[w.from]
	w.take(1)
	return c, nil
}

// giveBack takes back what the decoder did not need.
func (w *window) giveBack(r io.Reader) error {
	rest, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if w.from < len(rest) {
		w.buf, w.from = append(slices.Clone(rest), w.buf[w.from:]...), len(rest)
	}
	w.take(-len(rest))
	return nil
}

// Where records stand, as what opens around them.
const (
	inNothing    = ""       // one behind the other
	inList       = `[`      // in a list of their own
	inAnswer     = `{"":[`  // in the list of an answer
	inListOfMany = `[{"":[` // in that of one of a list of answers
)

// mostWait is how many records are left to the decoder before the next try.
const mostWait = 1000

// quickRecords emits the records that come next, as long as they are plain. first tells
// that none stands before them in their list.
func (f *jsonFile) quickRecords(where string, first bool) error {
	if f.names == nil || f.slow {
		return nil
	}
	if f.wait > 0 {
		f.wait--
		return nil
	}
	if err := f.window.giveBack(f.decoder.Buffered()); err != nil {
		return err
	}
	took := 0
	for {
		n, err := f.quickRecord(where, first && took == 0)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		took++
	}
	if f.odd = 2*f.odd + 1; took > 0 {
		f.odd = 0
	}
	f.wait = min(f.odd, mostWait)
	f.resume(where, first && took == 0)
	return nil
}

// resume lets a decoder go on where the records at hand end. It has to know what is open
// there, and that something stands before.
func (f *jsonFile) resume(where string, first bool) {
	before := where
	if where != inNothing && !first {
		before += "[]" // which ends without a look at what is behind it
	}
	f.offset = f.window.taken - int64(len(before))
	f.limit.restart()
	f.decoder = json.NewDecoder(io.MultiReader(strings.NewReader(before), f.limit))
	f.decoder.UseNumber()
	for f.decoder.InputOffset() < int64(len(before)) {
		if _, err := f.decoder.Token(); err != nil {
			panic(fmt.Sprintf("the decoder can't read %q: %v", before, err)) // it is JSON so far
		}
	}
}

// verdict is what there is of a record.
type verdict int

const (
	plain verdict = iota
	odd           // for the decoder
	short         // more is to be read
)

// quickRecord emits the next record and takes it; 0 when it is not plain.
func (f *jsonFile) quickRecord(where string, first bool) (int, error) {
	for {
		b := f.window.buf[f.window.from:]
		at, found := 0, plain
		if where != inNothing && !first {
			at, found = comma(b)
		}
		if found == plain {
			at, found = f.plainRecord(b, at, where == inNothing || where == inList)
		}
		switch {
		case found == odd || found == short && !f.window.more():
			return 0, nil
		case found == plain:
			f.window.take(at)
			f.records++
			if where == inNothing || where == inList {
				f.bare++
			}
			return at, f.emit(f.records, f.places.cells)
		}
	}
}

func comma(b []byte) (int, verdict) {
	at := skipBlanks(b, 0)
	switch {
	case at == len(b):
		return at, short
	case b[at] != ',':
		return at, odd
	}
	return at + 1, plain
}

func skipBlanks(b []byte, at int) int {
	for at < len(b) && (b[at] == ' ' || b[at] == '\n' || b[at] == '\r' || b[at] == '\t') {
		at++
	}
	return at
}

// places is where the fields of records stand, by their names as the file spells them.
// Those that are no column have places behind the columns.
type places struct {
	of    map[string]int
	plain []string // by place, as PlainName has them
	kinds []kind   // by place
	seen  []int64  // by place: the last try in which a record has it
	spans []extent // by place
	texts []string // by place, of values that are not written as they are
	tries int64
	order []fieldName // of the last record
	cells []string    // of the last record, by place
}

// extent is where a value stands in its record; none stands nowhere.
type extent struct{ from, to int }

// kind is what a name may be beside that of a column.
type kind int

const (
	ofRecord kind = iota
	ofList        // an answer's list of records
	ofAnswer      // what an answer has beside it
)

// fieldName is a name with its quotes and the colon, as it is written.
type fieldName struct {
	written []byte
	at      int
}

// mostPlaces is how many names of fields are known at once. Records have some fifty.
const mostPlaces = 2000

// place is where a field stands; -1 when too many names are known already.
func (f *jsonFile) place(name []byte) int {
	p := &f.places
	if p.of == nil {
		p.of = map[string]int{}
		for _, plain := range f.names {
			f.addPlace(plain)
		}
	}
	if at, known := p.of[string(name)]; known {
		return at
	}
	if len(p.of) >= mostPlaces {
		return -1
	}
	plain := PlainName(string(name))
	at := slices.Index(p.plain, plain)
	if at < 0 {
		at = f.addPlace(plain)
	}
	p.of[string(name)] = at
	return at
}

func (f *jsonFile) addPlace(plain string) int {
	p, k := &f.places, ofRecord
	switch {
	case slices.Contains(f.Lists, plain):
		k = ofList
	case f.besideRecords(plain):
		k = ofAnswer
	}
	p.plain, p.kinds, p.seen = append(p.plain, plain), append(p.kinds, k), append(p.seen, 0)
	p.spans, p.texts = append(p.spans, extent{}), append(p.texts, "")
	return len(p.plain) - 1
}

// plainRecord reads the record at a place of b, and says where it ends. It is odd when it
// has objects or lists in it, two fields of one name, or anything that is not sound; and,
// where answers may stand, when it may be one.
func (f *jsonFile) plainRecord(b []byte, at int, answers bool) (int, verdict) {
	start := skipBlanks(b, at)
	if start == len(b) {
		return 0, short
	}
	if b[start] != '{' {
		return 0, odd
	}
	p := &f.places
	p.tries++
	i, high, own := start+1, false, !answers // own: it has a field that no answer has
	for n := 0; ; n++ {
		var place int
		var found verdict
		if i, place, found = f.quickName(b, i, n); found != plain {
			return 0, found
		}
		if p.seen[place] == p.tries || answers && p.kinds[place] == ofList {
			return 0, odd
		}
		p.seen[place], own = p.tries, own || p.kinds[place] == ofRecord
		var isHigh bool
		if i, isHigh, found = p.value(b, i, place); found != plain {
			return 0, found
		}
		high = high || isHigh
		if i = skipBlanks(b, i); i == len(b) {
			return 0, short
		}
		if b[i] == '}' {
			break
		}
		if b[i] != ',' {
			return 0, odd
		}
		i++
	}
	i++
	if !own || high && !utf8.Valid(b[start:i]) {
		return 0, odd
	}
	p.setCells(string(b[start:i]), start, len(f.names))
	return i, plain
}

// setCells makes the cells of a record whose text begins at a place of what was read.
func (p *places) setCells(text string, start, width int) {
	p.cells = p.cells[:0]
	for i, s := range p.spans[:width] {
		cell := ""
		switch {
		case p.seen[i] != p.tries:
		case s.to > 0:
			cell = text[s.from-start : s.to-start]
		default:
			cell = p.texts[i]
		}
		p.cells = append(p.cells, cell)
	}
}

// quickName reads the name of a record's n-th field, and the colon behind it.
func (f *jsonFile) quickName(b []byte, i, n int) (next, place int, found verdict) {
	p := &f.places
	i = skipBlanks(b, i)
	if n < len(p.order) && bytes.HasPrefix(b[i:], p.order[n].written) {
		return i + len(p.order[n].written), p.order[n].at, plain
	}
	if i == len(b) {
		return 0, 0, short
	}
	if b[i] != '"' {
		return 0, 0, odd
	}
	end := i + 1
	for end < len(b) && textKinds[b[end]] != ending {
		end++
	}
	colon := skipBlanks(b, min(end+1, len(b)))
	switch {
	case colon >= len(b):
		return 0, 0, short
	case b[end] != '"' || b[colon] != ':':
		return 0, 0, odd
	}
	if place = f.place(b[i+1 : end]); place < 0 {
		return 0, 0, odd
	}
	p.order = append(p.order[:min(n, len(p.order))], fieldName{bytes.Clone(b[i : colon+1]), place})
	return colon + 1, place, plain
}

// textKind is what a byte does in a text.
type textKind uint8

const (
	ordinary textKind = iota
	high              // it is a part of a letter beyond ASCII
	ending            // the text ends, or is not written as it is, or is not sound
)

var textKinds = func() (kinds [256]textKind) {
	for c := range kinds {
		switch {
		case c < ' ', c == '"', c == '\\':
			kinds[c] = ending
		case c >= utf8.RuneSelf:
			kinds[c] = high
		}
	}
	return kinds
}()

// value reads a value and notes where it stands.
func (p *places) value(b []byte, i, place int) (next int, isHigh bool, found verdict) {
	if i = skipBlanks(b, i); i == len(b) {
		return 0, false, short
	}
	p.spans[place], p.texts[place] = extent{}, ""
	word := ""
	switch c := b[i]; c {
	case '"':
		return p.text(b, i, place)
	case 'n':
		word = "null"
	case 't':
		word = "true"
	case 'f':
		word = "false"
	default:
		next, found = p.number(b, i, place)
		return next, false, found
	}
	switch {
	case len(b)-i < len(word):
		return 0, false, short
	case string(b[i:i+len(word)]) != word:
		return 0, false, odd
	case word != "null":
		p.texts[place] = word
	}
	return i + len(word), false, plain
}

func (p *places) text(b []byte, i, place int) (next int, isHigh bool, found verdict) {
	end := i + 1
	for ; end < len(b); end++ {
		if kind := textKinds[b[end]]; kind == ending {
			break
		} else if kind == high {
			isHigh = true
		}
	}
	switch {
	case end == len(b):
		return 0, false, short
	case b[end] == '"':
		p.spans[place] = extent{i + 1, end}
		return end + 1, isHigh, plain
	case b[end] != '\\':
		return 0, false, odd
	}
	for ; end < len(b) && b[end] != '"'; end++ {
		if b[end] == '\\' {
			end++ // whatever is behind it
		}
	}
	if end >= len(b) {
		return 0, false, short
	}
	if json.Unmarshal(b[i:end+1], &p.texts[place]) != nil {
		return 0, false, odd
	}
	return end + 1, true, plain
}

// number reads a number as JSON writes them.
func (p *places) number(b []byte, i, place int) (int, verdict) {
	at := i
	if b[at] == '-' {
		at++
	}
	whole := at
	at = digits(b, at)
	if at == whole || b[whole] == '0' && at > whole+1 {
		return 0, shortAt(b, at)
	}
	if at < len(b) && b[at] == '.' {
		part := at + 1
		if at = digits(b, part); at == part {
			return 0, shortAt(b, at)
		}
	}
	power := at < len(b) && (b[at] == 'e' || b[at] == 'E')
	if power {
		if at++; at < len(b) && (b[at] == '+' || b[at] == '-') {
			at++
		}
		first := at
		if at = digits(b, at); at == first {
			return 0, shortAt(b, at)
		}
	}
	if at == len(b) {
		return 0, short
	}
	if power {
		p.texts[place] = plainDecimal(string(b[i:at]))
	} else {
		p.spans[place] = extent{i, at}
	}
	return at, plain
}

// shortAt tells a number that is not all here from one that is none.
func shortAt(b []byte, at int) verdict {
	if at == len(b) {
		return short
	}
	return odd
}

func digits(b []byte, at int) int {
	for at < len(b) && '0' <= b[at] && b[at] <= '9' {
		at++
	}
	return at
}
