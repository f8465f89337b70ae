package schemas

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A revision of the table of revisions that has no code list yet: HS 2028, made up.
var announced = Base{Revisions: append(HS(), Revision{ID: "H7", Year: 2028})}

// A table whose revision had no codes adds them; codes that only the correlation
// has are codes of it too.
func TestImportedTables(t *testing.T) {
	folder := t.TempDir()
	newer := &Table{From: "H7", To: "H6", Conversion: map[string]string{}, Correlation: [][2]string{{"854191", "854190"}}}
	for _, c := range embeddedTables(t).Codes {
		if c.Revision == "H6" {
			newer.Conversion[c.HS6] = c.HS6
		}
	}
	newer.Conversion["854231"] = "854232"
	if _, err := newer.Write(folder); err != nil {
		t.Fatal(err)
	}
	direct := &Table{From: "H6", To: "H4", Conversion: map[string]string{"854231": "847330"}} // no neighbours: not used
	if _, err := direct.Write(folder); err != nil {
		t.Fatal(err)
	}
	r, err := Load(Files{Base: announced, HSTables: folder})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(r.Revisions); got != "H0, H1, H2, H3, H4, H5, H6, H7" {
		t.Errorf("revisions %s", got)
	}
	if r.Hash("hs_changes") == embeddedTables(t).Hash("hs_changes") {
		t.Error("the tables are not in the hash, so results would not be made anew")
	}
	got := conversionsTo(t, r, "H4", "H6", "H7")
	for from, want := range map[string]string{
		"H7 854231 H6": "854232 ", "H7 854142 H4": "854140 ",
		"H6 854232 H7": "854231 854232 ", // a split
		"H6 854231 H7": "",               // nothing comes from it any more
		"H6 854231 H4": "854231 ",
	} {
		if got[from] != want {
			t.Errorf("%s: %q, want %q", from, got[from], want)
		}
	}
	if lives := r.Lives("854191", false); len(lives) == 0 || lives[0].Revision != "H7" {
		t.Errorf("854191 of the correlation is not in H7: %v", lives)
	}
	// An error names the file and the line.
	bad := &Table{From: "H5", To: "H4", Conversion: map[string]string{"854231": "854299"}}
	if _, err := bad.Write(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(Files{Base: announced, HSTables: folder}); err == nil || !strings.Contains(err.Error(), "H5-H4.csv:2: H4 has no code 854299") {
		t.Errorf("error %v", err)
	}
	alone := t.TempDir()
	far := &Table{From: "H8", To: "H7", Conversion: map[string]string{"854231": "854232"}}
	if _, err := far.Write(alone); err != nil {
		t.Fatal(err)
	}
	later := Base{Revisions: append(announced.Revisions, Revision{ID: "H8", Year: 2033})}
	if _, err := Load(Files{Base: later, HSTables: alone}); err == nil || !strings.Contains(err.Error(), "neither H8 nor H7 is connected") {
		t.Errorf("error %v", err)
	}
	if _, err := Load(Files{Base: announced, HSTables: alone}); err == nil || !strings.Contains(err.Error(), "there is no HS revision H8") {
		t.Errorf("error %v", err)
	}
}

// conversionsTo has the targets of each code in each of some revisions.
func conversionsTo(t *testing.T, r *Reference, targets ...string) map[string]string {
	t.Helper()
	got := map[string]string{}
	for _, target := range targets {
		conversions, _, err := r.Conversions(target, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range conversions {
			got[c.FromRevision+" "+c.FromCode+" "+target] += c.ToCode + " "
		}
	}
	return got
}

// An imported table takes the place of the embedded one, and so does what it says of
// codes that it converts nothing to.
func TestImportedTableReplaces(t *testing.T) {
	folder := t.TempDir()
	table := &Table{From: "H4", To: "H3", Conversion: map[string]string{"854231": "854232"}, Correlation: [][2]string{{"854239", "854231"}}}
	others := 0
	for _, c := range embeddedTables(t).Codes {
		if c.Revision == "H3" && c.HS6 != "854231" && others < Hub { // tied to so many codes, 854390 says nothing of 854231
			others++
			table.Correlation = append(table.Correlation, [2]string{"854390", c.HS6})
		}
	}
	table.Correlation = append(table.Correlation, [2]string{"854390", "854231"})
	if _, err := table.Write(folder); err != nil {
		t.Fatal(err)
	}
	r, err := Load(Files{HSTables: folder})
	if err != nil {
		t.Fatal(err)
	}
	got := conversionsTo(t, r, "H3", "H4")
	for from, want := range map[string]string{
		"H4 854231 H3": "854232 ", "H3 854232 H4": "854231 854232 ", "H3 854231 H4": "854239 ",
		"H4 010121 H3": "", // the embedded table's 010110
	} {
		if got[from] != want {
			t.Errorf("%s: %q, want %q", from, got[from], want)
		}
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
		{"a,H9,854231,", `:2: hs_revision "H9": it must be one of H0, H1, H2, H3, H4, H5, H6`},
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
