package decode

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/sources/decode/decodetest"

	"github.com/google/go-cmp/cmp"
)

func TestHTMLGrid(t *testing.T) {
	for _, test := range []struct{ name, page, want string }{
		{"title, blanks, entities", "<table><tr><td colspan=3><center><b>List of  products </b></center></td></tr><tr><td>\n  '0902\n </td><td>A&amp;B&nbsp;&#160;C</td><td>1<br/>2</td></tr></table>", "1:List of products||\n2:'0902|A&B C|1 2"},
		{"no double decoding", "<table><td>&amp;lt;b&amp;gt;</table>", "1:&lt;b&gt;"},
		{"rowspan and colspan", "<table><tr><th rowspan=2>Code</th><td colspan=2>M</td><td colspan=2>X</td></tr><tr><th>1</th><th>2</th><th>3</th><th>4</th></tr><tr><td>a</td><td>b</td></tr></table>", "1:Code|M||X|\n2:|1|2|3|4\n3:a|b"},
		{"rowspan at the end of a row", "<table><tr><td>a</td><td rowspan='3'>b</td></tr><tr><td>c</td></tr><tr><td>d<td>e</tr></table>", "1:a|b\n2:c|\n3:d||e"},
		{"tags left open", "<table><tr><td>a<td>b<tr><td>c<td>d", "1:a|b\n2:c|d"},
		{"cells without a row", "<table><td>a</td><td>b</td></table>", "1:a|b"},
		{"layout tables", "<table><tr><td>menu</td><td><table><tr><td>1</td></tr></table></td></tr><tr><td>below</td></tr></table><p>no table</p><table><tr><td>2</td></tr></table>", "1:1\n2:below\n3:2"},
		{"rows of blanks count but are not emitted", "<table><tr><td> </td></tr><tr><td>&nbsp;</td></tr><tr><td>x</td></tr></table>", "3:x"},
		{"script and style inside a cell", "<table><tr><td>a<script>if (1<2) '<td>x'</script><style>td{}</style>b</td></tr></table>", "1:ab"},
		{"comments and head rows", "<table><thead><tr><th>h</th></tr></thead><tbody><tr><td>a<!-- <td>no --></td></tr></tbody></table>", "1:h\n2:a"},
		{"odd spans", "<table><tr><td colspan=-1>a</td><td colspan=x rowspan=0>b</td><td colspan=' 2 '>c</td></tr></table>", "1:a|b|c|"},
		{"marks of cells, none of headings and blanks", `<table><tr><td title=a style=b>1</td><td>2</td><td style=c> </td><th title=d>3</th></tr></table>`, "1:1~a/b|2||3"},
		{"a mark in the text is no provenance", "<table><tr><td>7\x1fmirror</td></tr></table>", "1:7 mirror"},
		{"declared encoding", "<meta http-equiv=Content-Type content='text/html; charset=windows-1252'><table><tr><td>C\xf4te d'Ivoire</td></tr></table>", "1:Côte d'Ivoire"},
		{"undeclared UTF-8 behind much ASCII", strings.Repeat(" ", 5000) + "<table><tr><td>Türkiye</td></tr></table>", "1:Türkiye"},
		{"undeclared windows-1252", "<table><tr><td>T\xfcrkiye</td></tr></table>", "1:Türkiye"},
		{"byte-order mark", "\xef\xbb\xbf<table><tr><td>ü</td></tr></table>", "1:ü"},
		{"no table", "<html><body>404</body></html>", ""},
		{"empty", "", ""},
	} {
		var rows []decodetest.Row
		if err := HTML(t.Context(), strings.NewReader(test.page), shownMark, decodetest.CollectMarked(&rows)); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if diff := cmp.Diff(test.want, decodetest.Text(rows)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestHTMLBounds(t *testing.T) {
	for name, page := range map[string]string{
		"tables inside tables": strings.Repeat("<table><tr><td>", 1000),
		"a wide row":           "<table><tr>" + strings.Repeat("<td colspan=1000>", 20),
		"a long cell":          "<table><tr><td>" + strings.Repeat("x<b>", 2<<20),
		"a long tag":           "<table title='" + strings.Repeat("x", 4<<20),
		"cells that span all":  "<table><tr>" + strings.Repeat("<td colspan=1000 rowspan=65534>", 16) + strings.Repeat("<tr><td>", 10_000),
	} {
		if err := HTML(t.Context(), strings.NewReader(page), nil, func(int64, []string, []string) error { return nil }); !IsRefusal(err) {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := HTML(ctx, strings.NewReader("<table>"), nil, nil); !errors.Is(err, context.Canceled) || IsRefusal(err) {
		t.Errorf("%v, want that the context ends it", err)
	}
	full := errors.New("disk full")
	if err := HTML(t.Context(), strings.NewReader("<table><tr><td>1"), nil, func(int64, []string, []string) error { return full }); err != full {
		t.Errorf("%v, want the receiver's own error", err)
	}
}

// shownMark tells what a mark is made from.
func shownMark(title, style string) string {
	if title+style == "" {
		return ""
	}
	return title + "/" + style
}

func FuzzHTML(f *testing.F) {
	seeds, err := filepath.Glob(filepath.Join("..", "..", "fixtures", "sources", "*.xls"))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range seeds {
		content, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Add([]byte("<table><tr><td rowspan=9 colspan=9>a<table><td>b</table><tr><td>c"))
	f.Add([]byte("\xff\xfe<\x00t\x00a\x00b\x00l\x00e\x00>\x00<\x00t\x00d\x00>\x00x\x00"))
	f.Fuzz(func(t *testing.T, page []byte) {
		checkReader(t, func(ctx context.Context, emit Emit) error {
			return HTML(ctx, strings.NewReader(string(page)), shownMark, func(number int64, cells, marks []string) error {
				if len(marks) > len(cells) {
					t.Errorf("row %d has %d cells and %d marks", number, len(cells), len(marks))
				}
				return emit(number, cells)
			})
		})
	})
}
