package report

import (
	"fmt"
	"strings"
	"testing"
)

// Rows of a key stay in their order, in scripts of at most a megabyte each.
func TestPackedParts(t *testing.T) {
	var rows [][]any
	for i := range 3000 {
		rows = append(rows, []any{i, strings.Repeat("x", 990)})
	}
	parts, err := cutParts(nil, "large", rows)
	if err != nil {
		t.Fatal(err)
	}
	small, err := cutParts(nil, "small", rows[:10])
	if err != nil {
		t.Fatal(err)
	}
	inside, sides, places := pack(append(small, parts...), 20_000, func(n int) string { return fmt.Sprint(n) })
	if len(inside) != 1 || inside[0].Key != "small" {
		t.Errorf("%d parts are in the page, want the small one", len(inside))
	}
	if len(sides) < 3 {
		t.Errorf("three megabytes are in %d scripts", len(sides))
	}
	at, found := 0, 0
	for i, s := range sides {
		var b strings.Builder
		if err := writeSide(&b, "CHN", s); err != nil {
			t.Fatal(err)
		}
		if b.Len() > maxScript {
			t.Errorf("script %d has %d bytes", i+1, b.Len())
		}
		for _, p := range s.Parts {
			if places[at] != (place{"large", fmt.Sprint(i + 1)}) {
				t.Errorf("part %d is said to be in %v, it is in %d", at, places[at], i+1)
			}
			if !strings.HasPrefix(string(p.Rows), fmt.Sprintf("[[%d,", found)) {
				t.Errorf("part %d begins with %.10s, want row %d", at, p.Rows, found)
			}
			at, found = at+1, found+strings.Count(string(p.Rows), "xxx\"")
		}
	}
	if found != len(rows) {
		t.Errorf("%d of %d rows are in scripts", found, len(rows))
	}
}
