package pipeline

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"entrepot/fixtures"
	"entrepot/pipeline/usage"
)

// changed is a row with something else about it.
func changed(r fixtures.Row, change func(*fixtures.Row)) fixtures.Row {
	change(&r)
	return r
}

func month(r fixtures.Row, month int) fixtures.Row {
	return changed(r, func(r *fixtures.Row) { r.Month = month })
}

// China's imports in US dollars; planes are 880220 and 880230, chips 854231, and no
// sector lists 270900:
//
//	year  code    World  USA  Germany  China
//	2019  880220    100   40       60
//	      880230     50
//	      854231    200   10               30
//	      270900    650   50
//	2020  880220    100             80           without the United States
//	2021  -                                      China has not reported
//	2022  880220          7                      without World
func TestPartnerTrend(t *testing.T) {
	t.Parallel()
	const china, usa, germany = 156, 842, 276
	first := usd(2019, china, "M", 0, "880220", 100)
	rows := []fixtures.Row{
		first, usd(2019, china, "M", usa, "880220", 40), usd(2019, china, "M", germany, "880220", 60),
		usd(2019, china, "M", 0, "880230", 50),
		usd(2019, china, "M", 0, "854231", 200), usd(2019, china, "M", usa, "854231", 10), usd(2019, china, "M", china, "854231", 30),
		usd(2019, china, "M", 0, "270900", 650), usd(2019, china, "M", usa, "270900", 50),
		usd(2020, china, "M", 0, "880220", 100), usd(2020, china, "M", germany, "880220", 80),
		usd(2021, usa, "X", 0, "880220", 9999),
		usd(2022, china, "M", usa, "880220", 7), usd(2022, usa, "X", 0, "880220", 9999),
		// What no figure may count.
		first, // pasted twice
		usd(2019, china, "M", usa, "8802", 9999), usd(2019, china, "M", 0, "8802", 9999),
		usd(2019, china, "X", usa, "880220", 9999), usd(2019, germany, "M", usa, "880220", 9999), usd(2019, 97, "M", usa, "880220", 9999),
		month(usd(2019, china, "M", usa, "880220", 9999), 3), month(usd(2020, china, "M", usa, "880220", 9999), 3),
		changed(usd(2019, china, "RM", usa, "880220", 9999), func(r *fixtures.Row) { r.Flow = "RM" }),
		changed(usd(2019, china, "M", usa, "880220", 9999), func(r *fixtures.Row) { r.Partner2 = 344 }),
	}
	list := "sectors=" + table(t, "sector,hs_revision,hs6,reason", "planes,H4,880220,", "planes,H4,880230,", "chips,H4,854231,")
	query := `SELECT sector, year, reporter_reported, partner_reported, from_partner_usd, imports_usd, round(partner_share, 4)
		FROM partner_trend WHERE year <> 2019 OR from_partner_usd <> 0 OR sector = 'planes' ORDER BY year, sector`
	missing := `all_codes 2021 false false <nil> <nil> <nil>
all_sectors 2021 false false <nil> <nil> <nil>
chips 2021 false false <nil> <nil> <nil>
planes 2021 false false <nil> <nil> <nil>`
	for _, test := range []struct{ partner, want string }{
		{"842", `all_codes 2019 true true 100 1000 0.1
all_sectors 2019 true true 50 350 0.1429
chips 2019 true true 10 200 0.05
planes 2019 true true 40 150 0.2667
all_codes 2020 true false <nil> 100 <nil>
all_sectors 2020 true false <nil> 100 <nil>
chips 2020 true false <nil> 0 <nil>
planes 2020 true false <nil> 100 <nil>
` + missing + `
all_codes 2022 false true 7 <nil> <nil>
all_sectors 2022 false true 7 <nil> <nil>
chips 2022 false true 0 <nil> <nil>
planes 2022 false true 7 <nil> <nil>`},
		{"DEU", `all_codes 2019 true true 60 1000 0.06
all_sectors 2019 true true 60 350 0.1714
planes 2019 true true 60 150 0.4
all_codes 2020 true true 80 100 0.8
all_sectors 2020 true true 80 100 0.8
chips 2020 true true 0 0 <nil>
planes 2020 true true 80 100 0.8
` + missing + `
all_codes 2022 false false <nil> <nil> <nil>
all_sectors 2022 false false <nil> <nil> <nil>
chips 2022 false false <nil> <nil> <nil>
planes 2022 false false <nil> <nil> <nil>`},
	} {
		sales := "affiliate_sales=" + table(t, "year,sales_usd,source", "2019,500.5,BEA table II.E", "2020,0,BEA", "1999,7,BEA")
		db := tablesOn(t, rows, list, "partner="+test.partner, sales)
		if got := ask(t, db, query); got != test.want {
			t.Errorf("partner %s: got\n%s\nwant\n%s", test.partner, got, test.want)
		}
		got := ask(t, db, "SELECT sector, year, affiliate_sales_usd, affiliate_sales_source FROM partner_trend WHERE affiliate_sales_usd IS NOT NULL ORDER BY year")
		if want := "all_codes 2019 500.5 BEA table II.E\nall_codes 2020 0 BEA"; got != want {
			t.Errorf("sales of affiliates: got\n%s\nwant\n%s", got, want)
		}
	}
	// China is a partner of itself.
	db := tablesOn(t, rows, list, "partner=CHN")
	got := ask(t, db, "SELECT sector, from_partner_usd, partner_share FROM partner_trend WHERE year = 2019 ORDER BY sector")
	if want := "all_codes 30 0.03\nall_sectors 30 0.08571428571428572\nchips 30 0.15\nplanes 0 0"; got != want {
		t.Errorf("China from itself: got\n%s\nwant\n%s", got, want)
	}
}

