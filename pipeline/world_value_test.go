package pipeline_test

import (
	"path/filepath"
	"testing"

	"entrepot/fixtures"
)

// Whether a comparator over all manufactures is given hangs on what the exporters hold that
// the files have whole, and not on their number. An excerpt does not tell how large its exporter is.
func TestWorldIsKnownByValue(t *testing.T) {
	t.Parallel()
	codes := map[string]string{} // one of each chapter
	for _, c := range readCSV(t, "../schemas/reference/hs_codes.csv.gz") {
		if chapter := c[1][:2]; c[0] == "H4" && chapter < "98" && codes[chapter] == "" {
			codes[chapter] = c[1]
		}
	}
	exports := func(year, reporter int, code string, dollars int64) fixtures.Row {
		return fixtures.Row{Year: year, Reporter: reporter, Flow: "X", Revision: "H4", Code: code, Mills: 1000 * dollars}
	}
	whole := func(year, reporter int, dollars int64) (rows []fixtures.Row) {
		for _, code := range codes {
			rows = append(rows, exports(year, reporter, code, dollars))
		}
		return rows
	}
	// An excerpt of a file with its TOTAL: the size of the exporter is known.
	excerpt := func(year, reporter int, total int64) []fixtures.Row {
		return []fixtures.Row{exports(year, reporter, "850110", 10), exports(year, reporter, "TOTAL", total)}
	}
	var rows []fixtures.Row
	for year := 2015; year <= 2019; year++ {
		rows = append(rows, whole(year, 156, 1000)...)
	}
	rows = append(rows, excerpt(2016, 591, 500)...) // small: 2 exporters, one whole, and nearly all of the value
	for _, reporter := range []int{276, 392, 410, 251, 826, 380, 699, 704, 764, 76, 484} {
		rows = append(rows, whole(2017, reporter, 10)...)
	}
	rows = append(rows, excerpt(2017, 842, 100_000)...)   // large: 12 of 13 exporters are whole, and half of the value
	rows = append(rows, exports(2018, 591, "850110", 10)) // its TOTAL is in another year
	rows = append(rows, exports(2019, 36, "850110", 10))  // nobody knows how large it is
	data := t.TempDir()
	write(t, filepath.Join(data, "TradeData_6_1_2025_9_0_0.csv"), fixtures.Web, rows)
	c := configure(t, data)
	c.IsWhole = nil
	run(t, c)
	got := openWork(t, c, "SELECT year, reporters_whole, manufactures_known FROM world_coverage ORDER BY year")
	sameRows(t, "world_coverage", []string{"2015 1 true", "2016 1 true", "2017 12 false", "2018 1 true", "2019 1 false"}, got)
}
