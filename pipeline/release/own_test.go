package release

import (
	"strings"
	"testing"

	"entrepot/transforms/own"
)

// What a release says of the user's measures is read as a folder's files are: a manifest
// that somebody changed brings in neither a path nor SQL where there should be none.
func TestOwnOfAManifest(t *testing.T) {
	const sound = "title: Mine\nkey: [year]\ncolumns: [year]\n"
	for _, test := range []struct{ name, yaml, want string }{
		{"mine", sound, ""},
		{"../mine", sound, `../mine.sql: "../mine" can't be the name of a table`},
		{"mine", sound + "lines: l.year = e.year; COPY lines TO 'x'\n", "mine.yaml:4:8: lines: it must be one expression of SQL"},
		{"mine", sound + "lines: l.year IN (SELECT year FROM read_csv('x'))\n", "mine.yaml:4:8: lines: read_csv() reads what is no table"},
		{"mine", "title: Mine\n", "mine.yaml:1:1: it has no key"},
	} {
		r := &Release{ID: "0123", Manifest: &Manifest{Version: "0.2.0", Own: own.Sources{Measures: []own.Source{{Name: test.name, SQL: "SELECT 1", YAML: test.yaml}}}}}
		_, err := r.Own()
		if test.want == "" {
			if o, lookupErr := r.Catalogue().Lookup("mine"); err != nil || lookupErr != nil || o.Title != "Mine" {
				t.Errorf("%s: %+v, %v, %v", test.yaml, o, err, lookupErr)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %s", test.yaml, err, test.want)
		}
	}
}
