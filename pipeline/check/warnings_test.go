package check

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"entrepot/schemas"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"
)

// tables are the columns that the warnings read, of the tables that transforms make.
const tables = `
	CREATE TABLE reporters (reporter SMALLINT); INSERT INTO reporters VALUES (156);
	CREATE TABLE years (year SMALLINT);
	CREATE TABLE world_trade (reporter SMALLINT, flow VARCHAR, year SMALLINT, hs6 VARCHAR, value_usd DECIMAL(18,3));
	CREATE TABLE measured_facts (reporter SMALLINT, partner SMALLINT, flow VARCHAR, year SMALLINT, hs_revision revision, hs6 VARCHAR);
	CREATE TABLE unconverted (reporter SMALLINT, flow VARCHAR, year SMALLINT, hs_revision revision, hs6 VARCHAR, value_usd DECIMAL(38,3));
	CREATE TABLE coverage (year SMALLINT, reporters SMALLINT, reporters_most SMALLINT, value_coverage DOUBLE, low_coverage BOOLEAN,
		largest_missing SMALLINT, largest_missing_names VARCHAR, reporters_mirrored SMALLINT, mirrored_share DOUBLE);
	CREATE TABLE unreached_codes (hs_revision revision, hs6 VARCHAR);
	CREATE TABLE code_sectors (hs_revision revision, hs6 VARCHAR);
	CREATE TABLE all_families (members_listed INTEGER);
	CREATE TABLE families (straddles BOOLEAN);
	CREATE TABLE checks (check_name VARCHAR, passed BOOLEAN, findings INTEGER, examined INTEGER);
	CREATE TABLE ambiguous_cells (file_id INTEGER, line BIGINT, lines VARCHAR);
	CREATE TABLE older_cells (file_id INTEGER, by_file_id INTEGER, value_usd DECIMAL(18,3));
	CREATE TABLE year_revisions (reporter SMALLINT DEFAULT 156, year SMALLINT, hs_revision revision, imports_reported BOOLEAN DEFAULT true, exports_reported BOOLEAN DEFAULT true);
	CREATE TABLE product_coverage (reporter SMALLINT, flow VARCHAR, year SMALLINT, sector VARCHAR, codes_covered INTEGER, codes_unknown INTEGER, partial BOOLEAN);
	CREATE TABLE product_coverage_hs6 (reporter SMALLINT DEFAULT 156, flow VARCHAR, year SMALLINT, hs6 VARCHAR, status VARCHAR);
	CREATE TABLE counted_headings (reporter SMALLINT DEFAULT 156, year SMALLINT, level TINYINT, code VARCHAR, sector VARCHAR);`

// emptyTables is a database with the tables that warnings are about. To make it takes longer
// than to ask for warnings a hundred times.
func emptyTables(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1) // a transaction is of a connection
	for _, query := range []string{schemas.Base{}.Workspace(), tables} {
		execute(t, db, query)
	}
	return db
}

func execute(t *testing.T, db *sql.DB, query string) {
	t.Helper()
	if _, err := db.ExecContext(context.Background(), query); err != nil {
		t.Fatalf("%v in %s", err, query)
	}
}

// warningsAbout gives the warnings about rows that are put into the tables, and takes them out again.
func warningsAbout(t *testing.T, db *sql.DB, rows string, values map[string]any) []string {
	t.Helper()
	execute(t, db, "BEGIN")
	defer execute(t, db, "ROLLBACK")
	execute(t, db, rows)
	all := map[string]any{"years": "", "harmonize": "H4", "eu_internal": "in", "months": "apart"}
	for name, value := range values {
		all[name] = value
	}
	warnings, err := warningTexts(t.Context(), db, all, schemas.Reporters{Named: []schemas.Area{{Code: 156, Name: "China"}}})
	if err != nil {
		t.Fatal(err)
	}
	return warnings
}

