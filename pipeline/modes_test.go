package pipeline

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/fixtures"
)

// The sample's figures in every mode. testdata/modes.csv was not made by
// entrepot: it was worked out from fixtures/sample.csv and the reference tables by
// another program, in exact fractions.
func TestSampleInAllModes(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("testdata", "modes.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(string(content))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{}
	for _, line := range lines[1:] {
		want[line[0]] = append(want[line[0]], strings.Join(line[1:], " "))
	}
	if len(want) != 5 {
		t.Fatalf("%d modes, want 5", len(want))
	}
	for mode, lines := range want {
		got := ask(t, tablesOfSample(t, "harmonize="+mode), `
			SELECT i.sector, i.year, i.codes_dependent, i.codes_traded, d.codes_dominated, d.codes_exported
			FROM import_dependence i JOIN dominance d USING (sector, year) ORDER BY i.sector, i.year`)
		if got != strings.Join(lines, "\n") {
			t.Errorf("%s:\n%s\nwant\n%s", mode, got, strings.Join(lines, "\n"))
		}
	}
}

// An example to follow by hand. Photosensitive devices are one code, 854140, in H4
// and H5, and four in H6: 854141, 854142, 854143 and 854149. China reports in H6,
// Germany in H4 and Korea in H5, all in the same year.
func TestSplitMergeAndFamily(t *testing.T) {
	t.Parallel()
	row := func(reporter int, revision, code string, dollars int64) fixtures.Row {
		r := usd(2022, reporter, "X", 0, code, dollars)
		r.Revision = revision
		return r
	}
	rows := []fixtures.Row{
		row(156, "H6", "854142", 10), row(156, "H6", "854143", 20),
		row(276, "H4", "854140", 101),
		row(410, "H5", "854140", 3),
		// A family of two codes of H5 that become one again: aeroplanes and drones.
		row(156, "H6", "880629", 7), row(276, "H4", "880220", 5),
	}
	for _, test := range []struct{ mode, want string }{
		// The merge: China has 10 + 20 of 10 + 20 + 101 + 3 = 134.
		{"H4", "854140 power 30 134 false 0\n880220 aerospace 7 12 true 0"},
		{"families", "854140 power 30 134 false 0\n880220 aerospace 7 12 true 0"},
		// The split: 101 and 3 go to two of the four codes, 1 : 2, as what China exports of these.
		{"H6", "854142 power 10 44.666 false 34.666\n854143 power 20 89.334 false 69.334"},
		// By number: 854142 and 854143 are China's alone; 854140, which H6 does not have, is others'.
		{"as-reported", "854140 power 0 104 false 0\n854142 power 10 10 true 0\n854143 power 20 20 true 0\n880220 aerospace 0 5 false 0\n880629 aerospace 7 7 true 0"},
	} {
		db := tablesOn(t, rows, "harmonize="+test.mode)
		got := ask(t, db, `SELECT hs6, sector, exports_usd, world_exports_usd, dominated, split_usd FROM dominance_hs6
			WHERE hs6 LIKE '8541%' OR ? <> 'H6' ORDER BY hs6`, test.mode)
		if got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.mode, got, test.want)
		}
	}
}

