package decode

// sharedTexts are the texts of a workbook that cells refer to by number. A large sheet may
// have a million, so they are kept one behind the other, in blocks that never move: what
// grows in one piece is there twice while it is moved.
type sharedTexts struct {
	blocks []textBlock
	bytes  int // of all texts, and of what it takes to find them
	dates  *dateStyles
}

type textBlock struct {
	text []byte
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
		t.blocks = append(t.blocks, textBlock{ends: make([]uint32, 0, textsOfBlock)})
		last++
	}
	b := &t.blocks[last]
	b.text = append(b.text, text...)
	b.ends = append(b.ends, uint32(len(b.text)))
	return nil
}

// at is the text of that number. Of nil, which asks only whether a cell has any, it is
// always there.
func (t *sharedTexts) at(i int) (string, bool) {
	if t == nil {
		return "?", true
	}
	if i < 0 || i/textsOfBlock >= len(t.blocks) {
		return "", false
	}
	b, i := t.blocks[i/textsOfBlock], i%textsOfBlock
	if i >= len(b.ends) {
		return "", false
	}
	start := uint32(0)
	if i > 0 {
		start = b.ends[i-1]
	}
	return string(b.text[start:b.ends[i]]), true
}
