package pipeline_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every staged and rejected row knows its line, whatever stands between the
// rows: blank lines, line breaks inside quotes, lines that are no rows, and more
// rows than one thread reads. Each row's value is the number of its line.
func TestLines(t *testing.T) {
	t.Parallel()
	const rows = 300_000
	for _, test := range []struct {
		name     string
		lineEnd  string
		between  func(i int) string // before row i
		rejected int
	}{
		{"plain", "\n", func(int) string { return "" }, 0},
		{"plain with CRLF", "\r\n", func(int) string { return "" }, 0},
		{"a broken first row", "\n", func(i int) string {
			if i == 0 {
				return "broken\n"
			}
			return ""
		}, 1},
		{"blank lines", "\n", func(i int) string {
			if i%50_001 == 0 {
				return "\n\n"
			}
			return ""
		}, 0},
		{"everything at once", "\n", func(i int) string {
			switch {
			case i%70_001 == 3:
				return "\n"
			case i%60_013 == 5:
				return "broken\n"
			case i%40_009 == 7: // a row of two lines, with a value of the first
				return "two\nlines"
			}
			return ""
		}, 5},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			line := 1
			b.WriteString("refYear,period,reporterCode,reporterDesc,flowCode,partnerCode,classificationCode,cmdCode,primaryValue" + test.lineEnd)
			for i := range rows {
				name := "China"
				between := test.between(i)
				if between == "two\nlines" {
					name, between = "\"Chi\nna\"", ""
				}
				b.WriteString(between)
				line += bytes.Count([]byte(between), []byte("\n")) + 1
				fmt.Fprintf(&b, "2019,2019,156,%s,M,0,H5,880240,%d%s", name, line, test.lineEnd)
				if name != "China" {
					line++
				}
			}
			data := t.TempDir()
			if err := os.WriteFile(filepath.Join(data, "a.csv"), b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			for _, keep := range []bool{false, true} {
				c := configure(t, data)
				if keep {
					c.KeepBytes = 0
				}
				run(t, c)
				want := []string{fmt.Sprint(rows, " ", rows, " ", test.rejected)}
				got := openWork(t, c, "SELECT count(*), count(*) FILTER (line = value_usd), (SELECT count(*) FROM rejects) FROM staged")
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("staged rows, of them with their own line, rejected rows: %s", diff)
				}
				for _, l := range openWork(t, c, "SELECT line FROM rejects") {
					var n int
					if _, err := fmt.Sscan(l, &n); err != nil {
						t.Fatal(err)
					}
					if text := bytes.Split(b.Bytes(), []byte("\n"))[n-1]; string(text) != "broken" {
						t.Errorf("line %d is said to be broken, but is %q", n, text)
					}
				}
			}
		})
	}
}

// The same rows give the same facts in each form of file.
func TestForms(t *testing.T) {
	t.Parallel()
	text := []byte("refYear,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue\n2019,2019,156,M,0,H5,880240,600\n2019,2019,156,X,0,H5,880240,300\n")
	zip := func(content []byte) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for name, content := range map[string][]byte{
		"plain.csv":           text,
		"with a mark.csv":     append([]byte("\xef\xbb\xbf"), text...),
		"no newline.csv":      bytes.TrimRight(text, "\n"),
		"crlf.txt":            bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")),
		"tabs.dat":            bytes.ReplaceAll(text, []byte(","), []byte("\t")),
		"semicolons":          bytes.ReplaceAll(text, []byte(","), []byte(";")),
		"it's [1] *a* file?":  text,
		"compressed":          zip(text),
		"two members.gz":      append(zip(text[:100]), zip(text[100:])...),
		"HEADER IN CAPITALS":  append(bytes.ToUpper(text[:91]), text[91:]...),
		"blanks around names": bytes.Replace(text, []byte("period,reporterCode"), []byte(" period , reporterCode "), 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			if err := os.WriteFile(filepath.Join(data, name), content, 0o644); err != nil {
				t.Fatal(err)
			}
			c := configure(t, data)
			run(t, c)
			got := openWork(t, c, "SELECT line, flow, hs6, value_usd::DOUBLE FROM facts ORDER BY line")
			if diff := cmp.Diff([]string{"2 M 880240 600", "3 X 880240 300"}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
