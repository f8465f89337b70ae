package pipeline_test

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"entrepot/schemas"

	"github.com/google/go-cmp/cmp"
)

// The sample's figures are those that were worked out by hand in
// fixtures/sample_expected.csv.
func TestSampleAgreesWithHandWork(t *testing.T) {
	t.Parallel()
	c, s := publishedSample(t)
	if len(s.Rejects) > 0 || len(s.Warnings) != 4 {
		t.Errorf("rejects %v, warnings %q: expected none, and warnings of monthly rows, of four reporters, of exports by partner above World and of two versions", s.Rejects, s.Warnings)
	}
	part := map[string]string{
		"import_dependence":   "codes_dependent, codes_traded, dependent_share",
		"dominance":           "codes_dominated, codes_exported, dominated_share",
		"export_share":        "exports_usd / 1e6, world_exports_usd / 1e6, export_share",
		"partner_group_share": "group_imports_usd / 1e6, imports_usd / 1e6, group_share",
	}
	expected := readCSV(t, "../fixtures/sample_expected.csv")
	if len(expected) != 4*9*3 {
		t.Fatalf("%d expected cells, there should be 4 measures, 9 sectors and 3 years", len(expected))
	}
	for _, e := range expected {
		measure, sector, year := e[0], e[1], e[2]
		got := published(t, c, fmt.Sprintf("SELECT %s FROM '%%s/%s.parquet' WHERE sector = ? AND year = ?", part[measure], measure), sector, year)
		of := number(t, e[4])
		share := "<nil>"
		if of > 0 {
			share = fmt.Sprint(math.Round(number(t, e[3])*1e6) / (of * 1e6)) // whole dollars are exact
		}
		want := fmt.Sprintln(number(t, e[3]), of, share)
		if len(got) != 1 || got[0]+"\n" != want {
			t.Errorf("%s of %s in %s: got %q, expected %q because of %s", measure, sector, year, got, want, e[5])
		}
	}
	// The comparators of Figure 26: the sum of all sectors' lines above with and
	// without T-shirts (610910: 50 of 60 in 2019), which no sector lists. Crude
	// oil and shrimps are no manufactured goods.
	got := published(t, c, `SELECT DISTINCT manufactures_export_share, unlisted_manufactures_export_share FROM '%s/export_share.parquet' WHERE year = 2019`)
	exports, world := 0.0, 0.0
	for _, e := range expected {
		if e[0] == "export_share" && e[2] == "2019" {
			exports += number(t, e[3])
			world += number(t, e[4])
		}
	}
	if want := fmt.Sprint((exports+50)/(world+60), 50.0/60.0); len(got) != 1 || got[0] != want {
		t.Errorf("comparators in 2019: got %q, expected %q", got, want)
	}
}

// Costa Rica, which joined the OECD in May 2021, supplies half of 901812.
func TestMembershipThen(t *testing.T) {
	t.Parallel()
	data := sampleData(t)
	shares := func(membership string) []string {
		c := configure(t, data, "membership", membership)
		run(t, c)
		return published(t, c, `SELECT year, group_share, (SELECT any_value(group_members) FROM '%s/partner_group_share.parquet' s WHERE s.year = p.year)
			FROM '%s/partner_group_share_hs6.parquet' p WHERE hs6 = '901812' ORDER BY year`)
	}
	if diff := cmp.Diff([]string{"2019 1 38", "2021 1 38", "2023 1 38"}, shares("today")); diff != "" {
		t.Error(diff)
	}
	// 36 members at the end of 2019 (Lithuania joined in 2018); Colombia followed in 2020.
	if diff := cmp.Diff([]string{"2019 0.5 36", "2021 1 38", "2023 1 38"}, shares("then")); diff != "" {
		t.Error(diff)
	}
}

