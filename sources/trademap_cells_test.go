package sources

import (
	"os"
	"strings"
	"testing"

	"entrepot/sources/decode"
	"entrepot/sources/decode/decodetest"

	"github.com/google/go-cmp/cmp"
)

// ITC tells by the tooltip of a cell, or by its colour, where the value comes from.
func TestCellBasis(t *testing.T) {
	for _, test := range []struct{ name, page, want string }{
		{"provenance by tooltip", `<table><tr><td title="Direct Data" style="color:Goldenrod">1</td><td title="Mirror data">2</td><td title="The data aggregated are mirror and direct data">3</td><td title="Value estimated by UNCTAD and WTO.">4</td><td title="When a group has members that did not report, the group value is shown in red">5</td></tr></table>`,
			"1:1|2~mirror|3~mixed|4~estimated|5~partial"},
		{"provenance by colour", `<table><tr><td style="border-color:Goldenrod">1</td><td style="font:x; COLOR: goldenrod ;">2</td><td style="color:BlueViolet">3</td><td style="color:MediumSeaGreen;">4</td><td title="Click" style="color:#FF4500">5</td><th title="Mirror data">6</th><td title="Mirror data"> </td></tr></table>`,
			"1:1|2~mirror|3~mixed|4~estimated|5~partial|6|"},
	} {
		var rows []decodetest.Row
		if err := decode.HTML(t.Context(), strings.NewReader(test.page), cellBasis, decodetest.CollectMarked(&rows)); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if diff := cmp.Diff(test.want, decodetest.Text(rows)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func htmlFixture(t testing.TB, path string) []decodetest.Row {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var rows []decodetest.Row
	if err := decode.HTML(t.Context(), file, cellBasis, decodetest.CollectMarked(&rows)); err != nil {
		t.Fatal(err)
	}
	return rows
}

// The layout of a bilateral download: two header rows, and an empty column before
// the second and the third block, which the header counts to the block's name.
func TestHTMLTradeMapLayout(t *testing.T) {
	rows := htmlFixture(t, decodetest.SourceFile(t, "trademap_bilateral_monthly.xls"))
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
	if diff := cmp.Diff(want, decodetest.Text(rows)); diff != "" {
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
		rows := htmlFixture(t, decodetest.RealFile(t, "itc", test.file))
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
