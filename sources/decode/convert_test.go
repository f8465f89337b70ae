package decode

import (
	"os"
	"path/filepath"
	"testing"

	"entrepot/sources/decode/decodetest"

	"github.com/google/go-cmp/cmp"
)

// Of rows whose numbers are not written, LineOf tells them.
func TestNumbersOfRows(t *testing.T) {
	t.Parallel()
	sheet := func(rows string) []byte {
		parts := decodetest.XLSXParts(rows)
		parts["[Content_Types].xml"] = "<Types/>" // without it, it is an archive
		return zipped(t, parts)
	}
	cell := func(text string) string { return `<c t="str"><v>` + text + `</v></c>` }
	for _, test := range []struct {
		name, file string
		content    []byte
		numbered   bool
		text       string
		numbers    []int64
	}{
		{"gaps", "a.xlsx", sheet(`<row r="3">` + cell("a") + cell("b") + `</row><row/><row r="7">` + cell("1") + `</row><row r="8">` + cell("x\ny") + cell("2") + `</row><row r="5">` + cell("3") + cell("4") + `</row>`),
			false, "a,b\n1,\n\"x\ny\",2\n3,4\n", []int64{3, 7, 8, 5}},
		{"from the first row on", "a.xlsx", sheet(`<row>` + cell("a") + cell("b") + `</row><row>` + cell("1") + cell("2") + `</row>`), false, "a,b\n1,2\n", []int64{1, 2}},
		{"one column", "a.xlsx", sheet(`<row r="2">` + cell("a") + `</row><row r="4">` + cell("1") + `</row>`), true, "2,a\n4,1\n", nil},
		{"a mark of the byte order", "a.xlsx", sheet(`<row r="2">` + cell("\uFEFFa") + cell("b") + `</row>`), true, "2,\uFEFFa,b\n", nil},
		{"records", "a.json", []byte(`[{"a":1,"b":2},{"a":3}]`), false, "a,b\n1,2\n3,\n", []int64{0, 1, 2}},
		{"records of one field", "a.json", []byte(`[{"a":1},{"a":null}]`), true, "0,a\n1,1\n2,\n", nil},
	} {
		path := filepath.Join(t.TempDir(), test.file)
		if err := os.WriteFile(path, test.content, 0o644); err != nil {
			t.Fatal(err)
		}
		p, err := Prepare(t.Context(), Input{Path: path, Name: test.file}, t.TempDir(), Options{})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		text, err := os.ReadFile(p.Plain)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.text, string(text)); diff != "" || p.Numbered != test.numbered || p.Delimiter != ',' {
			t.Errorf("%s: numbered %v, delimiter %q: %s", test.name, p.Numbered, p.Delimiter, diff)
		}
		for i, want := range test.numbers {
			if got := p.LineOf(int64(i + 1)); got != want {
				t.Errorf("%s: record %d is row %d, want %d", test.name, i+1, got, want)
			}
		}
	}
}
