package pipeline_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/fixtures"

	"github.com/google/go-cmp/cmp"
)

const usd = 1000 // mills

// base is China's trade in two codes of one year, and that of the United States.
func base() []fixtures.Row {
	return []fixtures.Row{
		{Year: 2019, Reporter: 156, Flow: "M", Revision: "H4", Code: "880240", Mills: 600 * usd},
		{Year: 2019, Reporter: 156, Flow: "M", Partner: 842, Revision: "H4", Code: "880240", Mills: 400 * usd},
		{Year: 2019, Reporter: 156, Flow: "M", Partner: 76, Revision: "H4", Code: "880240", Mills: 200 * usd},
		{Year: 2019, Reporter: 156, Flow: "X", Revision: "H4", Code: "880240", Mills: 250 * usd},
		{Year: 2019, Reporter: 842, Flow: "X", Revision: "H4", Code: "880240", Mills: 750 * usd},
		{Year: 2019, Reporter: 156, Flow: "M", Revision: "H4", Code: "030617", Mills: 10 * usd},
	}
}

const trapFacts = `
	SELECT concat_ws(' ', d.imports_usd, d.exports_usd, x.world_exports_usd, g.group_imports_usd, g.partner_imports_usd, c.reporters)
	FROM '%s/import_dependence_hs6.parquet' d
	JOIN '%s/export_share_hs6.parquet' x USING (year, hs6)
	JOIN '%s/partner_group_share_hs6.parquet' g USING (year, hs6)
	JOIN (SELECT DISTINCT year, reporters FROM '%s/dominance.parquet') c USING (year)
	WHERE hs6 = '880240' AND year = ?`

// trapYear is the year of the first trap. Each has a year and a folder of its own, so that one run does for all.
const trapYear = 2000

// trapCounts counts rows that are not used, of the files of a trap or, for "", of all.
const trapCounts = `
	SELECT concat_ws(' ', kind, reason, sum(rows)) AS counted
	FROM (SELECT file_id, 'left_out' AS kind, reason, rows FROM left_out
		UNION ALL SELECT file_id, 'superseded', reason, 1 FROM superseded WHERE reason <> 'ambiguous'
		UNION ALL SELECT file_id, 'rejected', reason, 1 FROM rejects)
	JOIN files USING (file_id)
	WHERE starts_with(name, $1)
	GROUP BY kind, reason ORDER BY counted`

