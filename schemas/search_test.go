package schemas

import (
	"strings"
	"testing"
)

// What people look for stands first, and has its sectors.
func TestSearch(t *testing.T) {
	r := embeddedTables(t)
	for _, test := range []struct{ query, revision, first string }{
		{"lithium battery", "H4", "850650"},
		{"Batteries, lithium", "H4", "850650"},
		{"lithium accumulator", "H4", "850760"},
		{"industrial robots", "H4", "847950"},
		{"semicond wafer", "H4", "903082"},
		{"unmanned aircraft", "H6", "8806"},
		{"drone", "H6", "8806"},
		{"electric vehicle", "H6", "870380"},
		{"integrated circuits", "H0", "854220"},
		{"8541", "H4", "8541"},
		{"8541.40", "H4", "854140"},
		{"85 photovoltaic", "H4", "8541"},
		{"the ships", "H4", "89"},
	} {
		found, err := r.Search(test.query, test.revision)
		if err != nil || found[0].Code != test.first {
			t.Errorf("%q in %s: %v, error %v, want %s first", test.query, test.revision, found, err, test.first)
		}
	}
}

// A number alone lists all codes that begin with it, in their order, and of headings how
// many of their codes each sector lists.
func TestSearchByCode(t *testing.T) {
	r := embeddedTables(t)
	found, err := r.Search("8541", "H4")
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, f := range found {
		codes = append(codes, f.Code)
		if f.Name == "" {
			t.Errorf("%s has no name", f.Code)
		}
	}
	if got, want := strings.Join(codes, " "), "8541 854110 854121 854129 854130 854140 854150 854160 854190"; got != want {
		t.Errorf("8541 finds %s, want %s", got, want)
	}
	if got, want := found[0].Sectors, [2]Listing{{"advanced_electronics", 7}, {"power", 1}}; len(got) != 2 || [2]Listing(got) != want {
		t.Errorf("the sectors of 8541 are %v, want %v", got, want)
	}
}

// What a name says that is not meant is found last.
func TestSearchKnowsExclusions(t *testing.T) {
	found, err := embeddedTables(t).Search("lithium", "H4")
	if err != nil {
		t.Fatal(err)
	}
	place := map[string]int{}
	for i, f := range found {
		place[f.Code] = i + 1
	}
	if place["850760"] == 0 || place["850780"] <= place["850760"] || place["850680"] <= place["850650"] {
		t.Errorf("850760 is at %d, 850780 (other than lithium-ion) at %d, 850650 at %d, 850680 (other than lithium) at %d",
			place["850760"], place["850780"], place["850650"], place["850680"])
	}
}

func TestSearchSaysWhyNothingIsFound(t *testing.T) {
	r := embeddedTables(t)
	for query, want := range map[string]string{
		"batttery":      `no name of a code of H4 has a word that begins with "batttery"; did you mean "battery"?`,
		"drone":         "no code of H4 is called so, but H6 has some: --revision H6",
		"854143":        "no code of H4 is called so, but H6 has some",
		"000000":        "no code of H4 begins with 000000",
		"battery horse": "no code of H4 has all these words in its name; try fewer",
		"xqzw":          `has a word that begins with "xqzw"`,
		" -, ":          "has no word to search for",
	} {
		if found, err := r.Search(query, "H4"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: found %v, error %v, want %s", query, found, err, want)
		}
	}
}

func TestStems(t *testing.T) {
	for text, want := range map[string]string{
		"Batteries": "battery", "boxes": "box", "ships": "ship", "glass": "glass", "glasses": "glass", "apparatus": "apparatus",
		"watches": "watch", "gas": "ga", "as": "as", "H4": "h4",
	} {
		if got := stemOf(text); string(got) != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
