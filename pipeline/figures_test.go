package pipeline

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/fixtures"
)

// table writes a table of the user's and returns its path.
func table(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "table.csv")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// planes is a sector list of four codes in H4.
func planes(t *testing.T) string {
	return "sectors=" + table(t, "sector,hs_revision,hs6,reason",
		"planes,H4,880220,", "planes,H4,880230,", "planes,H4,880240,", "planes,H4,880260,")
}

// China's trade in four codes, in US dollars; the last is only imported:
//
//	code    M    X    M/X
//	880220  200  100  2      at the threshold: dependent, and near 2
//	880230  190  100  1.9    within 5 % of 2 (0.95 × 2), dependent at 1 and 1.5
//	880240  300   50  6      dependent at every ratio
//	880260   10    0  ∞      dependent at every ratio, near none
//
// Imports are 700. At 2, 880220, 880240 and 880260 are dependent: 3 of 4, with 510
// of the imports.
func TestImportDependenceSensitivity(t *testing.T) {
	rows := []fixtures.Row{
		usd(2019, 156, "M", 0, "880220", 200), usd(2019, 156, "X", 0, "880220", 100),
		usd(2019, 156, "M", 0, "880230", 190), usd(2019, 156, "X", 0, "880230", 100),
		usd(2019, 156, "M", 0, "880240", 300), usd(2019, 156, "X", 0, "880240", 50),
		usd(2019, 156, "M", 0, "880260", 10),
		usd(2020, 156, "M", 0, "880260", 10), // without exports, nothing is known
	}
	_, db := runOn(t, rows, planes(t), "dependence_ratio=2.1")
	got := ask(t, db, `SELECT year, ratio, in_use, codes_traded, codes_dependent, imports_usd, dependent_imports_usd, codes_near
		FROM import_dependence_sensitivity ORDER BY year, ratio`)
	want := `2019 1 false 4 4 700 700 0
2019 1.5 false 4 4 700 700 0
2019 2 false 4 3 700 510 2
2019 2.1 true 4 2 700 310 1
2019 3 false 4 2 700 310 0
2019 5 false 4 2 700 310 0
2020 1 false <nil> <nil> <nil> <nil> <nil>
2020 1.5 false <nil> <nil> <nil> <nil> <nil>
2020 2 false <nil> <nil> <nil> <nil> <nil>
2020 2.1 true <nil> <nil> <nil> <nil> <nil>
2020 3 false <nil> <nil> <nil> <nil> <nil>
2020 5 false <nil> <nil> <nil> <nil> <nil>`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	got = ask(t, db, "SELECT dependent_share, dependent_imports_share = 510 / 700 FROM import_dependence_sensitivity WHERE year = 2019 AND ratio = 2")
	if got != "0.75 true" {
		t.Errorf("shares at 2: %s, want 3 / 4 and 510 / 700", got)
	}
}

// China's and the United States' exports of four codes, in US dollars:
//
//	code    X    W     X/W
//	880220   30  100  30 %    at the threshold: not dominated, near 30 %
//	880230   51  100  51 %    dominated at every share, near 50 % (47.5 to 52.5 %)
//	880240   60  200  30 %    as 880220
//	880260  315 1000  31.5 %  dominated at 20 and 30 %, at the edge of being near 30 %
//
// World exports are 1400.
func TestDominanceSensitivity(t *testing.T) {
	rows := []fixtures.Row{
		usd(2019, 156, "X", 0, "880220", 30), usd(2019, 842, "X", 0, "880220", 70),
		usd(2019, 156, "X", 0, "880230", 51), usd(2019, 842, "X", 0, "880230", 49),
		usd(2019, 156, "X", 0, "880240", 60), usd(2019, 842, "X", 0, "880240", 140),
		usd(2019, 156, "X", 0, "880260", 315), usd(2019, 842, "X", 0, "880260", 685),
		usd(2020, 842, "X", 0, "880260", 5), // China has not reported
	}
	_, db := runOn(t, rows, planes(t))
	got := ask(t, db, `SELECT year, share, in_use, codes_exported, codes_dominated, world_exports_usd, dominated_world_exports_usd, codes_near
		FROM dominance_sensitivity ORDER BY year, share`)
	want := `2019 0.2 false 4 4 1400 1400 0
2019 0.3 true 4 2 1400 1100 3
2019 0.4 false 4 1 1400 100 0
2019 0.5 false 4 1 1400 100 1
2020 0.2 false 1 <nil> 5 <nil> <nil>
2020 0.3 true 1 <nil> 5 <nil> <nil>
2020 0.4 false 1 <nil> 5 <nil> <nil>
2020 0.5 false 1 <nil> 5 <nil> <nil>`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	got = ask(t, db, "SELECT dominated_share, dominated_world_exports_share = 1100 / 1400 FROM dominance_sensitivity WHERE year = 2019 AND in_use")
	if got != "0.5 true" {
		t.Errorf("shares at 30%%: %s, want 2 / 4 and 1100 / 1400", got)
	}
}

// At the threshold in use, the sensitivity tables say what the figures say.
func TestSensitivityAgreesWithFigures(t *testing.T) {
	for _, mode := range []string{"H4", "H6", "families", "as-reported"} {
		db := runSample(t, "harmonize="+mode)
		for _, query := range []string{
			`SELECT count(*), count(*) FILTER (s.codes_dependent IS DISTINCT FROM d.codes_dependent OR s.codes_traded IS DISTINCT FROM d.codes_traded
				OR s.dependent_share IS DISTINCT FROM d.dependent_share OR s.imports_usd IS DISTINCT FROM d.imports_usd)
				FROM import_dependence d LEFT JOIN import_dependence_sensitivity s ON s.sector = d.sector AND s.year = d.year AND s.in_use`,
			`SELECT count(*), count(*) FILTER (s.codes_dominated IS DISTINCT FROM d.codes_dominated OR s.codes_exported IS DISTINCT FROM d.codes_exported
				OR s.dominated_share IS DISTINCT FROM d.dominated_share)
				FROM dominance d LEFT JOIN dominance_sensitivity s ON s.sector = d.sector AND s.year = d.year AND s.in_use`,
		} {
			if got := ask(t, db, query); got != "27 0" {
				t.Errorf("%s: cells, and cells that differ: %s, want 27 and none", mode, got)
			}
		}
	}
}
