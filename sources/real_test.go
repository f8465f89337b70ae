package sources_test

import (
	"encoding/csv"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entrepot/sources"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// realSettings say of the real files what they do not say themselves.
var realSettings = []sources.Settings{
	{Match: "gacc/*.csv", Source: "gacc", Reporter: "156", Flow: "M", Year: "2023", Unit: "USD", Revision: "H6", CodeWidth: 8, Encoding: "gb18030", AreasAs: "name",
		Columns: map[string]string{"code": "Commodity code", "partner": "Trading partner", "value": "US dollar"},
		Areas:   map[string]string{"Azerbai jan": "AZE", "Cote d'lvoire": "CIV", "Czechia（Czech Republic）": "CZE", "Democratic Republic of Congo": "COD", "Lao": "LAO", "The Federated States of Micronesia": "FSM"}},
	{Match: "itc/*argentina.txt", Reporter: "32", Unit: "thousand USD", Revision: "H5"},
	{Match: "itc/gtip_4_tr*", Reporter: "792", Flow: "X", Unit: "thousand USD", Revision: "H6"},
	{Match: "itc/*monthly.xls", Revision: "H5"},
	{Match: "seafood*.csv", Source: "seafood", Flow: "X", Unit: "thousand USD", Revision: "H4", AreasAs: "iso3",
		Columns: map[string]string{"reporter": "exporter_iso3c", "partner": "importer_iso3c", "code": "hs6", "year": "year", "value": "total_v"}},
	{Match: "oec*.csv", Source: "oec", Flow: "X", Unit: "USD", Revision: "H0", Reporter: "156", Partner: "643", Columns: map[string]string{"code": "HS4 ID", "year": "Year", "value": "China's Exports"}},
	{Match: "turkiye*", Revision: "H6"},
	{Match: "russia_china*", Revision: "H5"},
}

// What becomes of every real file, without settings and with those it needs.
func TestRealFiles(t *testing.T) {
	dir := realFolder(t)
	// What a client of UN Comtrade's API was answered is no folder of downloads.
	found, err := sources.Find(t.Context(), dir, sources.Leave{Folders: []string{filepath.Join(dir, "comtrade_api")}})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, in := range found.Inputs {
		settings := []sources.Settings{{}}
		if s := sources.SettingsFor(realSettings, in.Name); s.Match != "" {
			settings = append(settings, s)
		}
		for i, s := range settings {
			o := takeInput(t, in, s, nil)
			fmt.Fprint(&b, in.Name)
			if i > 0 {
				b.WriteString(", with settings")
			}
			if o.refusal != "" {
				fmt.Fprintf(&b, ": refused: %s\n", o.refusal)
				continue
			}
			fmt.Fprintf(&b, ": %s in %s, %d rows, %d staged, %d rejected, %d left out\n", o.format, o.unit, o.counts.Read, o.counts.Staged, o.counts.Rejected, o.counts.LeftOut)
			for _, reason := range append(reasons(o.rejects), o.leftOut...) {
				fmt.Fprintf(&b, "  %s\n", reason)
			}
			if o.notes != "" {
				fmt.Fprintf(&b, "  note: %s\n", o.notes)
			}
		}
	}
	golden := filepath.Join("testdata", "real_files.txt")
	if *sources.Update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatalf("%v; write it with go test ./sources -run TestRealFiles -update", err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Error(diff)
	}
}

// reasons counts rejects by column and reason.
func reasons(rejects []string) []string {
	counts := map[string]int{}
	for _, r := range rejects {
		counts[r[strings.LastIndexByte(r, ' ')+1:]]++
	}
	var out []string
	for reason, n := range counts {
		out = append(out, fmt.Sprint(reason, " ", n))
	}
	slices.Sort(out)
	return out
}

// Thailand's download as CSV and as workbook is the same download.
func TestRealWorkbookIsTheCSV(t *testing.T) {
	dir := filepath.Join(realFolder(t), "comtrade_csv")
	text := takeInput(t, sources.Input{Path: filepath.Join(dir, "thailand_8542_web.csv"), Name: "a.csv"}, sources.Settings{}, nil)
	book := takeInput(t, sources.Input{Path: filepath.Join(dir, "thailand_8542_web.xlsx"), Name: "a.xlsx"}, sources.Settings{}, nil)
	if len(text.staged) != 1178 {
		t.Errorf("%d rows, expected 1178", len(text.staged))
	}
	if diff := cmp.Diff(text.staged, book.staged); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(text.weights, book.weights); diff != "" {
		t.Error(diff)
	}
}

// China's customs: each cell is the sum over its distinct lines, worked out here
// without DuckDB.
func TestRealParts(t *testing.T) {
	path := filepath.Join(realFolder(t), "gacc", "china_customs_hs8.csv")
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(simplifiedchinese.GB18030.NewDecoder().Reader(file))
	want, all := map[string]*big.Int{}, map[string]bool{}
	for row := 0; ; row++ {
		cells, err := reader.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if row == 0 || all[strings.Join(cells, "|")] {
			continue
		}
		all[strings.Join(cells, "|")] = true
		value, ok := new(big.Int).SetString(strings.ReplaceAll(cells[12], ",", ""), 10)
		if !ok {
			t.Fatalf("row %d: %q", row, cells[12])
		}
		if code := cells[0][:6]; want[code] == nil {
			want[code] = new(big.Int)
		}
		want[cells[0][:6]].Add(want[cells[0][:6]], value)
	}
	s := sources.Settings{Source: "gacc", Reporter: "156", Partner: "899", Flow: "M", Year: "2023", Unit: "USD", Revision: "H6", CodeWidth: 8,
		Columns: map[string]string{"code": "Commodity code", "value": "US dollar"}}
	o := takeInput(t, sources.Input{Path: path, Name: "a.csv"}, s, nil)
	got := map[string]*big.Int{}
	for _, row := range o.staged {
		cells := strings.Fields(row)
		value, ok := new(big.Int).SetString(strings.TrimSuffix(cells[7], ".000"), 10)
		if !ok {
			t.Fatal(row)
		}
		if got[cells[6]] == nil {
			got[cells[6]] = new(big.Int)
		}
		got[cells[6]].Add(got[cells[6]], value)
	}
	if len(o.rejects) > 0 || len(want) < 100 {
		t.Errorf("%d rejects, %d codes", len(o.rejects), len(want))
	}
	for code, value := range want {
		if got[code] == nil || got[code].Cmp(value) != 0 {
			t.Errorf("%s: %v, expected %v", code, got[code], value)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d codes, expected %d", len(got), len(want))
	}
}
