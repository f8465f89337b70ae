package pipeline

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/fixtures"
	"entrepot/pipeline/usage"
	"entrepot/schemas"
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
	t.Parallel()
	rows := []fixtures.Row{
		usd(2019, 156, "M", 0, "880220", 200), usd(2019, 156, "X", 0, "880220", 100),
		usd(2019, 156, "M", 0, "880230", 190), usd(2019, 156, "X", 0, "880230", 100),
		usd(2019, 156, "M", 0, "880240", 300), usd(2019, 156, "X", 0, "880240", 50),
		usd(2019, 156, "M", 0, "880260", 10),
		usd(2020, 156, "M", 0, "880260", 10), // without exports, nothing is known
	}
	db := tablesOn(t, rows, planes(t), "dependence_ratio=2.1")
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
	t.Parallel()
	rows := []fixtures.Row{
		usd(2019, 156, "X", 0, "880220", 30), usd(2019, 842, "X", 0, "880220", 70),
		usd(2019, 156, "X", 0, "880230", 51), usd(2019, 842, "X", 0, "880230", 49),
		usd(2019, 156, "X", 0, "880240", 60), usd(2019, 842, "X", 0, "880240", 140),
		usd(2019, 156, "X", 0, "880260", 315), usd(2019, 842, "X", 0, "880260", 685),
		usd(2020, 842, "X", 0, "880260", 5), // China has not reported
	}
	db := tablesOn(t, rows, planes(t))
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
	t.Parallel()
	for _, mode := range []string{"H4", "H6", "families", "as-reported"} {
		db := tablesOfSample(t, "harmonize="+mode)
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

// China's trade in headings of H4 in 2019, with the United States, a member of the
// OECD, and Brazil, which is none. By the thresholds 2 and 50 %, 5 and 75 %, 25 %:
//
//	heading  M    X    M/X  OECD       M in 2015
//	8802     600  100  6    450, 75 %  500, +20 %  severe, at the threshold of the share
//	8542     200  100  2    100, 50 %  100         high, at both thresholds
//	8411      60   10  6     60, 100 %  80, -25 %  easing, at the threshold
//	8703     199  100  1.99 199, 100 % 199         none: the ratio
//	3004     300  100  3    149, 49.7 % 0          none: the share
//	2709     100    0  ∞    no partners 0          not known
//	8407       0    0  -    -            5         none: no longer imported
//	8517       0    7  0    -            0         none: only exported
func TestVulnerabilities(t *testing.T) {
	t.Parallel()
	var rows []fixtures.Row
	for _, r := range []struct {
		code                        string
		imports, exports, oecd, was int64
	}{
		{"880220", 200, 40, 50, 500}, {"880240", 400, 60, 400, 0}, {"854231", 200, 100, 100, 100}, {"841112", 60, 10, 60, 80},
		{"870390", 199, 100, 199, 199}, {"300490", 300, 100, 149, 0}, {"270900", 100, 0, -1, 0}, {"840734", 0, 0, -1, 5}, {"851712", 0, 7, -1, 0},
	} {
		add := func(year int, flow string, partner int, value int64) {
			if value > 0 {
				rows = append(rows, usd(year, 156, flow, partner, r.code, value))
			}
		}
		add(2019, "M", 0, r.imports)
		add(2019, "X", 0, r.exports)
		add(2015, "M", 0, r.was)
		if r.oecd >= 0 {
			add(2019, "M", 842, r.oecd)
			add(2019, "M", 76, r.imports-r.oecd)
		}
	}
	rows = append(rows,
		usd(2019, 156, "M", 0, "8802", 99999), usd(2019, 156, "M", 842, "8802", 99999), // the file's own row of the heading
		usd(2020, 156, "M", 0, "880240", 1)) // a year without exports is not the last
	list := table(t, "sector,hs_revision,hs6,reason", "planes,H4,880240,", "drones,H4,880220,", "planes,H4,880230,", "chips,H4,854231,")
	db := tablesOn(t, rows, "sectors="+list)
	got := ask(t, db, `SELECT hs4, sectors, codes_listed, listed_imports_usd, first_year, year, first_imports_usd, imports_usd, exports_usd,
		import_export_ratio, ratio_is_infinite, group_imports_usd, round(group_share, 4), imports_change, class FROM vulnerabilities ORDER BY hs4`)
	want := `2709 <nil> 0 0 2015 2019 0 100 0 <nil> true <nil> <nil> <nil> <nil>
3004 <nil> 0 0 2015 2019 0 300 100 3 false 149 0.4967 <nil> none
8407 <nil> 0 0 2015 2019 5 0 0 <nil> false <nil> <nil> -1 none
8411 <nil> 0 0 2015 2019 80 60 10 6 false 60 1 -0.25 easing
8517 <nil> 0 0 2015 2019 0 0 7 0 false <nil> <nil> <nil> none
8542 chips 1 200 2015 2019 100 200 100 2 false 100 0.5 1 high
8703 <nil> 0 0 2015 2019 199 199 100 1.99 false 199 1 0 none
8802 drones, planes 3 600 2015 2019 500 600 100 6 false 450 0.75 0.2 severe`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// Brazil supplies all crude oil; the thresholds are the user's to choose.
	rows = append(rows, usd(2019, 156, "M", 76, "270900", 100))
	db = tablesOn(t, rows, "sectors="+list, "vulnerability_severe_ratio=7", "vulnerability_high_share=0.49", "vulnerability_easing_fall=26%")
	got = ask(t, db, "SELECT hs4, class FROM vulnerabilities WHERE class <> 'none' OR hs4 = '2709' ORDER BY hs4")
	if want := "2709 none\n3004 high\n8411 high\n8542 high\n8802 high"; got != want {
		t.Errorf("other thresholds: got\n%s\nwant\n%s", got, want)
	}
}

// 854140 of H4 becomes four codes of H6, all in heading 8541: the heading keeps its
// sum to the tenth of a cent, and says that it crossed a split.
func TestVulnerabilityOfASplitHeading(t *testing.T) {
	t.Parallel()
	rows := []fixtures.Row{usd(2019, 156, "M", 0, "854140", 10), usd(2019, 156, "M", 842, "854140", 5), usd(2019, 156, "X", 0, "854140", 5)}
	for i := range rows {
		rows[i].Mills++ // 10.001, 5.001 and 5.001 do not divide by four
	}
	db := tablesOn(t, rows, "harmonize=H6")
	got := ask(t, db, "SELECT hs4, imports_usd, exports_usd, group_imports_usd, split_usd, class FROM vulnerabilities")
	if want := "8541 10.001 5.001 5.001 15.002 high"; got != want { // 10.001 / 5.001 is 2 but for rounding
		t.Errorf("got %s, want %s", got, want)
	}
}

// Three reporters' trade in sectors of ten codes each. What the definition asks for,
// by hand (China's M and X by code, in US dollars; the others' X):
//
//	sector  dependent     export share  dominated  firms  dependence  competitiveness
//	a       0 of 10       21 of 100     1 of 10    1      strong      strong
//	b       1 of 10, 10 % 21 of 100     1 of 10    0      mixed       mixed: no firm
//	c       3 of 10, 30 % 21 of 100     1 of 10    -      mixed       unknown
//	d       4 of 10       20 of 100     1 of 10    5      weak        mixed: 20 % does not exceed 20 %
//	e       10 of 10      5 of 100      0 of 10    -      weak        weak
//	f       10 of 10      5 of 100      1 of 10    -      weak        mixed: 10 % dominated is not below 10 %
//	g       10 of 10      10 of 100     0 of 10    3      weak        mixed: 10 % is not below 10 %
func TestRatings(t *testing.T) {
	t.Parallel()
	reference, err := schemas.Load(schemas.Files{})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, c := range reference.Codes {
		if c.Revision == "H4" {
			codes = append(codes, c.HS6)
		}
	}
	list := []string{"sector,hs_revision,hs6,reason"}
	var rows []fixtures.Row
	for i, s := range []struct {
		sector             string
		dependent          int
		china, world       int64 // exports of the first code: a share above 30 % dominates it
		chinaRest, allRest int64 // exports of each of the other nine codes
	}{
		{"a", 0, 12, 37, 1, 7}, // 21 of 100; 12/37 is above 30 %, 1/7 is not
		{"b", 1, 12, 37, 1, 7},
		{"c", 3, 12, 37, 1, 7},
		{"d", 4, 11, 28, 1, 8},  // 20 of 100; 11/28 is above 30 %
		{"e", 10, 5, 19, 0, 9},  // 5 of 100; 5/19 is below 30 %
		{"f", 10, 5, 10, 0, 10}, // 5 of 100; 5/10
		{"g", 10, 1, 10, 1, 10}, // 10 of 100
	} {
		for j := range 10 {
			code := codes[10*i+j]
			list = append(list, s.sector+",H4,"+code+",")
			china, world := s.chinaRest, s.allRest
			if j == 0 {
				china, world = s.china, s.world
			}
			rows = append(rows, usd(2019, 842, "X", 0, code, world-china))
			if china > 0 {
				rows = append(rows, usd(2019, 156, "X", 0, code, china))
			}
			imports := int64(1) // below twice the exports, unless there are none
			if j < s.dependent {
				imports = 100
			}
			rows = append(rows, usd(2019, 156, "M", 0, code, imports))
		}
	}
	query := "SELECT sector, dependence_rating, competitiveness_rating, top_ten_firms FROM ratings ORDER BY sector"
	levels := "SELECT string_agg(sector || ' ' || dependence_level, ', ' ORDER BY sector) FROM ratings"
	sectors := "sectors=" + table(t, list...)
	db := tablesOn(t, rows, sectors, "firms="+table(t, "sector,firms", "a,1", "b,0", "d,5", "g,3"))
	got := ask(t, db, query)
	want := "a strong strong 1\nb mixed mixed 0\nc mixed unknown <nil>\nd weak mixed 5\ne weak weak <nil>\nf weak mixed <nil>\ng weak mixed 3"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, want := ask(t, db, levels), "a low, b medium, c medium, d high, e high, f high, g high"; got != want {
		t.Errorf("dependence is %s, want %s", got, want)
	}
	// Without the table, only a to c can't be told.
	db = tablesOn(t, rows, sectors)
	got = ask(t, db, query)
	want = "a strong unknown <nil>\nb mixed unknown <nil>\nc mixed unknown <nil>\nd weak mixed <nil>\ne weak weak <nil>\nf weak mixed <nil>\ng weak mixed <nil>"
	if got != want {
		t.Errorf("without firms: got\n%s\nwant\n%s", got, want)
	}
	// Without China's data of the year there is no rating.
	db = tablesOn(t, []fixtures.Row{usd(2019, 842, "X", 0, codes[0], 5), usd(2018, 156, "X", 0, codes[0], 5)}, sectors, "years=2019")
	if got := ask(t, db, "SELECT count(*), count(dependence_rating), count(competitiveness_rating) FROM ratings"); got != "7 0 0" {
		t.Errorf("without data: %s ratings, want 7 rows and none", got)
	}
}

const valueAddedHeader = "MEASURE,VALUE_ADDED_SOURCE_AREA,VALUE_ADDED_SOURCE_ACTIVITY,FINAL_DEMAND_AREA,FINAL_DEMAND_ACTIVITY,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,UNIT_MULT"

// The group is the sum of its members where the table has them all, else the table's own
// row in the present membership, else it is not known. The table is the plain form.
func TestFinalDemandOrigin(t *testing.T) {
	t.Parallel()
	rows := []fixtures.Row{usd(2018, 156, "M", 0, "880240", 1), usd(2018, 156, "X", 0, "880240", 1)}
	value := func(area, demand, usd string, year int) string {
		return fmt.Sprintf("FD_VA,%s,_T,CHN,%s,USD,%d,%s,6", area, demand, year, usd)
	}
	file := "value_added=" + table(t, valueAddedHeader,
		value("W", "_T", "1000", 2018), value("USA", "_T", "100", 2018), value("CAN", "_T", "20.5", 2018), value("MEX", "_T", "0.0000004", 2018), value("NAFTA", "_T", "999", 2018),
		value("W", "C", "500", 2018), value("USA", "C", "50", 2018), value("MEX", "C", "5", 2018), value("USMCA", "C", "77", 2018),
		value("W", "C26", "500", 2018), value("USA", "C26", "50", 2018), value("MEX", "C26", "", 2018),
		value("W", "_T", "1000", 2020), value("USA", "_T", "100", 2020), value("CAN", "_T", "20", 2020), value("MEX", "_T", "1", 2020),
		"FD_VA,USA,_T,IND,_T,USD,2018,7,6")
	query := "SELECT demand_activity, year, group_members, members_found, group_basis, group_usd / 1e6, round(group_share, 4), demand_activity_name FROM final_demand_origin ORDER BY ALL"
	db := tablesOn(t, rows, file, "partner_group=USMCA")
	want := `C 2018 3 2 own row 77 0.154 <nil>
C26 2018 3 1 <nil> <nil> <nil> <nil>
_T 2018 3 3 members 120.5000004 0.1205 <nil>
_T 2020 3 3 members 121 0.121 <nil>`
	if got := ask(t, db, query); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// Before 2020 nobody was a member, and the table's own row has today's.
	db = tablesOn(t, rows, file, "partner_group=USMCA", "membership=historical")
	want = `C 2018 0 0 <nil> <nil> <nil> <nil>
C26 2018 0 0 <nil> <nil> <nil> <nil>
_T 2018 0 0 <nil> <nil> <nil> <nil>
_T 2020 3 3 members 121 0.121 <nil>`
	if got := ask(t, db, query); got != want {
		t.Errorf("historical: got\n%s\nwant\n%s", got, want)
	}
	db = tablesOn(t, rows)
	if got := ask(t, db, "SELECT count(*) FROM final_demand_origin"); got != "0" {
		t.Errorf("without a table: %s rows", got)
	}
}

// A wrong table of the user's is named with the line before anything is begun.
func TestTablesOfTheUser(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ setting, line, want string }{
		{"firms", "planes,1", `sector "planes": the sector list has advanced_electronics, aerospace`},
		{"firms", "rail,many", `firms "many": it must be a whole number`},
		{"firms", "rail,11", `firms "11": it must be from 0 to 10`},
		{"firms", "rail,2\nrail,3", ":3: sector rail stands twice"},
		{"markets", "planes,2019,1,x", `:2: sector "planes": the sector list has advanced_electronics, aerospace`},
		{"markets", "rail,19,1,x", `:2: year "19": it must be from 1962 to 2100`},
		{"markets", "rail,2019.5,1,x", `:2: year "2019.5": it must be a whole number`},
		{"markets", "rail,2019,1e9,x", `:2: market_usd "1e9": it must be an amount of US dollars above 0`},
		{"markets", "rail,2019,0.0,x", `:2: market_usd "0.0"`},
		{"markets", "rail,2019,-5,x", `:2: market_usd "-5"`},
		{"markets", "rail,2019,5,", `:2: source "": it must say where`},
		{"markets", "rail,2019,5,x\nrail,2019,6,x", ":3: sector rail and year 2019 stand twice"},
		{"affiliate_sales", "1900,5,x", `:2: year "1900": it must be from 1962 to 2100`},
		{"affiliate_sales", "2019,5 bn,x", `:2: sales_usd "5 bn": it must be an amount of US dollars`},
		{"affiliate_sales", "2019,5,", `:2: source "": it must say where the sales are from`},
		{"affiliate_sales", "2019,5,x\n2019,6,x", ":3: year 2019 stands twice"},
		{"deflator", "2019,0.000", `:2: index "0.000": it must be a number above 0`},
		{"deflator", "2019,1.1234567", `:2: index "1.1234567": it must be a number above 0`},
		{"deflator", "19,100", `:2: year "19": it must be from 1962 to 2100`},
		{"deflator", "2019,100\n2019,101", ":3: year 2019 stands twice"},
		{"markets", "rail,2019,5", ":2: 3 cells, expected 4 (sector,year,market_usd,source)"},
		{"sectors", "all_codes,H4,880240,x", `:2: sector "all_codes": outputs use this name`},
		{"products", "scopes,90189012,x", `:2: code "90189012": it must be the first two to six digits of codes`},
		{"products", "scopes,7777,x", `:2: code "7777": no HS revision has such codes`},
		{"products", "scopes,9018,x\nscopes,901890,x", ":3: code 901890: 901890 of H0 is in product scopes already"},
		{"products", "rail,8601,x", `product "rail": the sector list has a sector of this name`},
		{"products", "all,8601,x", `:2: product "all": outputs use this name for a sum`},
		{"value_added", "FD_VA,W,_T,CHN,C,USD,2019,many,6", `:2: OBS_VALUE "many": it must be a number`},
		{"value_added", "FD_VA,W,_T,CHN,C,PT_FD,2019,5,0", `:2: UNIT_MEASURE "PT_FD": it must be US dollars (USD)`},
		{"value_added", "FD_VA,W,_T,CHN,C,USD,2019-Q1,5,6", `:2: TIME_PERIOD "2019-Q1": it must be a year`},
		{"value_added", "FD_VA,W,_T,CHN,C,USD,2019,5,", `:2: UNIT_MULT "": it must be a power of ten`},
		{"value_added", "FD_VA,W,_T,CHN,C,USD,2019,5,6\nFD_VA,W,_T,CHN,C,USD,2019,6,6", ":3: _T of W in C of CHN in 2019 stands twice"},
		{"value_added", "FD_VA,W,_T,CHN,C,USD,2019,5,6\nFFD_DVA,W,_T,CHN,D,USD,2019,6,6", `:3: MEASURE "FFD_DVA": rows above are of "FD_VA"; download one measure`},
		{"value_added", "FD_VA,,_T,CHN,C,USD,2019,5,6", ":2: an area or an activity is empty"},
		{"value_added", "FD_VA,W,_T,CHN,C,USD,2019,1e12,6", `:2: OBS_VALUE "1e12" times ten to the power of 6 is more`},
	} {
		header := map[string]string{"products": "product,code,reason", "value_added": valueAddedHeader, "firms": "sector,firms", "markets": "sector,year,market_usd,source", "affiliate_sales": "year,sales_usd,source", "deflator": "year,index", "sectors": "sector,hs_revision,hs6,reason"}[test.setting]
		c := configured(t, []string{test.setting + "=" + table(t, header, test.line)})
		_, err := Run(t.Context(), c, slog.New(slog.DiscardHandler))
		var wrong *usage.Error
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %q: %v, want an error of usage with %q", test.setting, test.line, err, test.want)
		}
	}
	for _, settings := range [][]string{{"rating_strong_dependence=40%"}, {"rating_weak_export_share=0.5"}} {
		var wrong *usage.Error
		if _, err := Run(t.Context(), configured(t, settings), slog.New(slog.DiscardHandler)); !errors.As(err, &wrong) {
			t.Errorf("%v: %v, want an error of usage", settings, err)
		}
	}
}
