package release

import (
	"testing"

	"entrepot/pipeline/engine"

	"github.com/google/go-cmp/cmp"
)

// A word that a version renamed is no change of every row that repeats it.
func TestWordsOfToday(t *testing.T) {
	for _, test := range []struct{ set, column, want string }{
		{"proposed", "code_basis", `replace("code_basis", 'proposed', 'corrected')`},
		{"corrected", "code_basis", `"code_basis"`},
		{"official", "code_basis", `"code_basis"`},
		{"proposed", "sector", `"sector"`},
	} {
		r := &Release{Manifest: &Manifest{Parameters: map[string]any{"conversion": test.set}}}
		if got := r.today(test.column); got != test.want {
			t.Errorf("conversion %s: column %s is %s, want %s", test.set, test.column, got, test.want)
		}
	}
}

// What became of a line between two releases, by what both list.
func TestChangedLines(t *testing.T) {
	db, err := engine.Open(t.Context(), "", engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const columns = "(year, hs6, flow, reporter, partner, reported_revision, reported_hs6, value_usd, used_usd, file)"
	lines, err := query("changed_lines.sql", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"CREATE SCHEMA a; CREATE SCHEMA b",
		`CREATE TABLE a.lines AS SELECT * FROM (VALUES
			(2019, '000001', 'X', 156, 0, 'H5', '000001', 10.0, 10.0, 'same.csv'),
			(2019, '000002', 'X', 156, 0, 'H5', '000002', 10.0, 10.0, 'old.csv'),
			(2019, '000003', 'X', 156, 0, 'H5', '000033', 10.0, 5.0, 'same.csv'),
			(2019, '000004', 'X', 156, 0, 'H5', '000044', 10.0, 10.0, 'same.csv'),
			(2019, '000006', 'X', 156, 0, 'H5', '000006', 10.0, 10.0, 'old.csv'),
			(2019, '000007', 'X', 276, 0, 'H5', '000007', 10.0, 10.0, 'germany.csv')) t` + columns,
		`CREATE TABLE b.lines AS SELECT * FROM (VALUES
			(2019, '000001', 'X', 156, 0, 'H5', '000001', 10.0, 10.0, 'renamed.csv'),
			(2019, '000002', 'X', 156, 0, 'H5', '000002', 12.0, 12.0, 'new.csv'),
			(2019, '000003', 'X', 156, 0, 'H5', '000033', 10.0, 10.0, 'same.csv'),
			(2019, '000014', 'X', 156, 0, 'H5', '000044', 10.0, 10.0, 'same.csv'),
			(2019, '000005', 'X', 156, 0, 'H5', '000005', 10.0, 10.0, 'new.csv'),
			(2019, '000008', 'X', 842, 0, 'H5', '000008', 10.0, 10.0, 'usa.csv')) t` + columns,
		lines,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	got, err := engine.Query(t.Context(), db, engine.Scan[string], "SELECT format('{} {} {}', hs6, cause, usd) FROM changed_lines ORDER BY ALL")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"000002 revised values in new.csv 2.0", "000003 HS conversion 5.0", "000004 HS conversion 10.0", "000005 new lines in new.csv 10.0",
		"000006 lines gone with old.csv 10.0", "000007 reporter 276 went, with germany.csv 10.0", "000008 reporter 842 came, in usa.csv 10.0",
		"000014 HS conversion 10.0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
