package report

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"strings"
	"testing"

	"entrepot/pipeline/release"
	"entrepot/schemas"
)

// The charting library is made of the released files that its README names.
func TestPlotIsUnmodified(t *testing.T) {
	for name, want := range map[string]string{
		"page/plot/plot.umd.min.js": "4358086467740777dd788d6b27a95cebdbaefdd50c730a3060117073bd7134cb",
		"page/plot/d3.min.js":       "912111098ea99503a6f4967361d2bbdc9dbf58cf9c678c8e27e5b02d1a07f0c1",

		"page/map/countries-110m.json":           "2516c915867c7baf18ddec727aec46c315541a07cfb3d79a6559b05d5e94eee8",
		"page/map/topojson-client.min.js":        "25cd02ae486cc5063e0215a4e4cfb15de83700c87ac48bac4d57dc6aaf3ebb89",
		"page/font/arimo-latin-400-normal.woff2": "c1f056f51c99a65aca53a0a80e71e67916dd7a8ed2423cd11f52193241440b20",
		"page/font/arimo-latin-700-normal.woff2": "181215e08de9ce411e8c9e628eea6ea8bfa45de2a955ee57fc970dd8a080a3f6",
		"page/traders.js":                        "",
		"page/home.js":                           "",
		"page/start.js":                          "",
		"page/charts.js":                         "",
		"page/page.js":                           "",
	} {
		script, err := pageFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(script)
		if got := hex.EncodeToString(sum[:]); want != "" && got != want {
			t.Errorf("%s: SHA-256 %s, want %s", name, got, want)
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
		{inText("USA"), "the United States"}, {inText("Germany"), "Germany"}, {inText("Solomon Isds"), "the Solomon Islands"}, {inText("Netherlands"), "the Netherlands"},
		{inText("Bolivia (Plurinational State of)"), "Bolivia"}, {inText("United Arab Emirates"), "the United Arab Emirates"}, {inText("Rep. of Korea"), "South Korea"},
		{possessive("China"), "China's"}, {possessive("the United States"), "the United States'"}, {possessive("Honduras"), "Honduras's"}, {possessive("the United Kingdom"), "the United Kingdom's"},
		{sentence("the United States'"), "The United States'"}, {sentence("élan"), "Élan"}, {sentence(""), ""},
		{groupInText("OECD"), "OECD"}, {groupInText("USA, JPN,DEU"), "group of USA, JPN and DEU"},
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

// The colours of lines, and of what rose and fell, can be told apart by eyes that lack a kind
// of cone, too, and stand out from the card.
func TestColoursAreTold(t *testing.T) {
	css, err := pageFiles.ReadFile("page/page.css")
	if err != nil {
		t.Fatal(err)
	}
	light, rest, _ := strings.Cut(string(css), "@media (prefers-color-scheme: dark)")
	dark, _, _ := strings.Cut(rest, "* { box-sizing")
	// Machado, Oliveira and Fernandes (2009), of the strongest degree.
	eyes := map[string][3][3]float64{
		"all cones":    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
		"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
		"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
		"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
	}
	for scheme, text := range map[string]string{"light": light, "dark": dark} {
		hues := []string{"--hue-1", "--hue-2", "--hue-3", "--hue-4", "--hue-5", "--hue-6"}
		for eye, m := range eyes {
			for i, a := range hues {
				if d := distance(seen(t, text, a, m), seen(t, text, "--paper", m)); d < 25 {
					t.Errorf("%s, %s: %s is %.0f from the card", scheme, eye, a, d)
				}
				for _, b := range hues[:i] {
					if d := distance(seen(t, text, a, m), seen(t, text, b, m)); d < 15 {
						t.Errorf("%s, %s: %s and %s are %.1f apart", scheme, eye, a, b, d)
					}
				}
			}
			if d := distance(seen(t, text, "--up", m), seen(t, text, "--down", m)); d < 25 {
				t.Errorf("%s, %s: what rose and what fell are %.1f apart", scheme, eye, d)
			}
		}
	}
}

// seen is a colour of a style sheet as an eye sees it, in CIELAB.
func seen(t *testing.T, css, name string, eye [3][3]float64) [3]float64 {
	t.Helper()
	_, rest, ok := strings.Cut(css, name+": #")
	if !ok || len(rest) < 6 {
		t.Fatalf("there is no colour %s", name)
	}
	raw, err := hex.DecodeString(rest[:6])
	if err != nil {
		t.Fatal(err)
	}
	var linear [3]float64
	for i, c := range raw {
		if v := float64(c) / 255; v <= 0.04045 {
			linear[i] = v / 12.92
		} else {
			linear[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	rgb := times3(eye, linear)
	for i := range rgb {
		rgb[i] = min(1, max(0, rgb[i]))
	}
	xyz := times3([3][3]float64{{0.4124564, 0.3575761, 0.1804375}, {0.2126729, 0.7151522, 0.0721750}, {0.0193339, 0.1191920, 0.9503041}}, rgb)
	var f [3]float64
	for i, white := range []float64{0.95047, 1, 1.08883} {
		if v := xyz[i] / white; v > 0.008856 {
			f[i] = math.Cbrt(v)
		} else {
			f[i] = 7.787*v + 16.0/116
		}
	}
	return [3]float64{116*f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])}
}

func times3(m [3][3]float64, v [3]float64) (out [3]float64) {
	for i := range m {
		for j := range v {
			out[i] += m[i][j] * v[j]
		}
	}
	return out
}

// distance is that of two colours in CIELAB (1976).
func distance(a, b [3]float64) float64 {
	return math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}
