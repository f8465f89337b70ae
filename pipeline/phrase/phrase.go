// Package phrase writes numbers with the words that go with them: one row is a row,
// two are rows.
package phrase

import (
	"fmt"
	"strings"
)

// Count writes a number with its noun: "1 row", "2 rows".
func Count[N int | int64](n N, noun string) string {
	return fmt.Sprintf("%d %s", n, Plural(n, noun, noun+"s"))
}

// Plural is the word for one or the word for many.
func Plural[N int | int64](n N, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Cut shortens a text to a width after a word, with an ellipsis.
func Cut(text string, width int) string {
	letters := []rune(text)
	if len(letters) <= width {
		return text
	}
	cut := string(letters[:width-1])
	if at := strings.LastIndexByte(cut, ' '); at > width/2 {
		cut = cut[:at]
	}
	return strings.TrimRight(cut, " ,;(") + "…"
}

// Or lists names, of which any one will do: "a, b or c".
func Or(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