// Each warning says one thing in the singular, more in the plural, and many in few words.
func TestWarnings(t *testing.T) {
	db := emptyTables(t)
	const whole = "INSERT INTO coverage SELECT 2001, 60, 60, 1, false, 0, '', 0, 0;"
	members := "INSERT INTO areas (code, name) VALUES (251, 'France'), (276, 'Germany'); INSERT INTO country_groups (name, area) VALUES ('EU', 251), ('EU', 276);"
	versions := `INSERT INTO files BY NAME SELECT unnest([1, 2, 3]) AS file_id, unnest(['a.csv', 'b.csv', 'c.csv']) AS name, '' AS sha256, 0 AS bytes, '' AS stamp,
			'' AS fingerprint, '' AS format, '' AS source, '' AS vintage, '' AS refusal, 0 AS rows_read, 0 AS rows_staged, '' AS unit, '' AS note, false AS both_sides,
			false AS all_partners, false AS maybe_cut, '' AS declared, '' AS repeated, 0 AS seconds;
		INSERT INTO checks VALUES ('versions', false, 1, 2);`
	const bothFlows = "INSERT INTO years VALUES (2001); INSERT INTO world_trade (reporter, flow, year) VALUES (156, 'M', 2001), (156, 'X', 2001);"
	for _, test := range []struct {
		name, rows string
		values     map[string]any
		want       []string
	}{
		{"nothing", whole, nil, nil},
		{"one year without a flow", "INSERT INTO years VALUES (2001), (2002); INSERT INTO world_trade (reporter, flow, year) VALUES (156, 'M', 2001), (156, 'X', 2001), (156, 'M', 2002);", nil,
			[]string{"China has not both imports and exports in 2002: this year has no import dependence"}},
		{"two", "INSERT INTO years VALUES (2002), (2001)", nil,
			[]string{"China has not both imports and exports in 2001, 2002: these years have no import dependence"}},
		{"sixty", "INSERT INTO years SELECT unnest(range(1961, 2021))", nil,
			[]string{"China has not both imports and exports in 1961–2020: these years have no import dependence"}},
		{"years apart", "INSERT INTO years SELECT unnest([1990, 1992, 1993, 1996, 1997, 1998])", nil,
			[]string{"China has not both imports and exports in 1990, 1992–1993, 1996–1998: these years have no import dependence"}},
		{"without World", `INSERT INTO measured_facts VALUES
				(156, 0, 'M', 2001, 'H4', '854231'), (156, 410, 'M', 2001, 'H4', '854231'), (156, 410, 'M', 2002, 'H4', '854231'),
				(410, 156, 'X', 2003, 'H4', '854231')`, nil,
			[]string{"China has codes with partners but without a row for World in 2002: they are in no figure; download partner World too"}},
		{"monthly rows", "INSERT INTO code_sums (reporter, year, month, level, rows, world_rows) VALUES (156, 2002, 1, 6, 1, 1), (156, 2001, 2, 6, 1, 1), (410, 2003, 1, 6, 1, 1)", nil,
			[]string{"China has no annual rows (frequency A) in 2001, 2002: of these years only high_tech_monthly has figures; " +
				"download annual rows, or set months: sum where all twelve months are there"}},
		{"one cell that is ambiguous", versions + "INSERT INTO ambiguous_cells VALUES (1, 3, '3, 4')", nil,
			[]string{"1 cell has no value, because rows of one file differ and no column tells them apart (a.csv lines 3, 4): " +
				"if the file lost a column, download it again; else say what the rows are with repeated: sum, largest, first or last under files:"}},
		{"two", versions + "INSERT INTO ambiguous_cells VALUES (1, 3, '3, 4'), (2, 5, '5, 6'), (2, 4, '4, 7, 8 …'), (2, NULL, '')", nil,
			[]string{"4 cells have no value, because rows of one file differ and no column tells them apart (b.csv lines 4, 7, 8 … and 2 cells more, a.csv lines 3, 4): " +
				"if the file lost a column, download it again; else say what the rows are with repeated: sum, largest, first or last under files:"}},
		{"months of a year that has annual rows, too", "INSERT INTO code_sums (reporter, flow, year, month, level, rows, world_rows) VALUES (156, 'M', 2002, 1, 6, 1, 1), (156, 'M', 2002, 0, 6, 1, 1), (156, 'X', 2001, 2, 6, 1, 1), (156, 'M', 2001, 0, 6, 1, 1), (410, 'M', 2003, 0, 6, 1, 1), (410, 'M', 2003, 1, 6, 1, 1)", nil,
			[]string{"China has monthly rows in 2001, 2002: high_tech_monthly has them, and the annual figures do not use them"}},
		{"months that are summed", "INSERT INTO month_sums (reporter, partner, flow, year, month, hs6, value_usd) VALUES (156, 0, 'X', 2002, 0, '854231', 1), (156, 0, 'M', 2002, 0, '854231', 1);" +
			"INSERT INTO code_sums (reporter, flow, year, month, level, rows, world_rows) VALUES (156, 'M', 2002, 1, 6, 1, 1)", map[string]any{"months": "sum"},
			[]string{"imports and exports of China in 2002: the year is a sum of twelve months (months: sum)"}},
		{"months that are not whole", "INSERT INTO code_sums (reporter, flow, year, month, level, rows, world_rows) VALUES (156, 'M', 2002, 1, 6, 1, 1)", map[string]any{"months": "sum"},
			[]string{"China has no annual rows (frequency A) in 2002: of this year only high_tech_monthly has figures; download annual rows, for not all of twelve months are there"}},
		{"one code unconverted", "INSERT INTO unconverted VALUES (156, 'M', 2001, 'H3', '854231', 2e6), (156, 'X', 2001, 'H3', '854231', 1e6)", nil,
			[]string{"China has trade that can't be converted to the HS revision in use: 1 code worth 3 million dollars (H3) in 2001 is in no figure; " +
				"import the UN's conversion tables of H3 (entrepot reference import), or leave these years out with --years"}},
		{"two codes", "INSERT INTO unconverted VALUES (156, 'M', 2001, 'H3', '854231', 2e6), (156, 'X', 2001, 'H2', '854231', 1e6)", nil,
			[]string{"China has trade that can't be converted to the HS revision in use: 2 codes worth 3 million dollars (H2, H3) in 2001 are in no figure; " +
				"import the UN's conversion tables of H2, H3 (entrepot reference import), or leave these years out with --years"}},
		{"in a year that nobody asked for", "INSERT INTO years VALUES (2001); INSERT INTO world_trade (reporter, flow, year) VALUES (156, 'M', 2001), (156, 'X', 2001);" +
			"INSERT INTO unconverted VALUES (156, 'M', 1995, 'H0', '854231', 2e6), (410, 'X', 1995, 'H0', '854231', 2e6)", map[string]any{"years": "2001"}, nil},
		{"others' exports", "INSERT INTO areas (code, name) VALUES (392, 'Japan'), (410, 'Korea'); INSERT INTO unconverted VALUES (392, 'X', 2001, 'H3', '854231', 1e6), (410, 'X', 2001, 'H3', '854231', 2e6), (410, 'X', 2002, 'H3', '854231', 1e6), (410, 'M', 2003, 'H3', '854231', 1e6)", nil,
			[]string{"exports of Korea, Japan in 2001, 2002, worth 4 million dollars, can't be converted to the HS revision in use and are in no figure; " +
				"import the UN's conversion tables of H3 (entrepot reference import), or leave these years out with --years"}},
		{"others' exports in a revision that has a table", "INSERT INTO unconverted VALUES (410, 'X', 2001, 'H3', '854231', 2e6); INSERT INTO hs_codes (hs_revision) VALUES ('H3')", nil,
			[]string{"exports of 410 in 2001, worth 2 million dollars, can't be converted to the HS revision in use and are in no figure; harmonize: families counts them"}},
		{"one year of low coverage", "INSERT INTO coverage VALUES (2001, 1, 60, 0.254, true, 1, 'Germany (60.0% in 2000)', 0, 0)", nil,
			[]string{"2001 (1 of 60 reporters, 25% of exports by value; missing of the largest twenty: Germany (60.0% in 2000)): " +
				"world exports are not whole, so dominance and export shares of this year are not comparable with others (low_coverage)"}},
		{"two", "INSERT INTO coverage VALUES (2002, 50, 60, 0.5, true, 0, '', 0, 0), (2001, 50, 60, 0.6, true, 0, '', 0, 0)", nil,
			[]string{"2001 (50 of 60 reporters, 60% of exports by value), 2002 (50 of 60 reporters, 50% of exports by value): " +
				"world exports are not whole, so dominance and export shares of these years are not comparable with others (low_coverage)"}},
		{"many, and many missing", "INSERT INTO coverage SELECT year, 50, 60, abs(year - 2010) / 100, true, 7, 'A (1%); B (1%); C (1%); D (1%); E (1%); F (1%); G (1%)', 0, 0 FROM range(2001, 2021) r(year)", nil,
			[]string{"20 years, the least whole of which are 2009 (50 of 60 reporters, 1% of exports by value), " +
				"2010 (50 of 60 reporters, 0% of exports by value), " +
				"2011 (50 of 60 reporters, 1% of exports by value): " +
				"world exports are not whole, so dominance and export shares of these years are not comparable with others (low_coverage); " +
				"coverage lists all years, and missing_reporters who is missing"}},
		{"many missing", "INSERT INTO coverage SELECT 2001, 50, 60, 0.5, true, 7, 'A (1%); B (1%); C (1%); D (1%); E (1%); F (1%); G (1%)', 0, 0", nil,
			[]string{"2001 (50 of 60 reporters, 50% of exports by value; missing of the largest twenty: A (1%), B (1%), C (1%) and 4 more): " +
				"world exports are not whole, so dominance and export shares of this year are not comparable with others (low_coverage); " +
				"coverage lists all years, and missing_reporters who is missing"}},
		{"no exports at all", "INSERT INTO coverage VALUES (2001, 0, 0, 0, true, 0, '', 0, NULL)", nil,
			[]string{"no file has exports to World, so there are no world exports: dominance and export shares have no figures"}},
		{"filled in", "INSERT INTO coverage VALUES (2002, 60, 60, 1, false, 0, '', 1, 0.1234), (2001, 60, 60, 1, false, 0, '', 2, 0.3)", nil,
			[]string{"2001 (2 reporters, 30.0% of world exports), 2002 (1 reporter, 12.3% of world exports): missing reporters are filled in with their partners' imports"}},
		{"filled in, many", "INSERT INTO coverage SELECT year, 60, 60, 1, false, 0, '', 2, (year - 2000) / 100 FROM range(2001, 2021) r(year)", nil,
			[]string{"20 years, with the largest shares in 2018 (2 reporters, 18.0% of world exports), 2019 (2 reporters, 19.0% of world exports), 2020 (2 reporters, 20.0% of world exports): " +
				"missing reporters are filled in with their partners' imports; coverage lists all years"}},
		{"one reporter", "INSERT INTO coverage VALUES (2001, 1, 1, 1, false, 0, '', 0, 0)", nil,
			[]string{"world exports are those of 1 reporter: add the exports of the others before you take them for the world's"}},
		{"one code unreached", "INSERT INTO unreached_codes VALUES ('H4', '847310'), ('H4', '847310'), ('H4', '010101'); INSERT INTO code_sectors VALUES ('H4', '847310')", nil,
			[]string{"1 code of sectors (847310) can't be reached from a newer HS revision in use and leaves the denominators of these years (unreached_codes)"}},
		{"many", "INSERT INTO code_sectors SELECT 'H4', (847300 + i)::VARCHAR FROM range(30) r(i); INSERT INTO unreached_codes FROM code_sectors", nil,
			[]string{"30 codes of sectors (847300, 847301, 847302 and 27 more) can't be reached from a newer HS revision in use and leave the denominators of these years (unreached_codes)"}},
		{"one family", "INSERT INTO families VALUES (true), (false); INSERT INTO all_families VALUES (1), (2), (0)", map[string]any{"harmonize": "families"},
			[]string{"1 of 2 families with listed codes is only partly listed in its sector: the majority of its codes decides (families)"}},
		{"two families", "INSERT INTO families VALUES (true), (true); INSERT INTO all_families VALUES (1), (2), (0)", map[string]any{"harmonize": "families"},
			[]string{"2 of 2 families with listed codes are only partly listed in their sector: the majority of their codes decides (families)"}},
		{"families that are not in use", "INSERT INTO families VALUES (true)", nil, nil},
		{"checks", "INSERT INTO checks VALUES ('partners', false, 1, 83), ('levels', false, 2, 9), ('rows', true, 0, 9), ('coverage', false, 1, 3)", nil,
			[]string{"quality checks have findings: levels (2 of 9), partners (1 of 83); 'entrepot check' shows them, and check_findings lists them"}},
		{"one cell of an older version", versions + "INSERT INTO older_cells VALUES (1, 3, 500)", nil,
			[]string{"1 cell of older versions, worth 500 US dollars, counts beside newer ones that lack it (a.csv beside c.csv): " +
				"where the newer is whole, say whole: all under files:; else remove the older (check versions)"}},
		{"cells of two", versions + "INSERT INTO older_cells VALUES (2, 3, 500), (1, 3, 500), (1, 3, 1)", nil,
			[]string{"3 cells of older versions, worth 1001 US dollars, count beside newer ones that lack them (a.csv beside c.csv, b.csv beside c.csv): " +
				"where the newer is whole, say whole: all under files:; else remove the older (check versions)"}},
		{"a check that is off", "INSERT INTO older_cells VALUES (1, 3, 500)", nil, nil},
		{"one year without a list", "INSERT INTO code_sectors VALUES ('H4', '847310'); INSERT INTO year_revisions (year, hs_revision) VALUES (2001, 'H4'), (2002, 'H5')", nil,
			[]string{"the sector list has no codes of the HS revision in which China reported in 2002: this year has no figures; set harmonize"}},
		{"two", "INSERT INTO year_revisions (year, hs_revision) VALUES (2001, 'H4'), (2002, 'H5')", nil,
			[]string{"the sector list has no codes of the HS revision in which China reported in 2001, 2002: these years have no figures; set harmonize"}},
		{"one member of the EU", members + "INSERT INTO world_trade (reporter, flow, year) VALUES (251, 'X', 2001), (276, 'X', 2001);" +
			"INSERT INTO code_sums (reporter, flow, year, month, level, rows, world_rows, partners_usd) VALUES (276, 'X', 2001, 0, 6, 2, 1, 5)", map[string]any{"eu_internal": "out"},
			[]string{"France has years without exports by partner: its trade inside the EU stays in world exports"}},
		{"two", members + "INSERT INTO world_trade (reporter, flow, year) VALUES (251, 'X', 2001), (276, 'X', 2001)", map[string]any{"eu_internal": "out"},
			[]string{"France, Germany have years without exports by partner: their trade inside the EU stays in world exports"}},
		{"whole", covers("156, 'M', 2001, 'rail', 23, 0, false", "156, 'X', 2001, 'rail', 23, 0, false"), nil, nil},
		{"three of fifty", covers("156, 'M', 2001, 'electronics', 3, 47, true", "156, 'X', 2001, 'electronics', 3, 47, true", "842, 'X', 2001, 'rail', 0, 23, true"), nil,
			[]string{"electronics: 3 of 50 codes are in the files (2001)", ofAPart("this sector")}},
		{"one flow, and least in two years of three", covers("156, 'X', 2001, 'rail', 3, 20, true", "156, 'X', 2002, 'rail', 2, 21, true", "156, 'X', 2003, 'rail', 2, 21, true"), nil,
			[]string{"rail: 2 of 23 codes of exports are in the files (2002, 2003)", ofAPart("this sector")}},
		{"none in some years", covers("156, 'M', 2001, 'rail', 3, 20, true", "156, 'M', 2002, 'rail', 0, 23, true"), nil,
			[]string{"rail: 3 of 23 codes of imports are in the files (2001), none in 2002", ofAPart("this sector")}},
		{"none, and others instead", "INSERT INTO years VALUES (2001);" + covers("156, 'M', 2001, 'rail', 0, 23, true", "156, 'X', 2001, 'rail', 0, 23, true",
			"156, 'M', 2001, 'ships', 0, 14, true", "156, 'X', 2001, 'ships', 0, 14, true") +
			"INSERT INTO world_trade VALUES (156, 'M', 2001, '854231', 5), (156, 'X', 2001, '854231', 5), (156, 'M', 2001, '010121', 7), (842, 'X', 2001, '020110', 7);", nil,
			[]string{"rail, ships: none of their codes are in the files, which have 854231, 010121", ofAPart("these sectors")}},
		{"a flow that is not reported", covers("156, 'M', 2001, 'rail', 0, 23, true") + "UPDATE year_revisions SET imports_reported = false;", nil, nil},
		{"a heading alone", bothFlows + heading("2846") +
			"INSERT INTO product_coverage_hs6 (flow, year, hs6, status) VALUES ('M', 2001, '284610', 'unknown');", nil,
			[]string{"the files have 1 heading (2846) without the codes below, so that it is in no figure of a sector: download the HS-6 codes (AG6), too"}},
		{"two headings", bothFlows + heading("2846") + heading("2847") +
			"INSERT INTO product_coverage_hs6 (flow, year, hs6, status) VALUES ('M', 2001, '284610', 'unknown'), ('M', 2001, '284700', 'unknown');", nil,
			[]string{"the files have 2 headings (2846, 2847) without the codes below, so that they are in no figure of a sector: download the HS-6 codes (AG6), too"}},
		{"a heading that no sector lists", bothFlows + heading("2846"), nil, nil},
		{"a heading that counts", bothFlows + heading("2846") + "INSERT INTO counted_headings (year, level, code, sector) VALUES (2001, 4, '2846', 'earths'), (2002, 4, '2846', 'earths'), (2001, 4, '0101', NULL);" +
			"INSERT INTO product_coverage_hs6 (flow, year, hs6, status) VALUES ('M', 2001, '284610', 'unknown');", nil,
			[]string{"2846 (HS-4): the files do not have all codes below, and its own row gives the imports of sectors in partner_group_share and partner_trend (level); " +
				"the other figures need the HS-6 codes (AG6)"}},
		{"a chapter and a heading that count, and one that does not", bothFlows + heading("2846") + heading("8542") + heading("8543") +
			"INSERT INTO counted_headings (year, level, code, sector) VALUES (2001, 2, '28', 'earths'), (2001, 4, '8542', 'chips');" +
			"INSERT INTO product_coverage_hs6 (flow, year, hs6, status) VALUES ('M', 2001, '284610', 'unknown'), ('M', 2001, '854231', 'unknown'), ('M', 2001, '854310', 'unknown');", nil,
			[]string{"the files have 1 heading (8543) without the codes below, so that it is in no figure of a sector: download the HS-6 codes (AG6), too",
				"28 (HS-2), 8542 (HS-4): the files do not have all codes below, and their own row gives the imports of sectors in partner_group_share and partner_trend (level); " +
					"the other figures need the HS-6 codes (AG6)"}},
		{"headings of which no sector lists a code", "INSERT INTO years VALUES (2001);" + heading("2846") + heading("8542") +
			"INSERT INTO year_revisions (year, hs_revision) VALUES (2001, 'H4'); INSERT INTO code_sectors VALUES ('H4', '847310'), ('H4', '847320'), ('H6', '847330');", nil,
			[]string{"China has not both imports and exports in 2001: this year has no import dependence",
				"the files have codes 2846 (HS-4), 8542 (HS-4) and none of the 2 listed: download the HS-6 codes (AG6), or list headings by four digits"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := warningsAbout(t, db, test.rows, test.values)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("warnings (-want +got): %s", diff)
			}
		})
	}
}

