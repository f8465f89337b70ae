package pipeline_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const legacyHeader = "Classification,Year,Period,Period Desc.,Aggregate Level,Is Leaf Code,Trade Flow Code,Trade Flow,Reporter Code,Reporter,Reporter ISO,Partner Code,Partner,Partner ISO," +
	"2nd Partner Code,2nd Partner,2nd Partner ISO,Customs Proc. Code,Customs,Mode of Transport Code,Mode of Transport,Commodity Code,Commodity,Qty Unit Code,Qty Unit,Qty,Alt Qty Unit Code,Alt Qty Unit,Alt Qty," +
	"Netweight (kg),Gross weight (kg),Trade Value (US$),CIF Trade Value (US$),FOB Trade Value (US$),Flag\n"

// Files of UN Comtrade's site before 2023: flows in words, Italy's old code, and
// the same cells as in a newer download, which are right.
func TestLegacyComtrade(t *testing.T) {
	line := func(flow, reporter, code, level, value string) string {
		return "H4,2016,2016,2016," + level + ",0,1," + flow + "," + reporter + ",,,0,World,WLD,,,,,,,," + code + ",,1,No Quantity,,,,,0,," + value + ",,,0\n"
	}
	data := t.TempDir()
	legacy := legacyHeader + line("Import", "156", "880240", "6", "600") + line("Export", "156", "880240", "6", "200") + line("Re-Export", "156", "880240", "6", "150") +
		line("Export", "381", "880240", "6", "300") + line("Import", "156", "8802", "4", "700") + line("Import", "156", "TOTAL", "0", "900") + line("Transit", "156", "880240", "6", "1")
	if err := os.WriteFile(filepath.Join(data, "comtrade.csv"), []byte(legacy), 0o644); err != nil {
		t.Fatal(err)
	}
	newer := "refYear,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue\n2016,2016,156,X,0,H4,880240,250\n"
	if err := os.WriteFile(filepath.Join(data, "comtrade 2024-05-01.csv"), []byte(newer), 0o644); err != nil {
		t.Fatal(err)
	}
	c := configure(t, data)
	run(t, c)
	got := published(t, c, `SELECT imports_usd, exports_usd, world_exports_usd FROM '%s/import_dependence_hs6.parquet' JOIN '%s/dominance_hs6.parquet' USING (year, hs6, exports_usd)
		WHERE hs6 = '880240'`)
	if diff := cmp.Diff([]string{"600 250 550"}, got); diff != "" {
		t.Errorf("imports, exports, world exports: %s", diff)
	}
	got = openWork(t, c, "SELECT line, column_name, value, reason FROM rejects")
	if diff := cmp.Diff([]string{"8 Trade Flow Transit unknown_flow"}, got); diff != "" {
		t.Errorf("rejects: %s", diff)
	}
	got = openWork(t, c, "SELECT reason, rows FROM left_out")
	if diff := cmp.Diff([]string{"part_of_flow 1"}, got); diff != "" {
		t.Errorf("left out: %s", diff)
	}
}

// The real file gives the figures that were worked out from it independently.
func TestLegacyComtradeReal(t *testing.T) {
	shared := os.Getenv("ENTREPOT_DATA")
	if shared == "" {
		shared = "../../shared/data"
	}
	real, err := os.ReadFile(filepath.Join(shared, "comtrade_legacy", "semiconductor_equipment_2016_2020.csv"))
	if err != nil {
		t.Skipf("the real files are not here (ENTREPOT_DATA names their folder): %v", err)
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
	shared := os.Getenv("ENTREPOT_DATA")
	if shared == "" {
		shared = "../../shared/data"
	}
	data := t.TempDir()
	for _, year := range []string{"2015", "2019", "2023"} {
		real, err := os.ReadFile(filepath.Join(shared, "comtrade_json", "china_2846", year+".json"))
		if err != nil {
			t.Skipf("the real files are not here (ENTREPOT_DATA names their folder): %v", err)
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
