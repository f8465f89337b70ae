package staging

import (
	"fmt"
	"strings"
	"testing"

	"entrepot/sources"
)

// yearOf is a reporter's year as the workspace has it, of codes that some revisions
// have. There are H4 of 2012 to H6 of 2022 with code lists, and H7 of 2028 without.
func yearOf(year int, fit string) codesOf {
	g := codesOf{year: year, detailed: true, codes: 3}
	for i, id := range []string{"H4", "H5", "H6", "H7"} {
		in := lack{revision: id, listed: id != "H7", inUse: 2012+[]int{0, 5, 10, 16}[i] <= year}
		if !strings.Contains(fit, id) {
			in.codes, in.such = 2, "010101"
		}
		g.lacks = append(g.lacks, in)
	}
	return g
}

func TestDecide(t *testing.T) {
	for _, test := range []struct {
		name  string
		years []codesOf
		said  []sources.YearRevision
		want  string // the revisions, or those that are possible
	}{
		{"one fits", []codesOf{yearOf(2019, "H5")}, nil, "H5"},
		{"two fit, one of them came later", []codesOf{yearOf(2016, "H4 H5")}, nil, "H4"},
		{"only a later one fits", []codesOf{yearOf(2016, "H5")}, nil, "H5"},
		{"two fit", []codesOf{yearOf(2019, "H4 H5")}, nil, "[H4 H5]"},
		{"none fits", []codesOf{yearOf(2019, "")}, nil, "[]"},
		{"one without a code list was in use", []codesOf{yearOf(2030, "H6")}, nil, "[H6 H7]"},
		{"none fits, but one without a code list may", []codesOf{yearOf(2030, "")}, nil, "[H7]"},
		{"one without a code list came later", []codesOf{yearOf(2027, "H6")}, nil, "H6"},
		{"an earlier year rules one out", []codesOf{yearOf(2017, "H5"), yearOf(2019, "H4 H5")}, nil, "H5 H5"},
		{"a later year rules one out", []codesOf{yearOf(2018, "H4 H5"), yearOf(2019, "H4")}, nil, "H4 H4"},
		{"and so does what is said", []codesOf{yearOf(2017, "H4 H5"), yearOf(2018, "H4 H5")}, []sources.YearRevision{{From: 2018, Revision: "H4"}}, "H4 H4"},
	} {
		decide(test.years, test.said)
		var got []string
		for _, g := range test.years {
			if g.revision == "" {
				g.revision = fmt.Sprint(g.possible)
			}
			got = append(got, g.revision)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: %s, want %s", test.name, strings.Join(got, " "), test.want)
		}
	}
	open := yearOf(2030, "H6")
	open.possible = open.fitting()
	if got, want := open.many(), "its 3 six-digit codes fit 2 revisions (H6, H7, of which there is no code list)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
