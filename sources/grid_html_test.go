package sources

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
		{"provenance by tooltip", `<table><tr><td title="Direct Data" style="color:Goldenrod">1</td><td title="Mirror data">2</td><td title="The data aggregated are mirror and direct data">3</td><td title="Value estimated by UNCTAD and WTO.">4</td><td title="When a group has members that did not report, the group value is shown in red">5</td></tr></table>`,
			"1:1|2~mirror|3~mixed|4~estimated|5~partial"},
		{"provenance by colour", `<table><tr><td style="border-color:Goldenrod">1</td><td style="font:x; COLOR: goldenrod ;">2</td><td style="color:BlueViolet">3</td><td style="color:MediumSeaGreen;">4</td><td title="Click" style="color:#FF4500">5</td><th title="Mirror data">6</th><td title="Mirror data"> </td></tr></table>`,
			"1:1|2~mirror|3~mixed|4~estimated|5~partial|6|"},
		{"a mark in the text is no provenance", "<table><tr><td>7\x1fmirror</td></tr></table>", "1:7 mirror"},
		{"declared encoding", "<meta http-equiv=Content-Type content='text/html; charset=windows-1252'><table><tr><td>C\xf4te d'Ivoire</td></tr></table>", "1:Côte d'Ivoire"},
		{"undeclared UTF-8 behind much ASCII", strings.Repeat(" ", 5000) + "<table><tr><td>Türkiye</td></tr></table>", "1:Türkiye"},
		{"undeclared windows-1252", "<table><tr><td>T\xfcrkiye</td></tr></table>", "1:Türkiye"},
		{"byte-order mark", "\xef\xbb\xbf<table><tr><td>ü</td></tr></table>", "1:ü"},
		{"no table", "<html><body>404</body></html>", ""},
		{"empty", "", ""},
	} {
		var rows []gridRow
		if err := readHTML(t.Context(), strings.NewReader(test.page), collect(&rows)); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if diff := cmp.Diff(test.want, strings.ReplaceAll(gridText(rows), cellMark, "~")); diff != "" {
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
		if err := readHTML(t.Context(), strings.NewReader(page), func(int64, []string) error { return nil }); !isRefusal(err) {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := readHTML(ctx, strings.NewReader("<table>"), nil); !errors.Is(err, context.Canceled) || isRefusal(err) {
		t.Errorf("%v, want that the context ends it", err)
	}
	full := errors.New("disk full")
	if err := readHTML(t.Context(), strings.NewReader("<table><tr><td>1"), func(int64, []string) error { return full }); err != full {
		t.Errorf("%v, want the receiver's own error", err)
	}
}

func htmlFixture(t testing.TB, path string) []gridRow {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var rows []gridRow
	if err := readHTML(t.Context(), file, collect(&rows)); err != nil {
		t.Fatal(err)
	}
	return rows
}

// The layout of a bilateral download: two header rows, and an empty column before
// the second and the third block, which the header counts to the block's name.
func TestHTMLTradeMapLayout(t *testing.T) {
	rows := htmlFixture(t, filepath.Join("..", "fixtures", "sources", "trademap_bilateral_monthly.xls"))
	want := `1:Bilateral trade between China and Indonesia|||||
2:Product: 40 Rubber and articles thereof|||||
4:Sources: ITC calculations based on General Customs Administration of China statistics.
5:Bilateral trade data have been reported by China
6:Indonesia's exports have been reported by Indonesia
7:China's imports have been reported by China
10:Unit : US Dollar thousand
12:Product code|Product label|China's imports from Indonesia||Indonesia's exports to world|||China's imports from world||
13:||Value in 2018-M12|Value in 2019-M01||Value in 2018-M12|Value in 2019-M01||Value in 2018-M12|Value in 2019-M01
14:'4001|Natural rubber, balata, gutta-percha, guayule, chicle and similar natural gums, in primary ...|120|130||500|510~mirror||900|910
15:'4013|Inner tubes, of rubber|7|0||11|||13|`
	if diff := cmp.Diff(want, strings.ReplaceAll(gridText(rows), cellMark, "~")); diff != "" {
		t.Error(diff)
	}
}

// The sums were taken from the pages by another program.
func TestHTMLReal(t *testing.T) {
	for _, test := range []struct {
		file          string
		rows, columns int
		last          string
	}{
		{"bilateral_china_indonesia_monthly.xls", 17, 40, "266720"},
		{"china_imports_chapter40_monthly.xls", 17, 64, "703"},
		{"products_exported_by_indonesia_quantity.xls", 17, 22, "197"},
	} {
		rows := htmlFixture(t, realFile(t, "itc", test.file))
		data := 0
		for _, row := range rows {
			if strings.HasPrefix(row.Cells[0], "'40") {
				data++
				if len(row.Cells) != test.columns {
					t.Errorf("%s row %d: %d columns, want %d", test.file, row.Number, len(row.Cells), test.columns)
				}
			}
		}
		last := rows[len(rows)-1].Cells
		if data != test.rows || last[len(last)-1] != test.last {
			t.Errorf("%s: %d rows of data that end with %s, want %d and %s", test.file, data, last[len(last)-1], test.rows, test.last)
		}
	}
}

func FuzzHTML(f *testing.F) {
	seeds, err := filepath.Glob(filepath.Join("..", "fixtures", "sources", "*.xls"))
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
		checkReader(t, func(ctx context.Context, emit emitRow) error {
			return readHTML(ctx, strings.NewReader(string(page)), emit)
		})
	})
}