// 854140 of H4 becomes four codes of H6, of which power lists 854142 and 854143 and
// advanced_electronics 854141 and 854149. 10.001 dollars become 2.5, 2.5, 2.5 and
// 2.501, and 20.002 become 5, 5.001, 5 and 5.001: the sums stay to the tenth of a cent.
func TestPartnerTrendOfASplitCode(t *testing.T) {
	t.Parallel()
	rows := []fixtures.Row{
		changed(usd(2019, 156, "M", 0, "854140", 20), func(r *fixtures.Row) { r.Mills += 2 }),
		changed(usd(2019, 156, "M", 842, "854140", 10), func(r *fixtures.Row) { r.Mills++ }),
	}
	for mode, want := range map[string]string{
		"H6":          "advanced_electronics 5.001 10.001 10.001\nall_codes 10.001 20.002 20.002\nall_sectors 10.001 20.002 20.002\npower 5 10.001 10.001",
		"H4":          "advanced_electronics 0 0 0\nall_codes 10.001 20.002 0\nall_sectors 10.001 20.002 0\npower 10.001 20.002 0",
		"as-reported": "advanced_electronics 0 0 0\nall_codes 10.001 20.002 0\nall_sectors 10.001 20.002 0\npower 10.001 20.002 0",
		"families":    "advanced_electronics 0 0 0\nall_codes 10.001 20.002 0\nall_sectors 10.001 20.002 0\npower 10.001 20.002 0",
	} {
		db := tablesOn(t, rows, "harmonize="+mode)
		got := ask(t, db, `SELECT sector, from_partner_usd, imports_usd, split_usd FROM partner_trend
			WHERE sector IN ('all_codes', 'all_sectors', 'power', 'advanced_electronics') ORDER BY sector`)
		if got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", mode, got, want)
		}
	}
}

