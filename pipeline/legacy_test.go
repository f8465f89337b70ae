package pipeline_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The real file gives the figures that were worked out from it independently.
func TestLegacyComtradeReal(t *testing.T) {
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