// What a code becomes that is four in H6 (854141, 854142, 854143, 854149), to follow by hand.
func TestSharesOfLaterYears(t *testing.T) {
	t.Parallel()
	row := func(year, reporter int, flow, revision, code string, dollars int64) fixtures.Row {
		r := usd(year, reporter, flow, 0, code, dollars)
		r.Revision = revision
		return r
	}
	rows := []fixtures.Row{
		row(2021, 276, "X", "H4", "854140", 100), row(2021, 276, "M", "H4", "854140", 10), row(2021, 410, "X", "H5", "854140", 12),
		row(2021, 842, "M", "H4", "854140", 50),
		row(2022, 276, "X", "H6", "854141", 2), row(2023, 276, "X", "H6", "854141", 1), row(2023, 276, "X", "H6", "854149", 1),
		row(2023, 156, "X", "H6", "854142", 8), row(2023, 156, "X", "H6", "854143", 0),
	}
	const query = `SELECT reporter, flow, hs6, value_usd, split_usd FROM world_trade WHERE year = 2021 AND value_usd > 0 ORDER BY ALL`
	db := tablesOn(t, rows, "harmonize=H6", "years=2021")
	got := ask(t, db, query)
	if want := strings.Join([]string{
		"276 M 854141 2.5 2.5", "276 M 854142 2.5 2.5", "276 M 854143 2.5 2.5", "276 M 854149 2.5 2.5", // nobody imports later: equal
		"276 X 854141 75 75", "276 X 854149 25 25", // 3 : 1, as Germany itself later, in years that were not asked for
		"410 X 854141 3 3", "410 X 854142 8 8", "410 X 854149 1 1", // 3 : 8 : 1, as all do
		"842 M 854141 12.5 12.5", "842 M 854142 12.5 12.5", "842 M 854143 12.5 12.5", "842 M 854149 12.5 12.5",
	}, "\n"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	got = ask(t, db, `SELECT reporter, split_basis(basis), count(*), any_value(parts_of) FROM split_shares WHERE split_basis(basis) <> 'equal' GROUP BY ALL ORDER BY ALL`)
	if want := "276 own 4 4000\n410 world 4 12000"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// 847310 of H4 has no successor. In a year in which one exporter has changed over,
// what is left of it is the trade of the others: it is listed, and out of the count.
func TestCodesOutOfReach(t *testing.T) {
	t.Parallel()
	list := filepath.Join(t.TempDir(), "sectors.csv")
	if err := os.WriteFile(list, []byte("sector,hs_revision,hs6,reason\noffice,H4,847310,\noffice,H4,847321,\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	h5 := usd(2018, 410, "X", 0, "847321", 10)
	h5.Revision = "H5"
	rows := []fixtures.Row{
		usd(2015, 156, "X", 0, "847310", 90), usd(2015, 156, "X", 0, "847321", 1), usd(2015, 410, "X", 0, "847310", 10),
		usd(2018, 156, "X", 0, "847310", 90), usd(2018, 156, "X", 0, "847321", 1), h5,
	}
	s, db := runOn(t, rows, "sectors="+list)
	got := ask(t, db, "SELECT year, codes_listed, codes_unreached, codes_exported, codes_dominated FROM dominance ORDER BY year")
	if want := "2015 2 0 2 2\n2018 2 1 1 0"; got != want {
		t.Errorf("dominance:\n%s\nwant\n%s", got, want)
	}
	got = ask(t, db, "SELECT year, hs6, from_revision, from_reporters, own FROM unreached_codes WHERE hs6 = '847310'")
	if want := "2018 847310 H5 1 false"; got != want {
		t.Errorf("listed: %s, want %s", got, want)
	}
	if got := ask(t, db, "SELECT count(*) FROM unreached_codes"); got != "12" {
		t.Errorf("%s codes of H4 are out of reach of H5, want 12", got)
	}
	if !contains(s.Warnings, "1 code of sectors (847310) can't be reached") {
		t.Errorf("no warning: %q", s.Warnings)
	}
}

// A family belongs to the sector that lists more than half of its members, and at
// least half of them in each revision.
func TestFamilySectors(t *testing.T) {
	t.Parallel()
	list := filepath.Join(t.TempDir(), "sectors.csv")
	if err := os.WriteFile(list, []byte("sector,hs_revision,hs6,reason\n"+
		"solar,H6,854141,\nsolar,H6,854142,\nsolar,H6,854143,\nother,H6,854149,\n"+ // three of four members
		"half,H6,852411,\nhalf,H6,852412,\nhalf,H6,852419,\n"+ // three of the seven members of 901380
		"whole,H6,854231,\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	row := usd(2022, 156, "X", 0, "854231", 1)
	db := tablesOn(t, []fixtures.Row{row}, "sectors="+list, "harmonize=families")
	got := ask(t, db, "SELECT family, sector, members_judged, members_listed, members_by_sector, straddles FROM all_families WHERE members_listed > 0 ORDER BY family")
	want := "854140 solar 4 4 solar 3, other 1 true\n854231 whole 1 1 whole 1 false\n901380 <nil> 7 3 half 3 true"
	if got != want {
		t.Errorf("families:\n%s\nwant\n%s", got, want)
	}
	// The built-in list: camera drones are eight of the fourteen members of 852580,
	// but in H4 and H5 it is cameras, which no sector lists.
	got = ask(t, tablesOfSample(t, "harmonize=families"), "SELECT family, sector, members_by_sector FROM families WHERE family IN ('852580', '854140', '846221') ORDER BY family")
	want = "846221 cnc_robotics cnc_robotics 7\n852580 <nil> aerospace 8\n854140 power power 4, advanced_electronics 2"
	if got != want {
		t.Errorf("families:\n%s\nwant\n%s", got, want)
	}
	// H4 is in the data and H6 in the list, so families span all three revisions.
	if got := ask(t, db, "SELECT count(*), count(*) FILTER (revisions > 1), max(members) FROM all_families"); got != "5206 5194 26" {
		t.Errorf("families: %s, want 5206, of which 5194 over several revisions, the largest of 26", got)
	}
}