// China's months in US dollars. 2023 has annual rows, too, and 2025 has none yet;
// drones are reported as 880220 in H4 and as 880629 in H6, which becomes 880220:
//
//	month    code        M    X
//	2023-01  880220     10   30
//	         880240     20
//	         854231    100
//	2023-02  880220          40   no imports of any code
//	2023-04  854231     50    0
//	2025-01  880629 H6   5    1
func TestHighTechMonthly(t *testing.T) {
	t.Parallel()
	const china, usa = 156, 842
	rows := []fixtures.Row{
		month(usd(2023, china, "M", 0, "880220", 10), 1), month(usd(2023, china, "X", 0, "880220", 30), 1),
		month(usd(2023, china, "M", 0, "880240", 20), 1), month(usd(2023, china, "M", 0, "854231", 100), 1),
		month(usd(2023, china, "X", 0, "880220", 40), 2),
		month(usd(2023, china, "M", 0, "854231", 50), 4), month(usd(2023, china, "X", 0, "854231", 0), 4),
		changed(month(usd(2025, china, "M", 0, "880629", 5), 1), func(r *fixtures.Row) { r.Revision = "H6" }),
		changed(month(usd(2025, china, "X", 0, "880629", 1), 1), func(r *fixtures.Row) { r.Revision = "H6" }),
		// What no month may count.
		usd(2023, china, "M", 0, "880220", 9999), usd(2023, china, "X", 0, "880220", 9999),
		month(usd(2023, china, "M", usa, "880220", 9999), 1), month(usd(2023, china, "M", 0, "8802", 9999), 1),
		month(usd(2023, china, "M", 0, "TOTAL", 9999), 1), month(usd(2023, china, "M", 0, "8802", 9999), 3),
		month(usd(2023, usa, "M", 0, "880220", 9999), 1), month(usd(2023, 97, "M", 0, "880220", 9999), 1),
		month(usd(2023, china, "RX", 0, "880220", 9999), 1), month(usd(2023, usa, "X", 0, "880220", 9999), 7),
		month(usd(2023, china, "M", 0, "880220", 10), 1), // pasted twice
	}
	list := "sectors=" + table(t, "sector,hs_revision,hs6,reason", "planes,H4,880220,", "planes,H4,880240,", "chips,H4,854231,", "planes,H6,880220,", "planes,H6,880610,", "planes,H6,880629,", "chips,H6,854231,")
	query := "SELECT sector, year, month, months_reported, imports_usd, exports_usd, balance_usd FROM high_tech_monthly ORDER BY year, month, sector"
	want := `all_sectors 2023 1 3 130 30 -100
chips 2023 1 3 100 0 -100
planes 2023 1 3 30 30 0
all_sectors 2023 2 3 <nil> 40 <nil>
chips 2023 2 3 <nil> 0 <nil>
planes 2023 2 3 <nil> 40 <nil>
all_sectors 2023 4 3 50 0 -50
chips 2023 4 3 50 0 -50
planes 2023 4 3 0 0 0
all_sectors 2025 1 1 5 1 -4
chips 2025 1 1 0 0 0
planes 2025 1 1 5 1 -4`
	for _, mode := range []string{"H4", "families", "as-reported"} {
		db := tablesOn(t, rows, list, "harmonize="+mode)
		if got := ask(t, db, query); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", mode, got, want)
		}
		// The annual figures of 2023 are those of the annual rows.
		if got := ask(t, db, "SELECT imports_usd, exports_usd FROM import_dependence WHERE sector = 'planes' AND year = 2023"); got != "9999 9999" {
			t.Errorf("%s: a year of %s, want 9999 and 9999", mode, got)
		}
	}
	db := tablesOn(t, rows, list, "high_tech_sectors=planes", "years=2023")
	want = `all_sectors 2023 1 3 30 30 0
planes 2023 1 3 30 30 0
all_sectors 2023 2 3 <nil> 40 <nil>
planes 2023 2 3 <nil> 40 <nil>
all_sectors 2023 4 3 0 0 0
planes 2023 4 3 0 0 0`
	if got := ask(t, db, query); got != want {
		t.Errorf("planes of 2023: got\n%s\nwant\n%s", got, want)
	}
	// As reported, a month in a revision that the list does not have is no row.
	db = tablesOn(t, rows, planes(t), "harmonize=as-reported")
	if got := ask(t, db, "SELECT DISTINCT year FROM high_tech_monthly"); got != "2023" {
		t.Errorf("years of a list of H4 as reported: %s, want 2023 alone", got)
	}
}

