package sources

import (
	"testing"

	"entrepot/schemas"
)

// A revision that is added to the table is known in BACI's names.
func TestRevisionInBACIName(t *testing.T) {
	later := append(schemas.HS(), schemas.Revision{ID: "H7", Year: 2028})
	for _, test := range []struct {
		name      string
		revisions schemas.Revisions
		want      string
	}{
		{"BACI_HS92_Y1995_V202501.csv", later, "H0"},
		{"baci.zip!BACI_HS12_Y2019_V202501.csv", later, "H4"},
		{"BACI_HS28_Y2029_V203101.csv", later, "H7"},
		{"BACI_HS28_Y2029_V203101.csv", schemas.HS(), ""},
		{"BACI_HS1_Y2029_V203101.csv", later, ""},
	} {
		if got, ok := baciRevision(test.name, test.revisions); got != test.want || ok != (test.want != "") {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
