package decode

import (
	"bytes"
	"unicode/utf8"
)

// shift says that from the record with this number (1 is the header) a record's
// line is its number plus by. Blank lines and line breaks inside quotes shift.
type shift struct{ record, by int64 }

// lineScanner learns, from the bytes that are written to it, where records
// start, whether the text is UTF-8, and what the file begins with.
type lineScanner struct {
	exponents bool // "E+" stands somewhere, as in 1.23E+10
	head      []byte
	size      int64
	records   int64
	line      int64 // line breaks so far
	openAt    int64
	shifts    []shift
	quotes    quotes
	content   bool // the record at hand has a character
	badUTF8   bool
	feeds     int64 // lines that end with a line feed alone
	returns   int64 // lines that end with a carriage return and a line feed
	alone     int64 // carriage returns without a line feed
	last      byte
	length    int64 // of the record at hand so far
	longest   int64
	partial   []byte // of a character at the end of the last write
}

func newLineScanner() *lineScanner { return &lineScanner{quotes: quotes{opens: true}} }

func (s *lineScanner) Write(p []byte) (int, error) {
	if room := headBytes - len(s.head); room > 0 {
		s.head = append(s.head, p[:min(room, len(p))]...)
	}
	s.size += int64(len(p))
	s.checkUTF8(p)
	s.exponents = s.exponents || bytes.Contains(p, []byte("E+"))
	if s.takeEven(p) {
		return len(p), nil
	}
	for rest := p; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			s.alone += int64(bytes.Count(rest, []byte{'\r'}))
			s.take(rest)
			s.last = rest[len(rest)-1]
			break
		}
		s.alone += int64(bytes.Count(rest[:end], []byte{'\r'}))
		s.take(rest[:end])
		s.countEnd(rest[:end])
		s.endLine()
		rest = rest[end+1:]
	}
	return len(p), nil
}

// takeEven takes whole lines at once where nothing is special: no quotes, no carriage
// returns, no blank lines and none of more than eight kibibytes. It does nothing
// and tells so where something is.
func (s *lineScanner) takeEven(p []byte) bool {
	const window = 4 << 10
	last := bytes.LastIndexByte(p, '\n')
	if last < window || s.quotes.inside || s.last == '\r' || bytes.IndexByte(p, '"') >= 0 || bytes.IndexByte(p, '\r') >= 0 ||
		bytes.Contains(p, []byte("\n\n")) || p[0] == '\n' {
		return false
	}
	for at := 0; at+window <= last; at += window {
		if bytes.IndexByte(p[at:at+window], '\n') < 0 {
			return false
		}
	}
	first := bytes.IndexByte(p, '\n')
	s.take(p[:first])
	s.endLine()
	if n := int64(bytes.Count(p[first+1:last+1], []byte{'\n'})); n > 0 {
		// The second line may be the first record, so its shift is to be looked at.
		second := first + 1 + bytes.IndexByte(p[first+1:], '\n')
		s.take(p[first+1 : second])
		s.endLine()
		s.line += n - 1
		s.records += n - 1
		s.feeds += n
	}
	s.feeds++
	s.last = 0
	if tail := p[last+1:]; len(tail) > 0 {
		s.take(tail)
		s.last = tail[len(tail)-1]
	}
	return true
}

// take reads a part of a line.
func (s *lineScanner) take(part []byte) {
	if len(part) == 0 || !s.content && len(part) == 1 && part[0] == '\r' {
		return
	}
	if !s.content && !s.quotes.inside {
		s.content = true
		s.records++
		s.length = 0
		if by := s.line + 1 - s.records; len(s.shifts) > 0 && by != s.shifts[len(s.shifts)-1].by || len(s.shifts) == 0 && by != 0 {
			s.shifts = append(s.shifts, shift{s.records, by})
		}
	}
	s.length += int64(len(part))
	s.longest = max(s.longest, s.length)
	was := s.quotes.inside
	if s.quotes.take(part); s.quotes.inside && !was {
		s.openAt = s.line + 1
	}
}

// countEnd counts the kind of the line end behind the part. Those inside quotes
// do not count.
func (s *lineScanner) countEnd(part []byte) {
	last := s.last
	if len(part) > 0 {
		last = part[len(part)-1]
	}
	if last == '\r' {
		s.alone--
	}
	switch {
	case s.quotes.inside:
	case last == '\r':
		s.returns++
	default:
		s.feeds++
	}
	s.last = 0
}

// mixed tells whether the file has more than one kind of line ends.
func (s *lineScanner) mixed() bool { return s.feeds > 0 && s.returns > 0 || s.alone > 0 }

func (s *lineScanner) endLine() {
	s.line++
	s.quotes.endLine()
	if !s.quotes.inside {
		s.content = false
	}
}

func (s *lineScanner) close() {
	if len(s.partial) > 0 {
		s.badUTF8 = true
	}
}

func (s *lineScanner) utf8() bool { return !s.badUTF8 }

// checkUTF8 keeps an incomplete character at the end of p for the next write.
func (s *lineScanner) checkUTF8(p []byte) {
	if s.badUTF8 {
		return
	}
	if len(s.partial) > 0 {
		p = append(s.partial, p...)
		s.partial = nil
	}
	if utf8.Valid(p) {
		return
	}
	for tail := 1; tail < utf8.UTFMax && tail <= len(p); tail++ {
		if end := p[len(p)-tail:]; utf8.RuneStart(end[0]) {
			if !utf8.FullRune(end) && utf8.Valid(p[:len(p)-tail]) {
				s.partial = bytes.Clone(end)
				return
			}
			break
		}
	}
	s.badUTF8 = true
}