// China's drones of 2023 are a quarter 880220 and three quarters 880629. The UN
// sends the latter to 880240, our proposal to 880220.
func TestConversionIsAChoice(t *testing.T) {
	t.Parallel()
	data := sampleData(t)
	query := `SELECT hs6, imports_usd / 1e6, exports_usd / 1e6, dependent FROM '%s/import_dependence_hs6.parquet'
		WHERE year = 2023 AND hs6 IN ('880220', '880240', '880629') ORDER BY hs6`
	for _, test := range []struct {
		settings []string
		want     []string
	}{
		{[]string{"conversion", "proposed"}, []string{"880220 4 40 false", "880240 60 5 true"}},
		{[]string{"conversion", "official"}, []string{"880220 1 10 false", "880240 63 35 false"}},
		{[]string{"harmonize", "as-reported"}, []string{"880220 1 10 false", "880240 60 5 true", "880629 3 30 false"}},
		{[]string{"harmonize", "H6"}, []string{"880220 1 10 false", "880240 60 5 true", "880629 3 30 false"}},
	} {
		c := configure(t, data, test.settings...)
		run(t, c)
		if diff := cmp.Diff(test.want, published(t, c, query)); diff != "" {
			t.Errorf("%v: %s", test.settings, diff)
		}
	}
}

// A year in which the reporter has no data is missing, not zero.
func TestMissingIsNotZero(t *testing.T) {
	t.Parallel()
	data := sampleData(t)
	if err := os.Remove(filepath.Join(data, "china_2023_from_dataframe.csv")); err != nil {
		t.Fatal(err)
	}
	c := configure(t, data)
	s := run(t, c)
	if len(s.Warnings) != 6 {
		t.Errorf("warnings %q, expected the four of the whole sample, and of 2023 that China and the coverage are missing", s.Warnings)
	}
	for _, test := range []struct{ query, want string }{
		{`SELECT reporter_reported, codes_listed, codes_traded, codes_dependent, dependent_share, imports_usd FROM '%s/import_dependence.parquet'`, "false 22 <nil> <nil> <nil> <nil>"},
		{`SELECT reporter_reported, codes_exported, codes_dominated, dominated_share, reporters, reporters_most, coverage FROM '%s/dominance.parquet'`, "false 3 <nil> <nil> 3 4 0.75"},
		{`SELECT reporter_reported, exports_usd, world_exports_usd / 1e6, export_share, coverage FROM '%s/export_share.parquet'`, "false <nil> 690 <nil> 0.75"},
		{`SELECT reporter_reported, imports_usd, group_imports_usd, group_share FROM '%s/partner_group_share.parquet'`, "false <nil> <nil> <nil>"},
	} {
		got := published(t, c, test.query+" WHERE sector = 'aerospace' AND year = 2023")
		if diff := cmp.Diff([]string{test.want}, got); diff != "" {
			t.Errorf("%s: %s", test.query, diff)
		}
	}
}

// Everything that is published for the sample, as text.
func TestGolden(t *testing.T) {
	t.Parallel()
	c, _ := publishedSample(t)
	for _, o := range schemas.Always() {
		golden := filepath.Join("testdata", "golden", o.Name+".csv")
		made := filepath.Join(t.TempDir(), "made.csv")
		// Listed codes that nobody trades would be most of the file.
		published(t, c, fmt.Sprintf("COPY (FROM '%%s/%s.parquet' %s ORDER BY ALL) TO '%s'", o.Name, tradedOnly(o), made))
		got, err := os.ReadFile(made)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatalf("%v; write it with go test ./pipeline -run TestGolden -update", err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-expected +got):\n%s", o.Name, diff)
		}
	}
}

func readCSV(t testing.TB, path string) [][]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var content io.Reader = file
	if filepath.Ext(path) == ".gz" {
		if content, err = gzip.NewReader(file); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := csv.NewReader(content).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func tradedOnly(o schemas.Output) string {
	switch o.Name {
	case "import_dependence_hs6":
		return "WHERE traded"
	case "product_coverage_hs6":
		return "WHERE status <> 'zero'"
	case "balance_of_trade", "intra_industry_trade", "strategic_dependencies":
		return "WHERE imports_usd + exports_usd <> 0"
	case "growth":
		return "WHERE value_usd <> 0 OR change IS NOT NULL"
	}
	return ""
}
