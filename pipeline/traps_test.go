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
	WHERE hs6 = '880240'`

// Each trap adds rows that a naive sum would count again. The figures must not
// change, and the rows must be counted under the reason.
func TestTraps(t *testing.T) {
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

// A detail whose total is not in the file is trade that would be lost: it is
// set aside and counted, not left out in silence.
func TestDetailWithoutTotal(t *testing.T) {
	data := t.TempDir()
	alone := base()[0]
	alone.Code, alone.Customs = "880220", "C04"
	write(t, filepath.Join(data, "a.csv"), fixtures.API, append(base(), alone))
	c := configure(t, data)
	run(t, c)
	got := openWork(t, c, `SELECT line, column_name, value, reason FROM rejects`)
	if diff := cmp.Diff([]string{"8 customsCode C04 customs_procedure_without_total"}, got); diff != "" {
		t.Error(diff)
	}
}

// Every reason for which a row is set aside, with the line, the column and the
// value that are to blame. The good rows around it stay.
func TestRejects(t *testing.T) {
	header := "typeCode,freqCode,refYear,refMonth,period,reporterCode,flowCode,partnerCode,partner2Code,classificationCode,cmdCode,aggrLevel,customsCode,motCode,primaryValue\n"
	good := "C,A,2019,52,2019,156,M,0,0,H5,880240,6,C00,0,600\n"
	lines := []struct{ line, want string }{
		{"C,A,2019,52,2019,156,M,842,0,H5,880240,6,C00,0,\n", "primaryValue  missing_value"},
		{"C,A,2019,52,2019,156,M,842,0,H5,880240,6,C00,0,12x\n", "primaryValue 12x bad_value"},
		{"C,A,2019,52,2019,156,M,842,0,H5,880240,6,C00,0,NaN\n", "primaryValue NaN bad_value"},
		{"C,A,2019,52,2019,156,M,842,0,H5,880240,6,C00,0,-5\n", "primaryValue -5 negative_value"},
		{"C,A,2019,52,2019,156,M,842,0,H5,880240,6,C00,0,1e300\n", "primaryValue 1e300 value_too_large"},
		{"C,A,20155,52,2019,156,M,842,0,H5,880240,6,C00,0,5\n", "refYear 20155 bad_year"},
		{"C,A,2018,52,2019,156,M,842,0,H5,880240,6,C00,0,5\n", "period 2019 year_is_not_period"},
		{"C,M,2019,13,201913,156,M,842,0,H5,880240,6,C00,0,5\n", "refMonth 13 bad_month"},
		{"C,Q,2019,1,2019,156,M,842,0,H5,880240,6,C00,0,5\n", "freqCode Q unknown_frequency"},
		{"S,A,2019,52,2019,156,M,842,0,H5,880240,6,C00,0,5\n", "typeCode S not_goods"},
		{"C,A,2019,52,2019,156,Z,842,0,H5,880240,6,C00,0,5\n", "flowCode Z unknown_flow"},
		{"C,A,2019,52,2019,998,M,842,0,H5,880240,6,C00,0,5\n", "reporterCode 998 unknown_reporter"},
		{"C,A,2019,52,2019,CHN,M,842,0,H5,880240,6,C00,0,5\n", "reporterCode CHN unknown_reporter"},
		{"C,A,2019,52,2019,156,M,99999999,0,H5,880240,6,C00,0,5\n", "partnerCode 99999999 unknown_partner"},
		{"C,A,2019,52,2019,156,M,842,0,S3,880240,6,C00,0,5\n", "classificationCode S3 not_hs"},
		{"C,A,2019,52,2019,156,M,842,0,H5,8802X0,6,C00,0,5\n", "cmdCode 8802X0 bad_code"},
		{"C,A,2019,52,2019,156,M,842,0,H5,88024012,8,C00,0,5\n", "cmdCode 88024012 bad_code"},
		{"C,A,2019,52,2019,156,M,842,0,H5,880299,6,C00,0,5\n", "cmdCode 880299 unknown_code"},
		{"C,A,2019,52,2019,156,M,842,0,H5,880240,4,C00,0,5\n", "aggrLevel 4 code_is_not_level"},
		{"C,A,2019,52,2019,156,M,842,0\n", "H5... too_few_fields"},
		{"C,A,2019,52,2019,156,M,842,0,H5,880240,6,C00,0,5,6\n", "... too_many_fields"},
	}
	var file strings.Builder
	file.WriteString(header + good)
	var want []string
	for i, l := range lines {
		file.WriteString(l.line)
		if i%4 == 0 {
			file.WriteString("\n") // a blank line is no row, but counts as a line
		}
		blank := (i + 3) / 4
		if !strings.Contains(l.want, "...") {
			want = append(want, fmt.Sprint(i+3+blank, " ", l.want))
			continue
		}
		reason := l.want[strings.LastIndex(l.want, " ")+1:]
		want = append(want, fmt.Sprint(i+3+blank, " ", reason, " ", strings.TrimSpace(l.line)))
	}
	file.WriteString("C,A,2019,52,2019,156,X,0,0,H5,880240,6,C00,0,300\n")
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "bad.csv"), []byte(file.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	c := configure(t, data)
	s := run(t, c)
	got := openWork(t, c, `SELECT concat_ws(' ', line, CASE WHEN reason LIKE 'too%fields' THEN reason || ' ' || value ELSE concat_ws(' ', column_name, value, reason) END)
		FROM rejects ORDER BY line`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if f := s.Files[0]; f.Read != int64(len(lines)+2) || f.Staged != 2 || f.Rejected != int64(len(lines)) {
		t.Errorf("%d rows read, %d staged, %d rejected: expected %d, 2, %d", f.Read, f.Staged, f.Rejected, len(lines)+2, len(lines))
	}
	facts := published(t, c, `SELECT imports_usd, exports_usd FROM '%s/import_dependence_hs6.parquet' WHERE hs6 = '880240'`)
	if diff := cmp.Diff([]string{"600 300"}, facts); diff != "" {
		t.Errorf("the good rows: %s", diff)
	}
}
