package sources_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"html"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"entrepot/fixtures"
	"entrepot/sources"

	"github.com/google/go-cmp/cmp"
)

// form is a way in which a table may be saved.
type form struct {
	name  string
	first int // line or number of the first row
	write func(t testing.TB, cells [][]string) []byte
}

var forms = []form{
	{"a.csv", 2, func(_ testing.TB, cells [][]string) []byte { return delimited(cells, ",", "\n", "") }},
	{"crlf.csv", 2, func(_ testing.TB, cells [][]string) []byte { return delimited(cells, ",", "\r\n", "") }},
	{"bom.csv", 2, func(_ testing.TB, cells [][]string) []byte {
		return append([]byte("\ufeff"), delimited(cells, ",", "\n", "")...)
	}},
	{"utf16.csv", 2, func(_ testing.TB, cells [][]string) []byte { return inUTF16(delimited(cells, ",", "\r\n", "")) }},
	{"tabs.tsv", 2, func(_ testing.TB, cells [][]string) []byte { return delimited(cells, "\t", "\n", "") }},
	{"quoted.csv", 2, func(_ testing.TB, cells [][]string) []byte { return delimited(cells, ",", "\n", `"`) }},
	{"a.xlsx", 2, func(t testing.TB, cells [][]string) []byte { return workbook(t, sheet("Sheet1", cells...)) }},
	{"a.html", 2, func(_ testing.TB, cells [][]string) []byte { return inHTML(cells) }},
	{"a.json", 1, jsonOf},
}

func delimited(cells [][]string, delimiter, end, quote string) []byte {
	var b bytes.Buffer
	for _, row := range cells {
		b.WriteString(quote + strings.Join(row, quote+delimiter+quote) + quote + end)
	}
	return b.Bytes()
}

func inUTF16(text []byte) []byte {
	b := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(string(text))) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return b
}

func inHTML(cells [][]string) []byte {
	var b bytes.Buffer
	b.WriteString("<html><body><table>")
	for _, row := range cells {
		b.WriteString("<tr>")
		for _, cell := range row {
			fmt.Fprintf(&b, "<td>%s</td>", html.EscapeString(cell))
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</table></body></html>")
	return b.Bytes()
}

// FuzzForms saves one table as CSV and in one of eight other forms, and asks that the same
// becomes of each row in both: the same rows are staged with the same values and the others
// end for the same reasons, and every row ends in one place. Two forms at a time, because on
// a busy machine nine take the ten seconds after which Go takes an input for one that hangs.
func FuzzForms(f *testing.F) {
	referenceWorkspace(f)
	for form := range forms[1:] {
		f.Add(slices.Concat([]byte{byte(form)}, randomRows(3)))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) < 9 {
			return
		}
		other := forms[1+int(content[0])%(len(forms)-1)]
		sameInForms(t, tableOf(content[1:]), []form{forms[0], other})
	})
}

// TestForms does so with all nine.
func TestForms(t *testing.T) {
	for _, rows := range []int{1, 3, 40} {
		t.Run(fmt.Sprint(rows, " rows"), func(t *testing.T) { sameInForms(t, tableOf(randomRows(rows)), forms) })
	}
}

func randomRows(n int) (content []byte) {
	random := rand.New(rand.NewPCG(3, 4))
	for range n * 8 {
		content = append(content, byte(random.Uint32()))
	}
	return content
}

// tableOf makes a row of every eight bytes.
func tableOf(content []byte) [][]string {
	var rows []fixtures.Row
	for i := 0; i+8 <= len(content) && len(rows) < 60; i += 8 {
		row, _ := rowOf(content[i : i+8])
		rows = append(rows, row)
	}
	return cellsOf(rows)
}

func sameInForms(t *testing.T, cells [][]string, forms []form) {
	t.Helper()
	var first [3][]string
	for i, form := range forms {
		o := take(t, form.name, form.write(t, cells), sources.Settings{})
		if o.refusal != "" {
			t.Fatalf("%s is refused: %s", form.name, o.refusal)
		}
		rows := int64(len(cells) - 1)
		if c := o.counts; c.Read != rows || c.Staged+c.Rejected+c.LeftOut != rows || int(c.Staged) != len(o.staged) || int(c.Rejected) != len(o.rejects) {
			t.Errorf("%s: of %d rows, %+v; %d are listed as staged, %d as rejected", form.name, rows, c, len(o.staged), len(o.rejects))
		}
		got := [3][]string{fromRow(t, o.staged, form.first), fromRow(t, o.rejects, form.first), o.leftOut}
		if i == 0 {
			first = got
		} else if diff := cmp.Diff(first, got); diff != "" {
			t.Errorf("%s is read otherwise than %s: %s", form.name, forms[0].name, diff)
		}
	}
}

// fromRow counts lines from the first row of the table on.
func fromRow(t *testing.T, texts []string, first int) []string {
	t.Helper()
	counted := []string{}
	for _, text := range texts {
		line, rest, _ := strings.Cut(text, " ")
		var n int
		if _, err := fmt.Sscan(line, &n); err != nil {
			t.Fatalf("%q does not begin with a line: %v", text, err)
		}
		counted = append(counted, fmt.Sprintf("row %d: %s", n-first, rest))
	}
	return counted
}
