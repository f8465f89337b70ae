package pipeline_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/pipeline/release"
	"entrepot/schemas"
	"entrepot/schemas/sqltext"

	"github.com/google/go-cmp/cmp"
)

// Every published table is explained by a row of it, adds up from what stands behind
// it, and is compared with another release as its rows are.
func TestEveryTable(t *testing.T) {
	t.Parallel()
	data := sampleData(t)
	c := configure(t, data, "partner", "276", "exporters", "CHN,EU,USA")
	c.Markets = filepath.Join(t.TempDir(), "markets.csv")
	if err := os.WriteFile(c.Markets, []byte("sector,year,market_usd,source\nrail,2021,50000000,a survey\nrail,2023,60000000,a survey\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c.ValueAdded = filepath.Join(t.TempDir(), "tiva.csv")
	tiva := "MEASURE,VALUE_ADDED_SOURCE_AREA,VALUE_ADDED_SOURCE_ACTIVITY,FINAL_DEMAND_AREA,FINAL_DEMAND_ACTIVITY,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,UNIT_MULT\n" +
		"FD_VA,W,_T,CHN,C,USD,2021,500,6\nFD_VA,OECD,_T,CHN,C,USD,2021,50,6\n"
	if err := os.WriteFile(c.ValueAdded, []byte(tiva), 0o644); err != nil {
		t.Fatal(err)
	}
	c.Deflator = filepath.Join(t.TempDir(), "prices.csv")
	if err := os.WriteFile(c.Deflator, []byte("year,index\n2019,95.5\n2021,100\n2023,110\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	before := run(t, c)
	// The reporter's last year goes, and with it a reporter of world exports.
	if err := os.Remove(filepath.Join(data, "china_2023_from_dataframe.csv")); err != nil {
		t.Fatal(err)
	}
	set(t, c, "dependence_ratio", "3", "dominance_share", "0.2")
	run(t, c)
	for _, id := range []string{before.Release, ""} {
		r, err := release.Find(c.Out, id)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range schemas.Always() {
			explained(t, c.Out, r, o)
			addsUp(t, r, o)
			shown(t, c.Out, r, o)
		}
	}
	compared(t, c.Out, before.Release)
}

// shown shows all rows of a table, and the last one by its key.
func shown(t *testing.T, out string, r *release.Release, o schemas.Output) {
	t.Helper()
	s := release.Selection{Out: out, Release: r.ID, Table: o.Name}
	all, err := release.Show(t.Context(), s)
	if err != nil {
		t.Errorf("show %s: %v", o.Name, err)
		return
	}
	if want := r.Manifest.File(o.Name + ".parquet").Rows; int64(len(all.Rows)) != want || all.More != 0 {
		t.Errorf("show %s: %d rows and %d more, %d were published", o.Name, len(all.Rows), all.More, want)
	}
	if len(all.Rows) == 0 {
		return
	}
	last := all.Rows[len(all.Rows)-1]
	for _, column := range o.SortBy {
		if value := last.Value(column); value != nil {
			s.Filters = append(s.Filters, release.Filter{Column: column, Values: []string{fmt.Sprint(value)}})
		}
	}
	s.Most = 1
	one, err := release.Show(t.Context(), s)
	if err != nil || one.More != 0 {
		t.Errorf("show %s %v: %+v, %v", o.Name, s.Filters, one, err)
		return
	}
	if diff := cmp.Diff(last, one.Rows[0]); diff != "" {
		t.Errorf("show %s %v (-last +shown):\n%s", o.Name, s.Filters, diff)
	}
}

// explained asks why the last row of a table is what it is.
func explained(t *testing.T, out string, r *release.Release, o schemas.Output) {
	t.Helper()
	var columns []string
	for _, name := range o.SortBy {
		columns = append(columns, "CAST("+sqltext.Name(name)+" AS VARCHAR)")
	}
	keys := ask(t, "", fmt.Sprintf("SELECT concat_ws('|', %s) FROM %s ORDER BY ALL DESC LIMIT 1", strings.Join(columns, ", "), sqltext.Parquet(r.Path(o.Name))))
	if len(keys) == 0 {
		if o.Name != "missing_reporters" { // nobody is missing of the whole sample
			t.Errorf("table %s of release %s has no rows to explain", o.Name, r.ID)
		}
		return
	}
	q := release.Question{Out: out, Release: r.ID, Table: o.Name, Lines: true}
	for i, value := range strings.Split(keys[0], "|") {
		q.Where = append(q.Where, release.Condition{Column: o.SortBy[i], Value: value})
	}
	e, err := release.Explain(t.Context(), q)
	if err != nil {
		t.Errorf("explain %s: %v", o.Name, err)
		return
	}
	if e.Table != o.Name || len(e.Rows) != 1 || len(e.Rows[0]) != len(o.Columns) || len(e.Behind) != len(o.Behind) {
		t.Errorf("explain %s: %+v", o.Name, e)
	}
	for i, name := range o.SortBy {
		if got := fmt.Sprint(e.Rows[0].Value(name)); got != strings.TrimSuffix(q.Where[i].Value, ".0") {
			t.Errorf("explain %s: asked for %s %s, got %s", o.Name, name, q.Where[i].Value, got)
		}
	}
	if nothing := len(o.Behind) == 0 && o.Lines == ""; nothing != (e.Note != "") {
		t.Errorf("explain %s: the note is %q", o.Name, e.Note)
	}
}

// addsUp adds what stands behind the rows of a table.
func addsUp(t *testing.T, r *release.Release, o schemas.Output) {
	t.Helper()
	for _, e := range o.Behind {
		if e.Part == "" {
			continue
		}
		differ := ask(t, "", fmt.Sprintf(`SELECT count(*) FROM (
				SELECT r.%[3]s AS part, r.%[4]s AS whole, sum(%[5]s) AS part_behind, sum(%[6]s) AS whole_behind
				FROM %[1]s r LEFT JOIN %[2]s e ON %[7]s
				GROUP BY %[8]s, part, whole)
			WHERE abs(coalesce(part, 0) - coalesce(part_behind, 0)) > 0.01 OR abs(coalesce(whole, 0) - coalesce(whole_behind, 0)) > 0.01`,
			sqltext.Parquet(r.Path(o.Name)), sqltext.Parquet(r.Path(e.Output)), o.Ratio.Part, o.Ratio.Of, e.Part, e.Of, e.Tie(), "r."+strings.Join(o.SortBy, ", r.")))
		if differ[0] != "0" {
			t.Errorf("%s: of %s rows, the sums of %s are not part and whole", o.Name, differ[0], e.Output)
		}
	}
}

// compared compares the current release with another, in whole and cut short.
func compared(t *testing.T, out, before string) {
	t.Helper()
	d, err := release.Diff(t.Context(), release.Comparison{Out: out, From: before})
	if err != nil {
		t.Fatal(err)
	}
	a, err := release.Find(out, before)
	if err != nil {
		t.Fatal(err)
	}
	b, err := release.Find(out, "")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]release.TableChange{}
	for _, table := range d.Tables {
		found[table.Table] = table
		for _, row := range table.Rows {
			sum := 0.0
			for _, cause := range row.Causes {
				sum += cause.Share
			}
			if sum < 0.999 || sum > 1.001 || (len(row.Columns) > 0) != (row.Change == "changed") || (len(row.Values) > 0) == (row.Change == "changed") {
				t.Errorf("%s %v %s: columns %v, values %v, causes %v", table.Table, row.Key, row.Change, row.Columns, row.Values, row.Causes)
			}
		}
	}
	for _, o := range schemas.Always() {
		old, now := sqltext.Parquet(a.Path(o.Name)), sqltext.Parquet(b.Path(o.Name))
		rows := ask(t, "", fmt.Sprintf("SELECT (SELECT count(*) FROM (FROM %[1]s EXCEPT FROM %[2]s)) + (SELECT count(*) FROM (FROM %[2]s EXCEPT FROM %[1]s))", old, now))
		table := found[o.Name]
		if got := fmt.Sprint(2*table.Changed + table.New + table.Gone); got != rows[0] || len(table.Rows) != table.Changed+table.New+table.Gone {
			t.Errorf("%s: %d rows changed, %d are new, %d gone, %d are listed; %s differ", o.Name, table.Changed, table.New, table.Gone, len(table.Rows), rows[0])
		}
	}
	for _, o := range []string{"import_dependence", "dominance", "vulnerabilities", "ratings", "coverage", "missing_reporters", "lines"} {
		if len(found[o].Rows) == 0 {
			t.Errorf("no row of %s changed", o)
		}
	}
	short, err := release.Diff(t.Context(), release.Comparison{Out: out, From: before, Tables: []string{"figure14"}, Most: 2})
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"import_dependence", "import_dependence_hs6", "import_dependence_sensitivity"} {
		table := short.Tables[i]
		if table.Table != name || len(table.Rows) != 2 || table.Changed != found[name].Changed || !cmp.Equal(table.Rows, found[name].Rows[:2]) {
			t.Errorf("cut short: %+v, expected the first two rows of %s", table, name)
		}
	}
}
