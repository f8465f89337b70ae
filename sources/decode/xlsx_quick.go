package decode

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// Sheets have hundreds of thousands of rows, nearly all of which hold plain numbers and
// texts in cells that are written as those of the row before. These are read here, straight
// from the bytes; any other, and whatever stands around them, is read by the XML decoder,
// which takes over at the beginning of each row that is not as plain as that. What comes
// out is the same, errors included: nothing here says what is wrong with a row.

// quickly reads elements of a part that follow each other. Where the next is not plain, the
// decoder reads it; the more of them in a row are not, the rarer the tries.
type quickly struct {
	odd  int // tries in a row that read nothing, as a sum of powers
	wait int // elements until the next try
}

// read takes elements as long as one finds a plain one at the beginning of what was read,
// says where it ends, and done does not fail. end closes such an element.
func (q *quickly) read(part *xmlPart, end string, one func(b []byte) (int, bool), done func() error) error {
	if q.wait > 0 {
		q.wait--
		return nil
	}
	took := false
	for {
		n := part.ahead([]byte(end), one)
		if n == 0 {
			break
		}
		took = true
		if err := done(); err != nil {
			return err
		}
	}
	if q.odd = 2*q.odd + 1; took {
		q.odd = 0
	}
	q.wait = min(q.odd, mostWait)
	return nil
}

// deepest is how many tags stand inside each other in an element that is read quickly.
const deepest = 4

// ahead takes an element that the decoder has not read yet; 0 when the next is not plain.
func (p *xmlPart) ahead(end []byte, one func(b []byte) (int, bool)) int {
	if p.foreign || len(p.open)+deepest > maxDepth {
		return 0
	}
	for {
		b := p.window.buf[p.window.from:]
		if n, plain := one(b); plain && n <= maxCellBytes {
			p.lines += bytes.Count(b[:n], []byte{'\n'})
			p.window.take(n)
			return n
		}
		p.in.burst = 0
		if bytes.Contains(b, end) || !p.window.more() { // all of it is here, and it is not plain
			return 0
		}
	}
}

// xmlByte is what a byte is in the text of an element or in an attribute.
type xmlByte uint8

const (
	noDigit     xmlByte = 1 << iota
	noNumber            // no sign, point or digit either
	beyondASCII         // it is a part of a letter
	notAsItIs           // it may begin what stands for something else, or be an error
	noAttribute         // it ends an attribute, or is none of its letters
	noText              // a tag begins, or it is replaced or an error
)

var xmlBytes = func() (kinds [256]xmlByte) {
	for c := range kinds {
		switch {
		case c >= '0' && c <= '9':
		case c == '+', c == '-', c == '.':
			kinds[c] = noDigit
		case c >= utf8.RuneSelf:
			kinds[c] = noDigit | noNumber | beyondASCII | noAttribute
		case c == '<', c < ' ' && c != '\t' && c != '\n':
			kinds[c] = noDigit | noNumber | noAttribute | noText
		case c == '&':
			kinds[c] = noDigit | noNumber | notAsItIs | noAttribute
		case c == '>', c == '_':
			kinds[c] = noDigit | noNumber | notAsItIs
		case c == '"', c < ' ':
			kinds[c] = noDigit | noNumber | noAttribute
		default:
			kinds[c] = noDigit | noNumber
		}
	}
	return kinds
}()

// textAt passes over a text, and says what there is in it.
func textAt(b []byte, i int) (end int, seen xmlByte) {
	for ; i < len(b); i++ {
		kind := xmlBytes[b[i]]
		if kind&noText != 0 {
			break
		}
		seen |= kind
	}
	return i, seen
}

// soundLetters tells whether texts with letters beyond ASCII are what XML may hold.
func soundLetters(b []byte) bool {
	return utf8.Valid(b) && !bytes.Contains(b, []byte("\uFFFE")) && !bytes.Contains(b, []byte("\uFFFF"))
}

// resolved is a text with what stands for other letters replaced; false when it is for the
// decoder.
func resolved(text []byte) (string, bool) {
	if bytes.Contains(text, []byte("]]>")) {
		return "", false
	}
	var out []byte
	for {
		at := bytes.IndexByte(text, '&')
		if at < 0 {
			return string(append(out, text...)), true
		}
		length := bytes.IndexByte(text[at:], ';')
		if length < 0 {
			return "", false
		}
		letter, known := entity(text[at+1 : at+length])
		if !known {
			return "", false
		}
		out = utf8.AppendRune(append(out, text[:at]...), letter)
		text = text[at+length+1:]
	}
}

// entity is the letter that a name between & and ; stands for.
func entity(name []byte) (rune, bool) {
	switch string(name) {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, numbered := bytes.CutPrefix(name, []byte("#"))
	digits, hexadecimal := bytes.CutPrefix(digits, []byte("x"))
	base := 10
	if hexadecimal {
		base = 16
	}
	n, err := strconv.ParseUint(string(digits), base, 31)
	letter := rune(n)
	if !numbered || err != nil || !utf8.ValidRune(letter) || letter < ' ' && letter != '\t' && letter != '\n' && letter != '\r' || letter == 0xFFFE || letter == 0xFFFF {
		return 0, false
	}
	return letter, true
}

// tagPart is what comes next in a tag.
type tagPart int

const (
	notPlain      tagPart = iota
	someAttribute         // a name with a value
	opened                // the tag ends
	shut                  // the tag ends, and closes itself
)

// nextPart reads the next part of a tag whose name or attribute ends at i.
func nextPart(b []byte, i int) (name, value []byte, next int, what tagPart) {
	at := skipBlanks(b, i)
	switch {
	case at >= len(b):
		return nil, nil, 0, notPlain
	case b[at] == '>':
		return nil, nil, at + 1, opened
	case b[at] == '/' && at+1 < len(b) && b[at+1] == '>':
		return nil, nil, at + 2, shut
	case at == i, !isLetter(b[at]):
		return nil, nil, 0, notPlain
	}
	end, colons := at, 0
	for end < len(b) && (isLetter(b[end]) || b[end] >= '0' && b[end] <= '9' || b[end] == ':') {
		if b[end] == ':' {
			colons++
		}
		end++
	}
	from := end + 2
	if from > len(b) || b[end] != '=' || b[end+1] != '"' || colons > 1 {
		return nil, nil, 0, notPlain
	}
	to := from
	for to < len(b) && xmlBytes[b[to]]&noAttribute == 0 {
		to++
	}
	if to == len(b) || b[to] != '"' {
		return nil, nil, 0, notPlain
	}
	return b[at:end], b[from:to], to + 1, someAttribute
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

// openTag passes over the rest of a tag whose attributes do not count.
func openTag(b []byte, i int) (next int, what tagPart) {
	for {
		if _, _, i, what = nextPart(b, i); what != someAttribute {
			return i, what
		}
	}
}

// startsAt tells whether what stands at i of b begins with a text.
func startsAt(b []byte, i int, text string) bool {
	return len(b)-i >= len(text) && string(b[i:i+len(text)]) == text
}
