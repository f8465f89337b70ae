package decode

import "testing"

// However the text comes in pieces, quotes say the same of it.
func TestQuotesInPieces(t *testing.T) {
	for _, line := range []string{`a,"b""c",d`, `6" x,"b`, `"a""`, `"a"","b"`, `x,  "y`, `""""`, `a"b,"c,"d"`, "\xef\xbb\xbf\"a,b", `",""",";"`} {
		whole := quotes{opens: true}
		whole.each([]byte(line))
		for cut := range len(line) + 1 {
			pieces := quotes{opens: true}
			pieces.take([]byte(line[:cut]))
			pieces.take([]byte(line[cut:]))
			if pieces.inside != whole.inside && cut > 3 {
				t.Errorf("%q cut at %d: inside is %v, as a whole %v", line, cut, pieces.inside, whole.inside)
			}
		}
	}
}
