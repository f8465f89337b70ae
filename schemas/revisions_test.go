package schemas

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// What documentation says of revisions is the table.
func TestDocumentedRevisions(t *testing.T) {
	const file = "../docs/revisions.md"
	var want strings.Builder
	want.WriteString("| `hs_revision` | name | in BACI's file names | codes built in |\n| --- | --- | --- | --- |\n")
	for _, r := range HS() {
		listed := "no"
		if r.Listed {
			listed = "yes"
		}
		fmt.Fprintf(&want, "| `%s` | %s | `HS%s` | %s |\n", r.ID, r.Name(), r.Short(), listed)
	}
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "\n\n"+want.String()+"\n") {
		t.Errorf("%s must have the table\n%s", file, want.String())
	}
}

// The table of revisions and the code lists agree, and the order is that of the years.
func TestRevisionsHaveCodes(t *testing.T) {
	codes := map[string]int{}
	for _, c := range embeddedTables(t).Codes {
		codes[c.Revision]++
	}
	for i, r := range HS() {
		if (codes[r.ID] > 0) != r.Listed {
			t.Errorf("%s is listed: %v, but has %d codes", r.ID, r.Listed, codes[r.ID])
		}
		delete(codes, r.ID)
		if i > 0 && r.Year <= HS()[i-1].Year {
			t.Errorf("%s of %d stands behind %s of %d", r.ID, r.Year, HS()[i-1].ID, HS()[i-1].Year)
		}
	}
	if len(codes) > 0 {
		t.Errorf("codes of revisions that there are not: %v", codes)
	}
}

func TestFindRevision(t *testing.T) {
	for name, want := range map[string]string{
		"H0": "H0", "92": "H0", "1992": "H0", "88": "H0", "1988": "H0", "02": "H2", "2002": "H2", "12": "H4", "H6": "H6", "2022": "H6",
		"": "", "1912": "", "2": "", "h4": "", "HS": "", "28": "",
	} {
		if got, ok := HS().Find(name); got.ID != want || ok != (want != "") {
			t.Errorf("%q is %q, want %q", name, got.ID, want)
		}
	}
	later := append(HS(), Revision{ID: "H7", Year: 2028})
	if got, ok := later.Find("28"); !ok || got.ID != "H7" {
		t.Errorf("28 is %q", got.ID)
	}
}

func TestRevisionSteps(t *testing.T) {
	for _, test := range []struct {
		id   string
		n    int
		want string
	}{{"H4", -1, "H3"}, {"H4", 2, "H6"}, {"H4", 0, "H4"}, {"H6", 1, ""}, {"H0", -1, ""}, {"H9", -1, ""}} {
		if got := HS().Step(test.id, test.n); got != test.want {
			t.Errorf("%s %+d: %q, want %q", test.id, test.n, got, test.want)
		}
	}
}