// Markets in US dollars, of which China's imports of planes are 150 in 2019, and of
// chips 400: twice the market, for re-export. 2020 has not been reported, and 2018 is
// before all data.
func TestMarketShare(t *testing.T) {
	t.Parallel()
	rows := []fixtures.Row{
		usd(2019, 156, "M", 0, "880220", 100), usd(2019, 156, "M", 0, "880230", 50), usd(2019, 156, "M", 0, "854231", 400),
		usd(2020, 842, "X", 0, "880220", 9999),
		usd(2019, 156, "M", 842, "880220", 99), usd(2019, 156, "M", 0, "8802", 9999), month(usd(2019, 156, "M", 0, "880220", 9999), 1),
	}
	list := "sectors=" + table(t, "sector,hs_revision,hs6,reason", "planes,H4,880220,", "planes,H4,880230,", "chips,H4,854231,", "rails,H4,860110,")
	markets := "markets=" + table(t, "sector,year,market_usd,source",
		"planes,2018,500,report A", "planes,2019,600.5,report A", "planes,2020,700,report A", `chips,2019,200,"report B, page 3"`, "rails,2019,10,report C")
	query := "SELECT sector, year, hs_revision, reporter_reported, imports_usd, market_usd, round(import_share, 6), source FROM market_share ORDER BY sector, year"
	db := tablesOn(t, rows, list, markets)
	want := `chips 2019 H4 true 400 200 2 report B, page 3
planes 2018 <nil> false <nil> 500 <nil> report A
planes 2019 H4 true 150 600.5 0.249792 report A
planes 2020 H4 false <nil> 700 <nil> report A
rails 2019 H4 true 0 10 0 report C`
	if got := ask(t, db, query); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	db = tablesOn(t, rows, list, markets, "years=2019")
	if got := ask(t, db, "SELECT count(*), min(year), max(year) FROM market_share"); got != "3 2019 2019" {
		t.Errorf("rows, first and last year of 2019 alone: %s", got)
	}
	db = tablesOn(t, rows, list)
	if got := ask(t, db, "SELECT count(*) FROM market_share"); got != "0" {
		t.Errorf("without a table of markets: %s rows", got)
	}
}

// A group of products has what its codes have, in whichever sector these are: of medical
// devices, 901890 is in the sector scopes, and 902110 and 902119, which Germany reports in
// H0, are in none. 870120, a road tractor, is in no built-in group.
func TestProductGroups(t *testing.T) {
	t.Parallel()
	h0 := changed(usd(2019, 276, "X", 0, "902119", 7), func(r *fixtures.Row) { r.Revision = "H0" })
	rows := []fixtures.Row{
		usd(2019, 156, "M", 0, "901890", 100), usd(2019, 156, "M", 0, "902110", 50), usd(2019, 156, "M", 0, "940210", 400), usd(2019, 156, "M", 0, "870190", 8),
		usd(2019, 156, "X", 0, "901890", 30), usd(2019, 156, "X", 0, "902110", 2), usd(2019, 156, "X", 0, "870120", 1000), h0,
	}
	list := "sectors=" + table(t, "sector,hs_revision,hs6,reason", "scopes,H4,901890,", "chairs,H4,940210,")
	products := "products=" + table(t, "product,code,reason", "seats,9402,", "seats,9401,")
	markets := "markets=" + table(t, "sector,year,market_usd,source", "medical_devices,2019,1000,a", "agricultural_machinery,2019,80,b", "seats,2019,800,c", "scopes,2019,200,d")
	imports := "SELECT sector, is_product_group, partial, imports_usd, import_share FROM market_share ORDER BY sector"
	exports := "SELECT sector, exporter, is_product_group, exports_usd FROM group_exports WHERE exports_usd > 0 ORDER BY ALL"
	for _, mode := range []string{"H4", "families", "as-reported"} {
		db := tablesOn(t, rows, list, products, markets, "exporters=CHN,DEU", "harmonize="+mode)
		if got, want := ask(t, db, imports), "agricultural_machinery true false 8 0.1\nmedical_devices true false 150 0.15\nscopes false false 100 0.5\nseats true false 400 0.5"; got != want {
			t.Errorf("%s: imports:\n%s\nwant\n%s", mode, got, want)
		}
		if got, want := ask(t, db, exports), "medical_devices CHN true 32\nmedical_devices DEU true 7\nscopes CHN false 30"; got != want {
			t.Errorf("%s: exports:\n%s\nwant\n%s", mode, got, want)
		}
	}
}

