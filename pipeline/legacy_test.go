package pipeline_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The real file gives the figures that were worked out from it independently.
func TestLegacyComtradeReal(t *testing.T) {
	t.Parallel()
	shared := os.Getenv("ENTREPOT_REAL_FILES")
	if shared == "" {
		shared = "../../shared/data"
	}
	real, err := os.ReadFile(filepath.Join(shared, "comtrade_legacy", "semiconductor_equipment_2016_2020.csv"))
	if err != nil {
		t.Skipf("the real files are not here (ENTREPOT_REAL_FILES names their folder): %v", err)
	}
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "file.csv"), real, 0o644); err != nil {
		t.Fatal(err)
	}
	c := configure(t, data)
	if s := run(t, c); len(s.Rejects) > 0 {
		t.Errorf("rejects: %v", s.Rejects)
	}
	got := published(t, c, `SELECT year, imports_usd::BIGINT, exports_usd::BIGINT FROM '%s/import_dependence_hs6.parquet' WHERE hs6 = '848620' AND year IN (2016, 2020) ORDER BY year`)
	if diff := cmp.Diff([]string{"2016 5245678546 375369671", "2020 13663292442 690950073"}, got); diff != "" {
		t.Error(diff)
	}
}

// China's imports of rare earth compounds (2846), in US dollars, and the share that
// came from today's members of the OECD, worked out independently from the answers
// of UN Comtrade's API.
func TestJSONReal(t *testing.T) {
	t.Parallel()
	shared := os.Getenv("ENTREPOT_REAL_FILES")
	if shared == "" {
		shared = "../../shared/data"
	}
	data := t.TempDir()
	for _, year := range []string{"2015", "2019", "2023"} {
		real, err := os.ReadFile(filepath.Join(shared, "comtrade_json", "china_2846", year+".json"))
		if err != nil {
			t.Skipf("the real files are not here (ENTREPOT_REAL_FILES names their folder): %v", err)
		}
		if err := os.WriteFile(filepath.Join(data, year+".json"), real, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// The answers have HS-4 rows only, and the figures are made of HS-6 rows.
	one := "refYear,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue\n2019,2019,156,X,0,H5,880240,250\n"
	if err := os.WriteFile(filepath.Join(data, "one.csv"), []byte(one), 0o644); err != nil {
		t.Fatal(err)
	}
	c := configure(t, data)
	if s := run(t, c); len(s.Rejects) > 0 {
		t.Errorf("rejects: %v", s.Rejects)
	}
	got := openWork(t, c, `
		SELECT year, max(value_usd) FILTER (partner = 0)::BIGINT, round(100 * sum(value_usd) FILTER (partner IN (SELECT area FROM country_groups WHERE name = 'OECD' AND left_on IS NULL)) / max(value_usd) FILTER (partner = 0), 2),
			sum(value_usd) FILTER (partner <> 0) = max(value_usd) FILTER (partner = 0)
		FROM control_totals WHERE code = '2846' AND reporter = 156 AND flow = 'M' GROUP BY year ORDER BY year`)
	if diff := cmp.Diff([]string{"2015 91316697 26.53 true", "2019 272219363 10.8 true", "2023 1881334377 2.96 true"}, got); diff != "" {
		t.Error(diff)
	}
}

// Trade Map's table of 19 years is in five HS revisions. China's imports of the built-in
// list of biomed were worked out independently from it.
func TestTradeMapOfManyRevisionsReal(t *testing.T) {
	t.Parallel()
	shared := os.Getenv("ENTREPOT_REAL_FILES")
	if shared == "" {
		shared = "../../shared/data"
	}
	real, err := os.ReadFile(filepath.Join(shared, "itc", "china_imports_hs6_2001_2019.xlsx"))
	if err != nil {
		t.Skipf("the real files are not here (ENTREPOT_REAL_FILES names their folder): %v", err)
	}
	data, settings := t.TempDir(), filepath.Join(t.TempDir(), "entrepot.yaml")
	for file, content := range map[string][]byte{
		filepath.Join(data, "table.xlsx"): real,
		settings:                          []byte("files:\n  - match: table.xlsx\n    revision: {2017: H5}\n"), // no revision has all codes of 2017
	} {
		if err := os.WriteFile(file, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := configure(t, data)
	if err := c.ReadFile(settings); err != nil {
		t.Fatal(err)
	}
	c.MaxRejects = "1%"
	run(t, c)
	got := published(t, c, `SELECT year, imports_usd::BIGINT FROM '%s/partner_group_share.parquet' WHERE sector = 'biomed' AND year IN (2015, 2016) ORDER BY year`)
	if diff := cmp.Diff([]string{"2015 32671875000", "2016 35394596000"}, got); diff != "" {
		t.Error(diff)
	}
	got = openWork(t, c, `
		SELECT hs_revision, min(year), max(year) FROM facts WHERE reporter = 156 AND partner = 0 GROUP BY hs_revision ORDER BY hs_revision`)
	if diff := cmp.Diff([]string{"H1 2001 2001", "H2 2002 2006", "H3 2007 2011", "H4 2012 2016", "H5 2017 2019"}, got); diff != "" {
		t.Error(diff)
	}
}
