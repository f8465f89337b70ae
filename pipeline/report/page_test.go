package report

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"entrepot/pipeline/release"
	"entrepot/schemas"
)

// The charting library is the released file that its README names.
func TestEChartsIsUnmodified(t *testing.T) {
	script, err := pageFiles.ReadFile("page/echarts/echarts.common.min.js")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(script)
	if got, want := hex.EncodeToString(sum[:]), "61f13280aba3161f77fc801bf5f9c786f55f10432153a0683fc5cc0700b013d5"; got != want {
		t.Errorf("SHA-256 %s, want %s", got, want)
	}
	for _, name := range []string{"page/echarts/echarts.common.min.js", "page/page.js"} {
		script, err := pageFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.ToLower(string(script)), "</script") {
			t.Errorf("%s ends the element that it stands in", name)
		}
	}
}

func TestComparedYears(t *testing.T) {
	for _, test := range []struct {
		all, want []int
	}{
		{nil, nil},
		{[]int{2019, 2021, 2023}, []int{2019, 2021, 2023}},
		{[]int{2015, 2016, 2017, 2018, 2019, 2020, 2021, 2022, 2023}, []int{2015, 2018, 2020, 2023}},
		{[]int{2015, 2016, 2017, 2018, 2019}, []int{2015, 2016, 2018, 2019}},
	} {
		if got := compared(test.all); !slices.Equal(got, test.want) {
			t.Errorf("of %v: %v, want %v", test.all, got, test.want)
		}
	}
}

func TestWords(t *testing.T) {
	s := &source{reference: &schemas.Reference{}, sectors: map[string]string{"power": "Power equipment"}}
	for _, test := range []struct{ got, want string }{
		{dollars(0), "$0"}, {dollars(999), "$999"}, {dollars(1500), "$1.5k"}, {dollars(999_960), "$1.0m"}, {dollars(2e8), "$200m"}, {dollars(123.4e9), "$123bn"},
		{dollars(1.25e12), "$1.2tn"}, {percent(0.125, 0), "12%"}, {percent(1, 0), "100%"}, {percentOf("0.285"), "28.5%"}, {percentOf("0.3"), "30%"},
		{times("2"), "twice as much as"}, {times("1.5"), "1.5 times as much as"}, {signed(-0.25), "−25%"}, {signed(0.5), "+50%"},
		{s.sectorName("my_sector"), "My sector"}, {s.sectorName("élan"), "Élan"}, {s.sectorName("power"), "Power equipment"}, {inSentence("Élan"), "élan"}, {inSentence("AI chips"), "AI chips"}, {inSentence("X"), "X"},
		{inText("USA"), "the USA"}, {inText("Germany"), "Germany"},
		{list([]string{"a", "b", "c"}), "a, b and c"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}

func TestSourceLine(t *testing.T) {
	s := &source{Release: &release.Release{ID: "0123456789ab", Manifest: &release.Manifest{Version: "1", Inputs: []release.InputEntry{
		{Format: "comtrade-csv", Staged: 1, Vintage: "2026-04-20T00:00:00"}, {Format: "baci-csv", Staged: 1}, {Format: "comtrade-legacy-csv", Staged: 1},
		{Format: "itc-csv", Staged: 0, Vintage: "2027-01-01T00:00:00"}, // not used
	}}}}
	want := "Source: CEPII BACI and UN Comtrade, downloads to 2026-04-20; computed by entrepot 1, release 0123456789ab."
	if got := s.sourceLine(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestScale(t *testing.T) {
	for _, test := range []struct{ highest, end, step float64 }{
		{0, 1, 0.25}, {0.7, 1, 0.25}, {1, 1, 0.25}, {0.5, 0.5, 0.1}, {0.36, 0.4, 0.1}, {0.042, 0.05, 0.01}, {1.3, 1.5, 0.5}, {793e6, 800e6, 200e6},
	} {
		end, step := scale(test.highest)
		if abs(end-test.end) > 1e-9*test.end || abs(step-test.step) > 1e-9*test.step {
			t.Errorf("to %g: end %g, step %g; want %g, %g", test.highest, end, step, test.end, test.step)
		}
	}
}

func abs(x float64) float64 { return max(x, -x) }
