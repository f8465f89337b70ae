package schemas

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A revision that the sector list lacks has the sectors of the nearest one.
func TestDeriveSectors(t *testing.T) {
	for _, test := range []struct {
		rows, revision, from string
		want                 string
	}{
		{"chips,H4,854231,\nchips,H4,854232,\nother,H4,854233,", "H3", "H4", "chips 854231, chips 854232, other 854233"},
		// Pure-bred horses alone come to 010110; the others share 010190 with asses and mules.
		{"horses,H4,010121,\nhorses,H4,010129,\nchips,H4,854231,", "H3", "H4", "horses 010110, chips 854231"},
		// To a newer revision a code has the sector of what it comes to.
		{"power,H4,854140,", "H6", "H4", "power 854141, power 854142, power 854143, power 854149"},
		{"power,H6,854142,\npower,H6,854143,\npower,H6,854149,", "H5", "H6", "power 854140"},
		{"power,H6,854142,\npower,H6,854143,", "H5", "H6", ""},
		{"power,H3,854140,\nother,H6,854142,", "H4", "H3", "power 854140"},
	} {
		file := filepath.Join(t.TempDir(), "sectors.csv")
		if err := os.WriteFile(file, []byte("sector,hs_revision,hs6,reason\n"+test.rows+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		r, err := Load(Files{Sectors: file})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.SectorRevision(); !strings.Contains(test.rows, got) || strings.Contains(test.rows, "H3") && got != "H3" {
			t.Errorf("the oldest revision of %q is %s", test.rows, got)
		}
		before := r.Hash("sectors")
		from, err := r.DeriveSectors(test.revision, false)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range r.Sectors {
			if s.Revision == test.revision {
				got = append(got, fmt.Sprint(s.Sector, " ", s.HS6))
			}
		}
		if strings.Join(got, ", ") != test.want || from != test.from {
			t.Errorf("%q in %s: %q from %s, want %q from %s", test.rows, test.revision, strings.Join(got, ", "), from, test.want, test.from)
		}
		if test.want != "" && r.Hash("sectors") == before {
			t.Error("the codes are not in the hash, so results would not be made anew")
		}
	}
}

// A list may name headings and chapters, leave out what it does not need, and say what
// its sectors are called.
func TestSectorLists(t *testing.T) {
	for _, test := range []struct{ list, want, label string }{
		{"sector,hs_revision,hs6,reason\nchips,H4,854231,why", "chips H4 854231 why", ""},
		{"sector,hs_revision,code,reason\nearths,H4,2846,why", "earths H4 284610 why, earths H4 284690 why", ""},
		{"earths,2846", "earths H4 284610 , earths H4 284690 ", ""},
		{"sector,code\nearths,284690\n", "earths H4 284690 ", ""},
		{"code,label,sector\n284610,,earths\n284690,Rare earths,earths", "earths H4 284610 , earths H4 284690 ", "Rare earths"},
		{"sector,hs_revision,code,label\ndrones,H6,880691,Drones\ndrones,H6,880692,Drones", "drones H6 880691 , drones H6 880692 ", "Drones"},
		{"sector,code\nlead,78", "lead H4 780110 , lead H4 780191 , lead H4 780199 , lead H4 780200 , lead H4 780411 , lead H4 780419 , " +
			"lead H4 780420 , lead H4 780600 ", ""},
	} {
		r, err := Load(Files{Sectors: listFile(t, test.list)})
		if err != nil {
			t.Errorf("%q: %v", test.list, err)
			continue
		}
		var got []string
		for _, s := range r.Sectors {
			got = append(got, fmt.Sprint(s.Sector, " ", s.Revision, " ", s.HS6, " ", s.Reason))
		}
		if strings.Join(got, ", ") != test.want {
			t.Errorf("%q lists %q, want %q", test.list, got, test.want)
		}
		if label := r.Labels[r.Sectors[0].Sector]; label != test.label {
			t.Errorf("%q: label %q, want %q", test.list, label, test.label)
		}
	}
}

func TestSectorListForms(t *testing.T) {
	for list, want := range map[string]string{
		"sector,hs6,code\nchips,8542,8542":                        `:1: the header is "sector,hs6,code"`,
		"sector,hs_revision\nchips,H4":                            `:1: the header is`,
		"sector,code,colour\nchips,8542,red":                      `:1: the header is`,
		"sector,code,code\nchips,8542,8542":                       `:1: the header is`,
		"sector,code\nchips,8542\nchips,854231":                   ":3: hs6 854231 is in sector chips already",
		"sector,code\nchips,854231\nmemory,8542":                  ":3: hs6 854231 of 8542 is in sector chips already",
		"sector,code\ndrones,8806":                                `:2: hs6 "8806": H4 has no such code; H6 has (codes without hs_revision are those of H4)`,
		"sector,code\nfish,306":                                   `:2: hs6 "306": H4 has no such code`,
		"sector,hs_revision,code\nchips,H4,8509999":               `:2: hs6 "8509999": H4 has no such code`,
		"sector,code,label\nchips,854231,Chips\nchips,854232,ICs": `:3: label "ICs": sector chips has the label "Chips" already`,
		"sector,code": "the sector list is empty",
		"":            "empty: line 1 must be sector,code",
	} {
		_, err := Load(Files{Sectors: listFile(t, list)})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", list, err, want)
		}
	}
}

// What stands in a list is in its hash, however its columns are ordered.
func TestSectorListHash(t *testing.T) {
	hash := func(list string) string {
		r, err := Load(Files{Sectors: listFile(t, list)})
		if err != nil {
			t.Fatal(err)
		}
		return r.Hash("sectors")
	}
	one := hash("sector,hs_revision,hs6,reason\nchips,H4,854231,")
	if hash("code,sector\n854231,chips") != one {
		t.Error("the same list has another hash when its columns stand in another order")
	}
	if hash("code,sector,label\n854231,chips,Chips") == one || hash("code,sector\n8542,chips") == one {
		t.Error("another list has the same hash")
	}
}

func listFile(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}
