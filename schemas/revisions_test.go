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
	want.WriteString("| `hs_revision` | name | in BACI's file names |\n| --- | --- | --- |\n")
	for _, r := range HS() {
		fmt.Fprintf(&want, "| `%s` | %s | `HS%s` |\n", r.ID, r.Name(), r.Short())
	}
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "\n\n"+want.String()+"\n") {
		t.Errorf("%s must have the table\n%s", file, want.String())
	}
}

// Every revision has a code list, and the order is that of the years.
func TestRevisionsHaveCodes(t *testing.T) {
	codes := map[string]int{}
	for _, c := range embeddedTables(t).Codes {
		codes[c.Revision]++
	}
	for i, r := range HS() {
		if codes[r.ID] == 0 {
			t.Errorf("%s has no codes", r.ID)
		}
		if i > 0 && r.Year <= HS()[i-1].Year {
			t.Errorf("%s of %d stands behind %s of %d", r.ID, r.Year, HS()[i-1].ID, HS()[i-1].Year)
		}
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

// The counts in docs/revisions.md are those of the built-in tables.
func TestDocumentedCounts(t *testing.T) {
	page, err := os.ReadFile("../docs/revisions.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{codeCounts(t), unreachedCounts(t), splitCounts(t), sectorCounts(t)} {
		if !strings.Contains(string(page), "\n\n"+want+"\n") {
			t.Errorf("docs/revisions.md must have the table\n%s", want)
		}
	}
}

// table writes a table whose columns are revisions.
func table(first string, columns Revisions, rows Revisions, cell func(row, column Revision) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |", first)
	for _, c := range columns {
		fmt.Fprintf(&b, " %s |", c.ID)
	}
	b.WriteString("\n|" + strings.Repeat(" --- |", len(columns)+1) + "\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s |", r.ID)
		for _, c := range columns {
			fmt.Fprintf(&b, " %s |", cell(r, c))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func codeCounts(t *testing.T) string {
	t.Helper()
	codes, made := map[string]int{}, map[string]int{}
	for _, c := range embeddedTables(t).Codes {
		codes[c.Revision]++
		if c.Manufactured {
			made[c.Revision]++
		}
	}
	row := Revisions{{ID: "codes"}, {ID: "manufactured goods"}}
	return table("", HS(), row, func(r, c Revision) string {
		if r.ID == "codes" {
			return fmt.Sprint(codes[c.ID])
		}
		return fmt.Sprint(made[c.ID])
	})
}

// unreachedCounts counts the codes of a revision that none of a newer one comes to, by
// the corrected conversion, and by the UN's own where that differs.
func unreachedCounts(t *testing.T) string {
	t.Helper()
	r := embeddedTables(t)
	return table("target", HS()[1:], HS()[:len(HS())-1], func(to, from Revision) string {
		if from.Year <= to.Year {
			return "–"
		}
		count := map[bool]int{}
		for _, official := range []bool{false, true} {
			chain := r.chain(official)
			reached := map[string]bool{}
			for _, code := range chain.codes[HS().Index(from.ID)] {
				if older, ok := chain.back(code, HS().Index(from.ID), HS().Index(to.ID)); ok {
					reached[older] = true
				}
			}
			count[official] = len(chain.codes[HS().Index(to.ID)]) - len(reached)
		}
		if count[true] != count[false] {
			return fmt.Sprintf("%d (%d)", count[false], count[true])
		}
		return fmt.Sprint(count[false])
	})
}

// splitCounts counts the codes of a revision that are divided among several newer ones.
func splitCounts(t *testing.T) string {
	t.Helper()
	r := embeddedTables(t)
	split := map[[2]string]map[string]bool{}
	for _, to := range HS() {
		conversions, _, err := r.Conversions(to.ID, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range conversions {
			key := [2]string{c.FromRevision, to.ID}
			if split[key] == nil {
				split[key] = map[string]bool{}
			}
			if c.Split() {
				split[key][c.FromCode] = true
			}
		}
	}
	return table("from", HS()[1:], HS()[:len(HS())-1], func(from, to Revision) string {
		if to.Year <= from.Year {
			return "–"
		}
		return fmt.Sprint(len(split[[2]string{from.ID, to.ID}]))
	})
}

func sectorCounts(t *testing.T) string {
	t.Helper()
	count := map[[2]string]int{}
	var rows Revisions
	for _, name := range embeddedTables(t).SectorNames() {
		rows = append(rows, Revision{ID: name})
	}
	for _, revision := range HS() {
		r := embeddedTables(t)
		if !r.HasSectors(revision.ID) {
			if _, err := r.DeriveSectors(revision.ID, false); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range r.Sectors {
			if s.Revision == revision.ID {
				count[[2]string{s.Sector, s.Revision}]++
			}
		}
	}
	return table("sector", HS(), rows, func(row, column Revision) string { return fmt.Sprint(count[[2]string{row.ID, column.ID}]) })
}
