package pipeline_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/pipeline"
	"entrepot/pipeline/config"
)

// A mistake under files: is named with its line, its key, its value and what is
// allowed.
func TestFilesMistakes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"files: x\n", ":1: files must be a list|- match: NAME"},
		{"files:\n  - x\n", ":2: each entry of files must be lines of 'key: value'"},
		{"files:\n  - reporter: CHN\n", ":2: match is missing"},
		{"files:\n  - match: \"[\"\n", ":2: match \"[\" is no pattern"},
		{"files:\n  - match: a\n    colour: red\n", ":3: files has no key \"colour\"; there are areas, areas_as,"},
		{"files:\n  - match: a\n    flow: import\n", ":2: flow \"import\" is not allowed: it must be M, X"},
		{"files:\n  - match: a\n    revision: HS12\n", "revision \"HS12\" is not allowed: it must be H0, H1"},
		{"files:\n  - match: a\n    year: 20155\n", "year \"20155\" is not allowed|2023-05"},
		{"files:\n  - match: a\n    year: 2023-13\n", "year \"2023-13\" is not allowed"},
		{"files:\n  - match: a\n    unit: dollars and cents\n", "unit \"dollars and cents\" is not allowed|thousand USD"},
		{"files:\n  - match: a\n    rates: {2020: 1,2}\n", "rates|not allowed"},
		{"files:\n  - match: a\n    rates: {2020: 0}\n", "rates: \"0\" is not allowed for 2020|1.1827"},
		{"files:\n  - match: a\n    rates: {2020: 1e5}\n", "rates: \"1e5\" is not allowed for 2020"},
		{"files:\n  - match: a\n    rates: {may: 1.2}\n", "rates: \"may\" is not allowed|2023-05"},
		{"files:\n  - match: a\n    columns: {price: Amount}\n", "columns: there is no column \"price\"; there are type,"},
		{"files:\n  - match: a\n    flows: {Einfuhr: I}\n", "flows: \"I\" is not allowed for \"Einfuhr\""},
		{"files:\n  - match: a\n    code_width: seven\n", ":3: code_width"},
		{"files:\n  - match: a\n    code_width: 7\n", "code_width 7 is not allowed: it must be 6, 8, 10"},
		{"files:\n  - match: a\n    source: My Source\n", "source \"My Source\" is not allowed|lower-case"},
		{"files:\n  - match: a\n    encoding: ebcdic\n", "encoding \"ebcdic\" is not allowed: it must be utf-8"},
		{"files:\n  - match: a\n    decimal: comma\n", "decimal \"comma\" is not allowed"},
		{"files:\n  - match: a\n    world: all\n", "world \"all\" is not allowed: it must be sum"},
		{"files:\n  - match: a\n    areas_as: fips\n", "areas_as \"fips\" is not allowed: it must be m49, iso3"},
	} {
		path := filepath.Join(t.TempDir(), "entrepot.yaml")
		if err := os.WriteFile(path, []byte(test.text), 0o644); err != nil {
			t.Fatal(err)
		}
		err := config.New().ReadFile(path)
		if err == nil {
			t.Errorf("%q is no mistake", test.text)
			continue
		}
		for part := range strings.SplitSeq(test.want, "|") {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q: %v, expected %q in it", test.text, err, part)
			}
		}
	}
}

// An area that nobody knows is named before anything is read.
func TestFilesUnknownArea(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"files:\n  - match: a\n    reporter: QQQ\n", `files: a: reporter "QQQ" is not allowed: there is no area "QQQ"`},
		{"files:\n  - match: a\n    partner: 998\n", `files: a: partner "998" is not allowed: no area has the M49 code 998`},
		{"files:\n  - match: a\n    areas: {HK: HKK}\n", `files: a: areas "HKK" is not allowed`},
	} {
		c := configureWith(t, sampleData(t), test.text)
		_, err := pipeline.Run(t.Context(), c, slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, expected %q", test.text, err, test.want)
		}
	}
}