// Exports of planes and chips in US dollars. In the EU, Germany and France list
// partners, and Poland does not:
//
//	year  code    exporter  World  partners
//	2019  880220  Germany     100  France 30, USA 70
//	              France       50  Germany 10, itself 5, United Kingdom 35
//	              China        40  itself 3, USA 37
//	      854231  Germany      20  none listed
//	              Poland       60  none listed
//	2015  880220  Germany      10  United Kingdom 10
func TestGroupExports(t *testing.T) {
	t.Parallel()
	const china, usa, germany, france, poland, britain = 156, 842, 276, 251, 616, 826
	rows := []fixtures.Row{
		usd(2019, germany, "X", 0, "880220", 100), usd(2019, germany, "X", france, "880220", 30), usd(2019, germany, "X", usa, "880220", 70),
		usd(2019, france, "X", 0, "880220", 50), usd(2019, france, "X", germany, "880220", 10), usd(2019, france, "X", france, "880220", 5),
		usd(2019, france, "X", britain, "880220", 35),
		usd(2019, china, "X", 0, "880220", 40), usd(2019, china, "X", china, "880220", 3), usd(2019, china, "X", usa, "880220", 37),
		usd(2019, germany, "X", 0, "854231", 20), usd(2019, poland, "X", 0, "854231", 60),
		usd(2015, germany, "X", 0, "880220", 10), usd(2015, germany, "X", britain, "880220", 10),
		// What no exporter may count.
		usd(2019, 97, "X", 0, "880220", 9999), usd(2019, 97, "X", usa, "880220", 9999), usd(2019, germany, "RX", 0, "880220", 9999),
		usd(2019, germany, "X", 97, "880220", 9999), // the EU as a partner adds up its members
		usd(2019, germany, "M", france, "880220", 9999), usd(2019, germany, "X", france, "8802", 9999), usd(2019, germany, "X", 0, "8802", 9999),
		month(usd(2019, germany, "X", france, "880220", 9999), 1), usd(2019, germany, "X", france, "270900", 9999),
	}
	list := "sectors=" + table(t, "sector,hs_revision,hs6,reason", "planes,H4,880220,", "chips,H4,854231,")
	query := `SELECT sector, year, exporter, is_group, members, members_reported, members_with_partners, gross_exports_usd, internal_usd, exports_usd, round(partner_coverage, 4)
		FROM group_exports WHERE NOT is_product_group ORDER BY year, sector, exporter`
	db := tablesOn(t, rows, list, "exporters=CHN, EU, 410")
	want := `chips 2015 CHN false 1 0 <nil> <nil> <nil> <nil> <nil>
chips 2015 EU true 27 1 1 0 0 0 <nil>
chips 2015 KOR false 1 0 <nil> <nil> <nil> <nil> <nil>
planes 2015 CHN false 1 0 <nil> <nil> <nil> <nil> <nil>
planes 2015 EU true 27 1 1 10 0 10 1
planes 2015 KOR false 1 0 <nil> <nil> <nil> <nil> <nil>
chips 2019 CHN false 1 1 <nil> 0 0 0 <nil>
chips 2019 EU true 27 3 1 80 <nil> <nil> <nil>
chips 2019 KOR false 1 0 <nil> <nil> <nil> <nil> <nil>
planes 2019 CHN false 1 1 <nil> 40 0 40 <nil>
planes 2019 EU true 27 3 3 150 45 105 1
planes 2019 KOR false 1 0 <nil> <nil> <nil> <nil> <nil>`
	if got := ask(t, db, query); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// In 2015 the United Kingdom was a member, and Germany's exports to it are internal.
	db = tablesOn(t, rows, list, "exporters=EU", "membership=then", "years=2015")
	if got := ask(t, db, query); got != "chips 2015 EU true 28 1 1 0 0 0 <nil>\nplanes 2015 EU true 28 1 1 10 10 0 1" {
		t.Errorf("with the members of then:\n%s", got)
	}
	// A group of the user's, and exporters that overlap: each stands for itself.
	groups := "groups=" + table(t, "group,area,joined,left", "TWO,276,1950-01-01,", "TWO,156,1950-01-01,", "OECD,842,1950-01-01,")
	db = tablesOn(t, rows, list, groups, "exporters=TWO, DEU", "years=2019")
	want = `chips 2019 DEU false 1 1 <nil> 20 0 20 <nil>
chips 2019 TWO true 2 2 1 20 <nil> <nil> <nil>
planes 2019 DEU false 1 1 <nil> 100 0 100 <nil>
planes 2019 TWO true 2 2 2 140 3 137 1`
	if got := ask(t, db, query); got != want {
		t.Errorf("a group of the user's: got\n%s\nwant\n%s", got, want)
	}
	// Beside it the EU of the default is there.
	db = tablesOn(t, rows, list, groups)
	if got := ask(t, db, "SELECT string_agg(DISTINCT exporter, ' ' ORDER BY exporter) FROM group_exports"); got != "CHN EU JPN KOR USA" {
		t.Errorf("exporters by default beside groups of the user's: %s", got)
	}
}

