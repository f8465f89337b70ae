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
