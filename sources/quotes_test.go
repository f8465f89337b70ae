package sources_test

import (
	"strings"
	"testing"

	"entrepot/sources"

	"github.com/google/go-cmp/cmp"
)

// Quotes that open nothing do not change the lines of the rows behind them, and
// those that do are followed over line breaks. A row's value is its line.
func TestQuotes(t *testing.T) {
	header := "reporterDesc,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue\n"
	rest := ",2019,156,M,0,H5,880240,"
	for _, test := range []struct {
		name, text string
		want       string // lines
	}{
		{"none", "a" + rest + "2\nb" + rest + "3\n", "2 3"},
		{"an inch", "6\" pipes" + rest + "2\nb" + rest + "3\n", "2 3"},
		{"two inches", "6\" and 8\" pipes" + rest + "2\nb" + rest + "3\n", "2 3"},
		{"an inch inside quotes", "\"6\"\" pipes\"" + rest + "2\nb" + rest + "3\n", "2 3"},
		{"two lines", "\"6\"\" pipes,\nand more\"" + rest + "2\nb" + rest + "4\n", "2 4"},
		{"an inch in each of two lines", "\"6\"\" pipes\nand 8\"\" pipes\"" + rest + "2\nb" + rest + "4\n", "2 4"},
		{"two lines behind an inch", "6\" pipes" + rest + "2\n\"two\nlines\"" + rest + "3\nb" + rest + "5\n", "2 3 5"},
		{"an inch before two lines", "\"x\"" + ",2019,156,M,0,H5,880240,2\n6\"" + rest + "3\n" + "\"two\nlines\"" + rest + "4\nb" + rest + "6\n", "2 3 4 6"},
		{"a quote alone", "\"\"\"\"" + rest + "2\nb" + rest + "3\n", "2 3"},
		{"nothing in quotes", "\"\"" + rest + "2\nb" + rest + "3\n", "2 3"},
		{"lines that begin with a quote", "\"\nx\n\"\"\n\"" + rest + "2\nb" + rest + "6\n", "2 6"},
	} {
		o := take(t, "a.csv", []byte(header+test.text), sources.Settings{})
		var lines, values []string
		for _, row := range o.staged {
			cells := strings.Fields(row)
			lines, values = append(lines, cells[0]), append(values, strings.TrimSuffix(cells[7], ".000"))
		}
		if diff := cmp.Diff([]string{test.want, test.want}, []string{strings.Join(lines, " "), strings.Join(values, " ")}); diff != "" {
			t.Errorf("%s: %s (refused %q, rejects %q)", test.name, diff, o.refusal, o.rejects)
		}
	}
	o := take(t, "a.csv", []byte(header+"a"+rest+"2\n\"b"+rest+"3\nc"+rest+"4\n"), sources.Settings{})
	if len(o.staged) != 1 || len(o.rejects) != 1 || !strings.Contains(o.notes, "a quote that opens on line 3 is never closed") {
		t.Errorf("a quote that nothing closes: staged %q, rejects %q, notes %q", o.staged, o.rejects, o.notes)
	}
	o = take(t, "a.csv", []byte(strings.TrimSuffix(header, "\n")+",\"is\na"+rest+"2\n"), sources.Settings{})
	if !strings.Contains(o.refusal, "a header with a quote that opens on line 1 and is never closed") {
		t.Errorf("a quote in the header that nothing closes: refused %q, rejects %q", o.refusal, o.rejects)
	}
}

// Lines may end as they like, in one file as in another.
func TestLineEnds(t *testing.T) {
	header := "reporterDesc,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue"
	row := func(name, value string) string { return name + ",2019,156,M,0,H5,880240," + value }
	for _, test := range []struct {
		name, text string
		want       string // lines
	}{
		{"line feeds", header + "\n" + row("a", "2") + "\n" + row("b", "3") + "\n", "2 3"},
		{"as on Windows", header + "\r\n" + row("a", "2") + "\r\n" + row("b", "3") + "\r\n", "2 3"},
		{"as on old Macintoshes", header + "\r" + row("a", "2") + "\r" + row("b", "3") + "\r", "2 3"},
		{"both", header + "\r\n" + row("a", "2") + "\n" + row("b", "3") + "\r\n", "2 3"},
		{"a carriage return in a text", header + "\n" + row("a\rb", "2") + "\n" + row("b", "3") + "\n", "2 3"},
		{"a carriage return in a quoted text", header + "\r\n" + row("\"a\rb\r\nc\"", "2") + "\r\n" + row("b", "4") + "\r\n", "2 4"},
		{"cut off between the two", header + "\r\n" + row("a", "2") + "\r\n" + row("b", "3") + "\r", "2 3"},
	} {
		o := take(t, "a.csv", []byte(test.text), sources.Settings{})
		var lines, values []string
		for _, row := range o.staged {
			cells := strings.Fields(row)
			lines, values = append(lines, cells[0]), append(values, strings.TrimSuffix(cells[7], ".000"))
		}
		if diff := cmp.Diff([]string{test.want, test.want}, []string{strings.Join(lines, " "), strings.Join(values, " ")}); diff != "" {
			t.Errorf("%s: %s (refused %q, rejects %q)", test.name, diff, o.refusal, o.rejects)
		}
	}
}