// covers are rows of product_coverage in years of which the reporter has both flows.
func covers(rows ...string) string {
	return "INSERT INTO product_coverage VALUES (" + strings.Join(rows, "), (") + ");" +
		"INSERT INTO year_revisions (year, hs_revision) SELECT DISTINCT year, 'H4' FROM product_coverage; INSERT INTO code_sectors VALUES ('H4', '860110');"
}

// heading is a row of a heading in China's imports, which has none below it.
func heading(code string) string {
	return fmt.Sprintf("INSERT INTO code_sums BY NAME SELECT 156 AS reporter, 'M' AS flow, 2001 AS year, 0 AS month, 'H4' AS hs_revision, 4 AS level, '%s' AS code, "+
		"1 AS rows, 1 AS world_rows, 5 AS world_usd;", code)
}

// ofAPart is what is said behind the sectors that are partial.
func ofAPart(sectors string) string {
	return "the figures of " + sectors + " are those of a part of the codes: unknown values are null, not 0, and nothing is rated " +
		"(product_coverage); download the other codes, or say which files are whole (files: whole)"
}

// However much is missing, a warning is no longer than some lines of a terminal.
func TestWarningsAreShort(t *testing.T) {
	var rows strings.Builder
	for year := 1962; year < 2026; year++ {
		names := strings.TrimSuffix(strings.Repeat("Plurinational State of Bolivia (12.3% in 2019); ", 20), "; ")
		fmt.Fprintf(&rows, "INSERT INTO coverage VALUES (%d, 1, 200, 0.01, true, 20, '%s', 150, 0.99); INSERT INTO years VALUES (%[1]d);", year, names)
		fmt.Fprintf(&rows, "INSERT INTO product_coverage VALUES (156, 'M', %d, 'a sector of products number %[1]d', %[1]d %% 3, 50, true);", year)
		fmt.Fprintf(&rows, "INSERT INTO year_revisions (year, hs_revision) VALUES (%d, 'H0'); INSERT INTO unreached_codes VALUES ('H4', '%06[1]d'); INSERT INTO code_sectors VALUES ('H4', '%06[1]d');", year)
	}
	warnings := warningsAbout(t, emptyTables(t), rows.String(), nil)
	if len(warnings) != 5+10+1+1 { // ten sectors, those without a code, and what that means
		t.Errorf("%d warnings: %q", len(warnings), warnings)
	}
	for _, warning := range warnings {
		if len(warning) > 500 {
			t.Errorf("a warning of %d characters: %s", len(warning), warning)
		}
	}
}