// Each trap adds rows that a naive sum would count again. The figures must not
// change, and the rows must be counted under the reason.
func TestTraps(t *testing.T) {
	t.Parallel()
	const fixed = "600.0 250.0 1000.0 400.0 600.0 2"
	row := func(change func(*fixtures.Row)) fixtures.Row {
		r := base()[0]
		r.Mills = 50 * usd
		change(&r)
		return r
	}
	one := func(change func(*fixtures.Row)) []fixtures.Row { return []fixtures.Row{row(change)} }
	traps := []struct {
		name   string
		add    []fixtures.Row // to the one file
		newer  []fixtures.Row // in a newer file
		older  []fixtures.Row // in an older file
		counts string         // rows left out and superseded, by reason
		want   string         // if not fixed
	}{
		{name: "nothing", counts: ""},
		{name: "TOTAL", add: one(func(r *fixtures.Row) { r.Code = "TOTAL" })},
		{name: "HS-2", add: one(func(r *fixtures.Row) { r.Code = "88" })},
		{name: "HS-4", add: one(func(r *fixtures.Row) { r.Code = "8802" })},
		{name: "second partner", add: one(func(r *fixtures.Row) { r.Partner2 = 344 }), counts: "left_out second_partner 1"},
		{name: "customs procedure", add: one(func(r *fixtures.Row) { r.Customs = "C04" }), counts: "left_out customs_procedure 1"},
		{name: "mode of transport", add: one(func(r *fixtures.Row) { r.Transport = 1000 }), counts: "left_out mode_of_transport 1"},
		{name: "mode of supply", add: one(func(r *fixtures.Row) { r.Supply = "1" }), counts: "left_out mode_of_supply 1"},
		{name: "re-imports", add: one(func(r *fixtures.Row) { r.Flow = "RM" }), counts: "left_out part_of_flow 1"},
		{name: "re-exports", add: one(func(r *fixtures.Row) { r.Flow = "RX" }), counts: "left_out part_of_flow 1"},
		{name: "domestic exports", add: one(func(r *fixtures.Row) { r.Flow = "DX" }), counts: "left_out part_of_flow 1"},
		{name: "exports by partner", add: one(func(r *fixtures.Row) { r.Flow, r.Partner = "X", 842 })},
		{name: "European Union as reporter", add: one(func(r *fixtures.Row) { r.Reporter, r.Flow = 97, "X" }), counts: "left_out reporter_is_a_group 1"},
		{name: "ASEAN as reporter", add: one(func(r *fixtures.Row) { r.Reporter, r.Flow = 975, "X" }), counts: "left_out reporter_is_a_group 1"},
		{name: "European Union as partner", add: one(func(r *fixtures.Row) { r.Partner = 97 }), counts: "left_out partner_is_a_group 1"},
		{name: "months", add: one(func(r *fixtures.Row) { r.Month = 7 })},
		{name: "pasted twice", add: base(), counts: "superseded identical 6"},
		{name: "downloaded again", newer: base(), counts: "superseded identical 6"},
		{name: "revised since", older: one(func(r *fixtures.Row) { r.Mills = 9999 * usd }), counts: "superseded revised 1"},
		{name: "the newest file is right", newer: one(func(r *fixtures.Row) { r.Mills = 700 * usd }), counts: "superseded revised 1",
			want: "700.0 250.0 1000.0 400.0 600.0 2"},
		{name: "another revision, converted by the UN", add: one(func(r *fixtures.Row) { r.Revision, r.Converted = "H5", true }), counts: "superseded other_revision 1"},
		{name: "trade with itself, in the World and in no group", add: one(func(r *fixtures.Row) { r.Partner = 156 }), want: "600.0 250.0 1000.0 400.0 650.0 2"},
		{name: "Taiwan is no member", add: one(func(r *fixtures.Row) { r.Partner = 490 }), want: "600.0 250.0 1000.0 400.0 650.0 2"},
		{name: "areas n.e.s. are in no group", add: one(func(r *fixtures.Row) { r.Partner = 899 }), want: "600.0 250.0 1000.0 400.0 650.0 2"},
		{name: "Taiwan as reporter", add: one(func(r *fixtures.Row) { r.Reporter, r.Flow = 490, "X" }), want: "600.0 250.0 1050.0 400.0 600.0 3"},
		{name: "another country", add: one(func(r *fixtures.Row) { r.Reporter, r.Flow = 392, "X" }), want: "600.0 250.0 1050.0 400.0 600.0 3"},
	}
	data := t.TempDir()
	for i, test := range traps {
		for name, rows := range map[string][]fixtures.Row{
			"TradeData_3_1_2026_8_0_0.csv": append(base(), test.add...), "TradeData_12_1_2026_8_0_0.csv": test.newer, "TradeData_2_1_2026_8_0_0.csv": test.older,
		} {
			if rows == nil {
				continue
			}
			for j := range rows {
				rows[j].Year = trapYear + i
			}
			folder := filepath.Join(data, test.name)
			if err := os.MkdirAll(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(folder, name), fixtures.Web, rows)
		}
	}
	c := configure(t, data)
	s := run(t, c)
	for i, test := range traps {
		t.Run(test.name, func(t *testing.T) {
			want := fixed
			if test.want != "" {
				want = test.want
			}
			if diff := cmp.Diff([]string{want}, published(t, c, trapFacts, trapYear+i)); diff != "" {
				t.Errorf("imports, exports, world exports, group's imports, partners' imports, reporters: %s", diff)
			}
			if got := strings.Join(openWork(t, c, trapCounts, test.name+"/"), ", "); got != test.counts {
				t.Errorf("counted %q, expected %q", got, test.counts)
			}
		})
	}
	// The summary has them all.
	var counts []string
	for _, r := range s.LeftOut {
		counts = append(counts, fmt.Sprint("left_out ", r.Reason, " ", r.Rows))
	}
	for _, r := range s.Overlap {
		counts = append(counts, fmt.Sprint("superseded ", r.Reason, " ", r.Rows))
	}
	for _, r := range s.Rejects {
		counts = append(counts, fmt.Sprint("rejected ", r.Reason, " ", r.Rows))
	}
	if diff := cmp.Diff(openWork(t, c, trapCounts, ""), sorted(counts)); diff != "" {
		t.Errorf("of all traps (-tables +summary): %s", diff)
	}
}
