package pipeline_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entrepot/fixtures"
	"entrepot/pipeline/release"

	"github.com/google/go-cmp/cmp"
)

// The table of trade has what the files have, by year: the values of every reporter, World
// beside the partners, months where they are asked for. Of weights that one row of two
// lacks, nothing is said.
func TestTrade(t *testing.T) {
	t.Parallel()
	row := func(year, month, reporter int, flow string, partner int, revision, code string, usd, kilos int64) fixtures.Row {
		return fixtures.Row{Year: year, Month: month, Reporter: reporter, Flow: flow, Partner: partner, Revision: revision, Code: code, Mills: usd * 1000, Kilos: kilos}
	}
	guessed := func(r fixtures.Row) fixtures.Row { r.Guessed = true; return r }
	data := t.TempDir()
	write(t, filepath.Join(data, "trade.csv"), fixtures.API, []fixtures.Row{
		row(2019, 0, 156, "M", 0, "H4", "854231", 100, 7), row(2019, 0, 156, "M", 842, "H4", "854231", 60, 4),
		guessed(row(2019, 0, 156, "X", 0, "H4", "854231", 8, 2)), row(2019, 0, 156, "X", 0, "H4", "854232", 9, 0),
		row(2022, 0, 276, "X", 0, "H6", "880621", 10, 3), guessed(row(2022, 0, 276, "X", 0, "H6", "852581", 5, 2)), // in H4, both are 852580
		row(2022, 0, 392, "X", 0, "H6", "880621", 20, 6), row(2022, 0, 392, "X", 0, "H6", "852581", 1, 0), // of one nobody knows the weight
		row(2022, 3, 276, "X", 0, "H6", "854231", 2, 1),
		row(2022, 0, 276, "X", 0, "H6", "8542", 999, 1), row(2022, 0, 276, "X", 0, "H6", "TOTAL", 999, 1), // no codes
	})
	china := []string{"2019 0 CHN M 0 854231 advanced_electronics 100 7 false", "2019 0 CHN M 842 854231 advanced_electronics 60 4 false",
		"2019 0 CHN X 0 854231 advanced_electronics 8 2 true", "2019 0 CHN X 0 854232 advanced_electronics 9 <nil> <nil>"}
	cameras := []string{"2022 0 DEU X 0 852580 - 15 5 true", "2022 0 JPN X 0 852580 - 21 <nil> <nil>"}
	for _, tt := range []struct {
		trade, harmonize string
		want             []string
	}{
		{"years", "H4", slices.Concat(china, cameras)},
		{"months", "H4", slices.Concat(china, cameras, []string{"2022 3 DEU X 0 854231 advanced_electronics 2 1 false"})},
		{"years", "as-reported", slices.Concat(china, []string{"2022 0 DEU X 0 852581 - 5 2 true", "2022 0 DEU X 0 880621 aerospace 10 3 false",
			"2022 0 JPN X 0 852581 - 1 <nil> <nil>", "2022 0 JPN X 0 880621 aerospace 20 6 false"})},
	} {
		c := configure(t, data, "trade", tt.trade, "harmonize", tt.harmonize, "conversion", "official")
		run(t, c)
		got := published(t, c, `SELECT year, month, reporter_iso3, flow, partner, hs6, coalesce(sector, '-'), value_usd, net_weight_kg, net_weight_estimated FROM '%s/trade/*.parquet' ORDER BY ALL`)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("trade: %s, %s (-want +got):\n%s", tt.trade, tt.harmonize, diff)
		}
		r, err := release.Find(c.Out, "")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"2019.parquet", "2022.parquet"}, baseNames(r.Paths("trade"))); diff != "" {
			t.Errorf("files of trade (-want +got):\n%s", diff)
		}
	}
}

// Where World is a sum over partners, or a year one over months, it has a weight only if all of
// its rows do: of BACI's codes 854231 has all, 854232 lacks one, and of the months of
// 854239 one lacks it.
func TestWeightOfSums(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	baci := "t,i,j,k,v,q\n2019,156,842,854231,60,4\n2019,156,276,854231,40,3\n2019,156,842,854232,60,4\n2019,156,276,854232,40,NA\n"
	if err := os.WriteFile(filepath.Join(data, "BACI_HS12_Y2019_V202501.csv"), []byte(baci), 0o644); err != nil {
		t.Fatal(err)
	}
	var months []fixtures.Row
	for month := 1; month <= 12; month++ {
		for code, kilos := range map[string]int64{"854239": int64(month - 1), "854290": 2} {
			months = append(months, fixtures.Row{Year: 2021, Month: month, Reporter: 156, Flow: "X", Revision: "H4", Code: code, Mills: 5000, Kilos: kilos})
		}
	}
	write(t, filepath.Join(data, "months.csv"), fixtures.API, months)
	c := configure(t, data, "trade", "years", "months", "sum")
	run(t, c)
	got := published(t, c, "SELECT year, reporter_iso3, hs6, value_usd, net_weight_kg FROM '%s/trade/*.parquet' WHERE partner = 0 AND flow = 'X' ORDER BY ALL")
	want := []string{"2019 CHN 854231 100000 7000", "2019 CHN 854232 100000 <nil>", "2021 CHN 854239 60 <nil>", "2021 CHN 854290 60 24"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("weights (-want +got):\n%s", diff)
	}
}

// The SQL of docs/analyst.md makes Figure 14 of the table of trade, as import_dependence
// has it where the files tell of all codes.
func TestFigureFromTrade(t *testing.T) {
	t.Parallel()
	c := configure(t, sampleData(t), "trade", "years")
	run(t, c)
	page := string(readFile(t, "../docs/analyst.md"))
	_, after, _ := strings.Cut(page, "## The table of trade")
	_, after, _ = strings.Cut(after, "```sql\n")
	query, _, found := strings.Cut(after, ";\n```")
	if !found {
		t.Fatal("docs/analyst.md has no SQL on the table of trade")
	}
	query = strings.ReplaceAll(strings.ReplaceAll(query, "%", "%%"), "results/current", "%s")
	got := published(t, c, query)
	want := published(t, c, "SELECT sector, year, codes_dependent, codes_traded FROM '%s/import_dependence.parquet' WHERE codes_unknown = 0 ORDER BY ALL")
	if len(want) == 0 {
		t.Fatal("import_dependence has no row without unknown codes")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Figure 14 (-import_dependence +of the table of trade):\n%s", diff)
	}
}

// A part of the table of trade that is damaged or lost is written anew.
func TestTradeHeals(t *testing.T) {
	t.Parallel()
	c := configure(t, sampleData(t), "trade", "years")
	run(t, c)
	r, err := release.Find(c.Out, "")
	if err != nil {
		t.Fatal(err)
	}
	lost := r.Paths("trade")[1]
	was := readFile(t, lost)
	if err := os.Remove(lost); err != nil {
		t.Fatal(err)
	}
	run(t, c)
	if again := readFile(t, lost); !bytes.Equal(was, again) {
		t.Errorf("%s was lost and written anew with %d bytes, expected the %d that it had", filepath.Base(lost), len(again), len(was))
	}
}

func baseNames(paths []string) (names []string) {
	for _, path := range paths {
		names = append(names, filepath.Base(path))
	}
	return names
}
