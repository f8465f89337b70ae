package decode

import (
	"bytes"
	"strings"
)

// quotes follows a delimited text and knows whether the next byte stands inside
// quotes. A quote opens at the beginning of a field only, as in DuckDB's reader:
// the inch in "6" pipes" without quotes around the field opens nothing.
type quotes struct {
	inside bool
	opens  bool // a quote as the next byte opens; set before the first
	closed bool // the last byte closed
	any    bool // there was one
}

// take reads a part of a line.
func (q *quotes) take(part []byte) {
	if len(part) == 0 {
		return
	}
	count := bytes.Count(part, []byte{'"'})
	q.any = q.any || count > 0
	switch {
	case count == 0:
		q.closed = false
	case count%2 == 0 && !q.inside && closesLast(part): // what opens also closes
		q.closed = part[len(part)-1] == '"'
	default:
		q.each(part)
	}
	if rest := bytes.TrimRight(part, " "); len(rest) > 0 {
		q.opens = startsField(rest[len(rest)-1])
	}
}

// closesLast tells by its neighbours whether the last quote closes.
func closesLast(part []byte) bool {
	last := bytes.LastIndexByte(part, '"')
	if last == 0 || startsField(part[last-1]) || part[last-1] == ' ' {
		return false
	}
	return last == len(part)-1 || startsField(part[last+1]) || part[last+1] == '\r'
}

func (q *quotes) each(part []byte) {
	closedAt := -2
	if q.closed {
		closedAt = -1
	}
	for i := 0; i < len(part); i++ {
		next := bytes.IndexByte(part[i:], '"')
		if next < 0 {
			break
		}
		i += next
		switch {
		case q.inside && i+1 < len(part) && part[i+1] == '"':
			i++ // one that stands for itself
		case q.inside:
			q.inside, closedAt = false, i
		case i == closedAt+1, q.opensAt(part, i):
			q.inside = true
		}
	}
	q.closed = closedAt == len(part)-1
}

// opensAt tells whether a field begins at i.
func (q *quotes) opensAt(part []byte, i int) bool {
	before := bytes.TrimRight(bytes.TrimPrefix(part[:i], bom), " ")
	if len(before) == 0 {
		return q.opens
	}
	return startsField(before[len(before)-1])
}

func startsField(before byte) bool { return strings.IndexByte(",;\t|", before) >= 0 }

// endLine is told of a line end.
func (q *quotes) endLine() { q.opens, q.closed = true, false }
