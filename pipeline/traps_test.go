package pipeline_test

import (
	"fmt"
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
	WHERE hs6 = '880240'`

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
	for _, test := range []struct {
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
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			write(t, filepath.Join(data, "TradeData_3_1_2026_8_0_0.csv"), fixtures.Web, append(base(), test.add...))
			if test.newer != nil {
				write(t, filepath.Join(data, "TradeData_12_1_2026_8_0_0.csv"), fixtures.Web, test.newer)
			}
			if test.older != nil {
				write(t, filepath.Join(data, "TradeData_2_1_2026_8_0_0.csv"), fixtures.Web, test.older)
			}
			c := configure(t, data)
			s := run(t, c)
			want := fixed
			if test.want != "" {
				want = test.want
			}
			if diff := cmp.Diff([]string{want}, published(t, c, trapFacts)); diff != "" {
				t.Errorf("imports, exports, world exports, group's imports, partners' imports, reporters: %s", diff)
			}
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
			if got := strings.Join(counts, ", "); got != test.counts {
				t.Errorf("counted %q, expected %q", got, test.counts)
			}
		})
	}
}
