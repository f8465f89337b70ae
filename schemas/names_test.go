package schemas

import (
	"strings"
	"testing"
	"testing/fstest"
)

// Every code of every revision has a name, and so have its heading and chapter.
func TestEveryCodeHasAName(t *testing.T) {
	names, err := Base{}.Names()
	if err != nil {
		t.Fatal(err)
	}
	found := map[[2]string]string{}
	for _, n := range names {
		key := [2]string{n.Revision, n.Code}
		if found[key] != "" {
			t.Errorf("%s of %s has two names: %q and %q", n.Code, n.Revision, found[key], n.Text)
		}
		found[key] = n.Text
	}
	for _, c := range embeddedTables(t).Codes {
		for _, code := range []string{c.HS6[:2], c.HS6[:4], c.HS6} {
			if found[[2]string{c.Revision, code}] == "" {
				t.Errorf("%s of %s has no name", code, c.Revision)
			}
		}
	}
	for key, want := range map[[2]string]string{
		{"H0", "01"}:     "Animals; live",
		{"H6", "854142"}: "Electrical apparatus; photosensitive semiconductor devices, photovoltaic cells not assembled in modules or made up into panels",
		{"H2", "140390"}: "Vegetable materials of a kind used primarily in brooms or brushes; (eg broomcorn, piassava, couch-grass and istle), whether or not in hanks or bundles",
	} {
		if found[key] != want {
			t.Errorf("%v is %q, want %q", key, found[key], want)
		}
	}
}

func TestNamesSayWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"hs_revisions,code,name\nH0 H9,01,x\n": `line 2: "H9" is no HS revision`,
		"code,name\n01,x\n":                    "the header is",
		"":                                     "the header is",
	} {
		if _, err := readNames([]byte(text), HS()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
	damaged := Base{Tables: fstest.MapFS{"hs_names.csv.gz": {Data: []byte("plain")}}}
	if _, err := damaged.Names(); err == nil || !strings.Contains(err.Error(), "unpack embedded hs_names.csv") {
		t.Errorf("what is not compressed: error %v", err)
	}
	if _, err := (Base{Tables: fstest.MapFS{}}).Names(); err == nil || !strings.Contains(err.Error(), "hs_names.csv") {
		t.Errorf("without the table: error %v", err)
	}
}

func BenchmarkNames(b *testing.B) {
	for range b.N {
		if _, err := (Base{}).Names(); err != nil {
			b.Fatal(err)
		}
	}
}
