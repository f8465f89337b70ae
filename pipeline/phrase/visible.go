package phrase

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible writes out what would act on a terminal or a picture instead of standing there:
// control and escape characters, marks that turn the direction of the text, and bytes
// that are no text. Names of files, sheets and sectors, and cells of files, may have any
// of them. Line ends and tabs stay. What it writes is also right inside of a text of JSON.
func Visible(text string) string {
	if strings.IndexFunc(text, acts) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case !acts(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, "\\U%08x", r)
		default:
			fmt.Fprintf(&b, "\\u%04x", r)
		}
	}
	return b.String()
}

// acts tells whether a character is none that can be seen: of the categories control and
// format, but for those that join and part the letters of words, or no character at all.
func acts(r rune) bool {
	switch r {
	case '\n', '\t', '\u200c', '\u200d', '\u00ad':
		return false
	}
	return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// Screen writes to w what Visible makes of the texts.
func Screen(w io.Writer) io.Writer { return screen{w} }

type screen struct{ w io.Writer }

// Write takes whole characters, as all that prints whole texts does.
func (s screen) Write(text []byte) (int, error) {
	if _, err := io.WriteString(s.w, Visible(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}
