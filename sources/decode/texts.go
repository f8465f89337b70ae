package decode

import (
	"encoding/xml"
	"fmt"
)

// sharedTexts are the texts of a workbook that cells refer to by number. A large sheet may
// have a million, so they are kept one behind the other, in blocks that never move: what
// grows in one piece is there twice while it is moved.
type sharedTexts struct {
	blocks []textBlock
	bytes  int // of all texts, and of what it takes to find them
	dates  *dateStyles
}

type textBlock struct {
	text []byte // while texts are added
	said string // afterwards, so that each is a part of it
	ends []uint32
}

const (
	textsOfBlock   = 4096
	maxSharedBytes = 96 << 20 // in memory
)

// add keeps a text under the next number.
func (t *sharedTexts) add(text string) error {
	if t.bytes += len(text) + 4; t.bytes > maxSharedBytes {
		return Refuse("has more than %d MB of texts, so it is no table; save its sheets as CSV", maxSharedBytes>>20)
	}
	last := len(t.blocks) - 1
	if last < 0 || len(t.blocks[last].ends) == textsOfBlock {
		t.done()
		t.blocks = append(t.blocks, textBlock{ends: make([]uint32, 0, textsOfBlock)})
		last++
	}
	b := &t.blocks[last]
	b.text = append(b.text, text...)
	b.ends = append(b.ends, uint32(len(b.text)))
	return nil
}

// done tells that the last block has all its texts; before, at does not know them.
func (t *sharedTexts) done() {
	if last := len(t.blocks) - 1; last >= 0 && t.blocks[last].text != nil {
		b := &t.blocks[last]
		b.text, b.said = nil, string(b.text)
	}
}

// at is the text of that number, when all are there. Of nil, which asks only whether a cell has any, it is
// always there.
func (t *sharedTexts) at(i int) (string, bool) {
	if t == nil {
		return "?", true
	}
	if i < 0 || i/textsOfBlock >= len(t.blocks) {
		return "", false
	}
	b, i := &t.blocks[i/textsOfBlock], i%textsOfBlock
	if i >= len(b.ends) {
		return "", false
	}
	start := uint32(0)
	if i > 0 {
		start = b.ends[i-1]
	}
	return b.said[start:b.ends[i]], true
}

// textReader reads the part of a workbook that has the shared texts.
type textReader struct {
	*sharedTexts
	part string
	slow bool // the decoder reads every text

	quickly quickly
	next    string // that was read quickly
}

// start is what the decoder found: the texts begin, or one does.
func (t *textReader) start(part *xmlPart, start xml.StartElement) error {
	switch start.Name.Local {
	case "si":
		text, err := richText(part)
		if err != nil {
			return fmt.Errorf("part %s: %w", t.part, err)
		}
		if err := t.add(text); err != nil {
			return err
		}
	case "sst":
	default:
		return nil
	}
	if t.slow || start.Name.Space != "" {
		return nil
	}
	return t.quickly.read(part, "</si>", t.plainItem, func() error { return t.add(t.next) })
}

// plainItem reads a text at the beginning of b that is all of one kind, and says where it
// ends; false when it is for the decoder.
func (t *textReader) plainItem(b []byte) (end int, plain bool) {
	i := skipBlanks(b, 0)
	for _, tag := range []string{"<si", "<t"} {
		if !startsAt(b, i, tag) {
			return 0, false
		}
		var what tagPart
		if i, what = openTag(b, i+len(tag)); what != opened {
			return 0, false
		}
		if tag == "<si" {
			i = skipBlanks(b, i)
		}
	}
	from := i
	i, seen := textAt(b, i)
	text := b[from:i]
	if !startsAt(b, i, "</t>") {
		return 0, false
	}
	if i = skipBlanks(b, i+len("</t>")); !startsAt(b, i, "</si>") || seen&beyondASCII != 0 && !soundLetters(text) {
		return 0, false
	}
	said, plain := resolved(text)
	t.next = unescapeText(said)
	return i + len("</si>"), plain
}
