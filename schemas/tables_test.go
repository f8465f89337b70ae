package schemas

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A table whose revision was not known adds it; codes that only the correlation
// has are codes of it too.
func TestImportedTables(t *testing.T) {
	folder := t.TempDir()
	older := &Table{From: "H4", To: "H3", Conversion: map[string]string{}, Correlation: [][2]string{{"854140", "854190"}}}
	for _, c := range embeddedTables(t).Codes {
		if c.Revision == "H4" {
			older.Conversion[c.HS6] = c.HS6
		}
	}
	older.Conversion["854231"] = "854232"
	if _, err := older.Write(folder); err != nil {
		t.Fatal(err)
	}
	direct := &Table{From: "H6", To: "H4", Conversion: map[string]string{"854231": "847330"}} // no neighbours: not used
	if _, err := direct.Write(folder); err != nil {
		t.Fatal(err)
	}
	r, err := Load(Files{HSTables: folder})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(r.Revisions); got != "H3, H4, H5, H6" {
		t.Errorf("revisions %s", got)
	}
	if r.Hash("hs_changes") == embeddedTables(t).Hash("hs_changes") {
		t.Error("the tables are not in the hash, so results would not be made anew")
	}
	got := map[string]string{}
	for _, target := range []string{"H3", "H4"} {
		conversions, _, err := r.Conversions(target, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range conversions {
			got[c.FromRevision+" "+c.FromCode+" "+target] += c.ToCode + " "
		}
	}
	for from, want := range map[string]string{
		"H6 854231 H3": "854232 ", "H6 854142 H3": "854140 ",
		"H3 854232 H4": "854231 854232 ", // a split
		"H3 854231 H4": "",               // nothing comes from it any more
		"H6 854231 H4": "854231 ",
	} {
		if got[from] != want {
			t.Errorf("%s: %q, want %q", from, got[from], want)
		}
	}
	if lives := r.Lives("854190", false); len(lives) == 0 || lives[0].Revision != "H3" {
		t.Errorf("854190 of the correlation is not in H3: %v", lives)
	}
	// An error names the file and the line.
	bad := &Table{From: "H5", To: "H4", Conversion: map[string]string{"854231": "854299"}}
	if _, err := bad.Write(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(Files{HSTables: folder}); err == nil || !strings.Contains(err.Error(), "H5-H4.csv:2: H4 has no code 854299") {
		t.Errorf("error %v", err)
	}
	alone := t.TempDir()
	far := &Table{From: "H2", To: "H1", Conversion: map[string]string{"854231": "854232"}}
	if _, err := far.Write(alone); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(Files{HSTables: alone}); err == nil || !strings.Contains(err.Error(), "neither H2 nor H1 is connected") {
		t.Errorf("error %v", err)
	}
}

func TestSectorListErrors(t *testing.T) {
	for _, test := range []struct{ rows, want string }{
		{"a,H4,854231,", ""},
		{"a,H4,854231,\nb,H4,854231,", ":3: hs6 854231 is in sector a already: a code counts in one sector"},
		{"a,H4,854231,\nb,H5,854231,", ""},
		{"a,H4,880621,", `:2: hs6 "880621": H4 has no such code; H6 has`},
		{"a,H4,85423,", `:2: hs6 "85423": H4 has no such code`},
		{"a,H4,,", ":2: sector a has a row without a code"},
		{",H4,854231,", ":2: sector is empty"},
		{"a,H9,854231,", `:2: hs_revision "H9": it must be one of H4, H5, H6`},
		{"a,H4,854231", ":2: 3 cells, expected 4"},
		{"", "the sector list is empty"},
	} {
		file := filepath.Join(t.TempDir(), "sectors.csv")
		if err := os.WriteFile(file, []byte("sector,hs_revision,hs6,reason\n"+test.rows+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Load(Files{Sectors: file})
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%q: %v", test.rows, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), file)):
			t.Errorf("%q: error %v, want %s%s", test.rows, err, file, test.want)
		}
	}
}
