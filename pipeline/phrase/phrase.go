// Package phrase writes numbers with the words that go with them: one row is a row,
// two are rows.
package phrase

import "fmt"

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