// Germany reports drones as 880629 in H6, France as 880220 in H4. As reported, each
// counts by the sector list in its own revision; in an H6 list alone, France's exports
// can't be found, which is not zero.
func TestGroupExportsInTwoRevisions(t *testing.T) {
	t.Parallel()
	h6 := func(r fixtures.Row) fixtures.Row {
		return changed(r, func(r *fixtures.Row) { r.Revision = "H6" })
	}
	rows := []fixtures.Row{
		h6(usd(2022, 276, "X", 0, "880629", 8)), h6(usd(2022, 276, "X", 251, "880629", 3)),
		usd(2022, 251, "X", 0, "880220", 5), usd(2022, 251, "X", 276, "880220", 1),
	}
	both := "sectors=" + table(t, "sector,hs_revision,hs6,reason", "drones,H6,880220,", "drones,H6,880610,", "drones,H6,880629,", "drones,H4,880220,")
	query := "SELECT members_reported, members_with_partners, gross_exports_usd, internal_usd, exports_usd FROM group_exports WHERE NOT is_product_group"
	for _, mode := range []string{"H4", "families", "as-reported"} {
		db := tablesOn(t, rows, both, "reporter=DEU", "exporters=EU", "harmonize="+mode)
		if got := ask(t, db, query); got != "2 2 13 4 9" {
			t.Errorf("%s: %s, want 13 less 4", mode, got)
		}
	}
	db := tablesOn(t, rows, "sectors="+table(t, "sector,hs_revision,hs6,reason", "drones,H6,880629,"), "reporter=DEU", "exporters=EU,FRA", "harmonize=as-reported")
	if got := ask(t, db, query+" ORDER BY exporter"); got != "1 1 8 3 5\n0 <nil> <nil> <nil> <nil>" {
		t.Errorf("with a list of H6: %s", got)
	}
}

// A wrong setting of a measure is named with what is allowed, before anything is begun.
func TestSettingsOfMeasures(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ setting, want string }{
		{"partner=0", `partner "0" is not allowed: World adds up others`},
		{"partner=97", "European Union adds up others; name one country"},
		{"partner=XYZ", `there is no area "XYZ"`},
		{"high_tech_sectors=planes", `high_tech_sectors "planes" is not allowed: the sector list has advanced_electronics, aerospace`},
		{"exporters=EU, BRIX", `exporters "BRIX" is not allowed: there is no area "BRIX", and the groups are ASEAN, BRICS, CPTPP, EU, G20, G7, NATO, OECD, RCEP, USMCA`},
		{"exporters=97", `exporters "97" is not allowed: European Union is no country; the groups are ASEAN, BRICS, CPTPP, EU, G20,`},
		{"partner_group=NAT0", `partner_group "NAT0" is not allowed: there is no group or area "NAT0"; did you mean NATO?; the groups are ASEAN, BRICS,`},
		{"partner_group=USA, Germny", `there is no area "Germny"; did you mean Germany (DEU, 276)?; the groups are ASEAN, BRICS,`},
		{"partner_group=USA, World", `partner_group "USA, World" is not allowed: World adds up others; name its members`},
		{"exporters=CHN, 156", `exporters "156" is not allowed: it is CHN once more`},
		{"exporters=all", "name countries and groups"},
	} {
		_, err := Run(t.Context(), configured(t, []string{test.setting}), slog.New(slog.DiscardHandler))
		var wrong *usage.Error
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want an error of usage with %q", test.setting, err, test.want)
		}
	}
}
