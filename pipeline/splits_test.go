package pipeline_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entrepot/fixtures"
)

// Of what a code is divided by: the reporter's own trade in the newer codes, per flow; else
// everybody's; else nothing. What a file lacks of the newer codes is no zero.
func TestSplitShares(t *testing.T) {
	t.Parallel()
	row := func(year, reporter int, flow, revision, code string, dollars int64) fixtures.Row {
		return fixtures.Row{Year: year, Reporter: reporter, Flow: flow, Revision: revision, Code: code, Mills: 1000 * dollars}
	}
	newer := func(year, reporter int, flow string, dollars ...int64) (rows []fixtures.Row) {
		for i, code := range []string{"854141", "854142", "854143", "854149"}[:len(dollars)] {
			rows = append(rows, row(year, reporter, flow, "H6", code, dollars[i]))
		}
		return rows
	}
	older := []fixtures.Row{
		row(2020, 156, "M", "H5", "854140", 1000), row(2020, 156, "X", "H5", "854140", 1000),
		row(2020, 410, "X", "H5", "854140", 500),
	}
	const shares = `SELECT reporter, flow, split_basis, string_agg(value_usd, ' ' ORDER BY hs6) FROM (
		SELECT reporter, flow, split_basis(split_basis) AS split_basis, hs6, value_usd FROM world_trade WHERE year = 2020)
		GROUP BY ALL ORDER BY ALL`
	both := slices.Concat(older, newer(2022, 156, "M", 1, 2, 3, 4), newer(2022, 156, "X", 8, 1, 1, 6), newer(2022, 276, "X", 0, 7, 7, 2))
	for name, test := range map[string]struct {
		rows  []fixtures.Row
		whole bool
		want  string
	}{
		// Korea's exports go as the 8, 8, 8 and 8 of China and Germany; each flow of China as its own.
		"all are there": {both, false, "156 M own 100.000 200.000 300.000 400.000\n156 X own 500.000 62.500 62.500 375.000\n" +
			"410 X world 125.000 125.000 125.000 125.000"},
		"a year is added": {append(slices.Clone(both), newer(2023, 156, "M", 9, 8, 7, 6)...), false,
			"156 M own 250.000 250.000 250.000 250.000\n156 X own 500.000 62.500 62.500 375.000\n410 X world 125.000 125.000 125.000 125.000"},
		"a part is there": {slices.Concat(older, newer(2022, 156, "M", 1)), false, equalShares},
		"a part, and no more": {slices.Concat(older, newer(2022, 156, "M", 1)), true, "156 M own 1000.000 0.000 0.000 0.000\n" +
			"156 X equal 250.000 250.000 250.000 250.000\n410 X equal 125.000 125.000 125.000 125.000"},
		"none is there": {older, true, equalShares},
	} {
		data := t.TempDir()
		write(t, filepath.Join(data, "TradeData_6_1_2025_9_0_0.csv"), fixtures.Web, test.rows)
		c := configure(t, data, "harmonize", "H6")
		if !test.whole {
			c.IsWhole = nil
		}
		run(t, c)
		if got := strings.Join(openWork(t, c, shares), "\n"); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, test.want)
		}
	}
	// A file of a later year changes how an earlier one is divided.
	data := t.TempDir()
	write(t, filepath.Join(data, "TradeData_6_1_2025_9_0_0.csv"), fixtures.Web, both)
	c := configure(t, data, "harmonize", "H6")
	before := run(t, c)
	write(t, filepath.Join(data, "TradeData_6_1_2025_9_0_1.csv"), fixtures.Web, newer(2023, 156, "M", 9, 8, 7, 6))
	after, clean := run(t, c), run(t, configure(t, data, "harmonize", "H6"))
	if after.Release == before.Release || after.Release != clean.Release {
		t.Errorf("releases %s, with a later year %s, from nothing %s", before.Release, after.Release, clean.Release)
	}
	if got := openWork(t, c, shares+" LIMIT 1"); got[0] != "156 M own 250.000 250.000 250.000 250.000" {
		t.Errorf("with a later year: %s", got)
	}
}

const equalShares = "156 M equal 250.000 250.000 250.000 250.000\n156 X equal 250.000 250.000 250.000 250.000\n410 X equal 125.000 125.000 125.000 125.000"
