package pipeline_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"entrepot/fixtures"
	"entrepot/pipeline"
	"entrepot/pipeline/config"
	"entrepot/pipeline/engine"
	"entrepot/pipeline/job"
	"entrepot/pipeline/workspace"
	"entrepot/schemas/sqltext"
	"entrepot/transforms"
	"entrepot/transforms/portable/portabletest"
)

// What is made year by year is what is made in one go, of all tables that are said to be so
// made; of the others that have years, some are not.
func TestYearByYear(t *testing.T) {
	t.Parallel()
	tables := map[string]int{} // by table, the most years that one run had rows of
	differ := map[string]bool{}
	before := map[string]bool{} // by table that is made of the year before, too, whether it needs it
	for name, data := range map[string]fixtures.Dataset{
		"of UN Comtrade": {Format: "comtrade", Spelling: fixtures.Bulk, Rows: 10_000, Files: 20, Seed: 7, Bad: 0.01},
		"of BACI":        {Format: "baci", Rows: 10_000, Files: 10, Seed: 7, Bad: 0.01},
	} {
		dir := t.TempDir()
		if _, err := data.Write(t.Context(), filepath.Join(dir, "data")); err != nil {
			t.Fatal(err)
		}
		c := configure(t, filepath.Join(dir, "data"), "trade", "years", "world", "mirrored", "harmonize", "H4")
		run(t, c)
		compareYears(t, name, c, tables, differ, before)
	}
	c, _ := publishedSample(t)
	compareYears(t, "of the sample", c, tables, differ, before)
	for _, transform := range transforms.All() {
		switch {
		case transform.ByYear && differ[transform.Name]:
			t.Errorf("%s is not the same when it is made year by year", transform.Name)
		case transform.ByYear && tables[transform.Name] < 2 && !slices.Contains(emptyHere, transform.Name):
			t.Errorf("%s has rows of %d years: that shows nothing", transform.Name, tables[transform.Name])
		}
	}
	if !differ["growth"] {
		t.Error("growth looks at the first year, and is the same when it is made year by year: years are not told apart")
	}
	for name, needed := range before {
		if !needed && name != "unit_values" { // these files have no code with the five partners that its change needs
			t.Errorf("%s is the same when it is made of each year alone: it need not be made of the year before, too", name)
		}
	}
}

// emptyHere are tables that have rows of one of these files' years at most: what they list are
// faults, or gaps that these files don't have.
var emptyHere = []string{"check_levels", "check_partners", "import_headings", "manufactured_exports", "older_cells", "part_worlds", "partner_headings", "unconverted"}

// compareYears makes each table of a run year by year and compares it with what the run made.
func compareYears(t *testing.T, name string, c *config.Config, tables map[string]int, differ, before map[string]bool) {
	t.Helper()
	conn, done := portabletest.Look(t, workspace.Database(c.Out))
	defer done()
	parameters, err := portabletest.Parameters(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	var wrong int
	if err := conn.QueryRowContext(t.Context(), `WITH there AS (SELECT file_id, year FROM staged UNION SELECT file_id, year FROM unknown_partners)
		SELECT (SELECT count(*) FROM (FROM there EXCEPT ALL FROM file_years)) + (SELECT count(*) FROM (FROM file_years EXCEPT ALL FROM there))`).Scan(&wrong); err != nil || wrong > 0 {
		t.Errorf("%s file_years is wrong in %d rows, %v", name, wrong, err)
	}
	listed, err := engine.Query(t.Context(), conn, engine.Scan[string],
		"SELECT DISTINCT table_name FROM duckdb_columns() WHERE column_name = 'year' AND database_name = current_database()")
	if err != nil {
		t.Fatal(err)
	}
	with := map[string]bool{}
	for _, table := range listed {
		with[table] = true
	}
	for _, transform := range transforms.All() {
		if !transform.ByYear && transform.Name != "growth" {
			continue
		}
		years, same, err := yearByYear(t.Context(), conn, transform, with, parameters[transform.Name])
		if err != nil {
			t.Fatalf("%s %s: %v", transform.Name, name, err)
		}
		tables[transform.Name] = max(tables[transform.Name], years)
		if !same && transform.ByYear {
			t.Logf("%s differs %s", transform.Name, name)
		}
		differ[transform.Name] = differ[transform.Name] || !same
		if !transform.YearBefore {
			continue
		}
		transform.YearBefore = false
		if _, same, err = yearByYear(t.Context(), conn, transform, with, parameters[transform.Name]); err != nil {
			t.Fatalf("%s %s: %v", transform.Name, name, err)
		}
		before[transform.Name] = before[transform.Name] || !same
	}
}

// yearByYear makes a table of every third year's rows, three times, which costs a tenth of making
// it year by year and has no year beside another, either, but the one before where it is made of
// that, too. years is how many years it has; 0
// for a table without years; with are the tables that have them.
func yearByYear(ctx context.Context, conn *sql.Conn, of transforms.Transform, with map[string]bool, bound map[string]any) (years int, same bool, err error) {
	if !with[of.Name] {
		return 0, true, nil
	}
	var arguments []any
	for _, p := range slices.Sorted(maps.Keys(bound)) {
		arguments = append(arguments, sql.Named(p, bound[p]))
	}
	var database string
	if err := conn.QueryRowContext(ctx, "SELECT current_database()").Scan(&database); err != nil {
		return 0, false, err
	}
	if _, err := conn.ExecContext(ctx, "CREATE OR REPLACE TEMP TABLE made_by_year AS FROM "+sqltext.Name(of.Name)+" LIMIT 0"); err != nil {
		return 0, false, err
	}
	reads := slices.DeleteFunc(slices.Clone(of.Reads), func(table string) bool { return !with[table] })
	for rest := range 3 {
		before := rest
		if of.YearBefore {
			before = (rest + 2) % 3
		}
		for _, table := range reads {
			if _, err := conn.ExecContext(ctx, fmt.Sprintf("CREATE OR REPLACE TEMP VIEW %[1]s AS FROM %[2]s.main.%[1]s WHERE year %% 3 IN (%[3]d, %[4]d)", sqltext.Name(table), sqltext.Name(database), rest, before)); err != nil {
				return 0, false, err
			}
		}
		if _, err := conn.ExecContext(ctx, fmt.Sprintf("INSERT INTO made_by_year FROM (\n%s\n) WHERE year %% 3 = %d", of.SQL, rest), arguments...); err != nil {
			return 0, false, err
		}
	}
	for _, table := range reads {
		if _, err := conn.ExecContext(ctx, "DROP VIEW temp."+sqltext.Name(table)); err != nil {
			return 0, false, err
		}
	}
	err = conn.QueryRowContext(ctx, fmt.Sprintf(`SELECT count(DISTINCT year), (SELECT count(*) FROM (FROM %[1]s EXCEPT ALL FROM made_by_year)) + (SELECT count(*) FROM (FROM made_by_year EXCEPT ALL FROM %[1]s)) = 0
		FROM %[1]s`, sqltext.Name(of.Name))).Scan(&years, &same)
	return years, same, err
}

// A change in one year makes that year of the large tables, and no other; and the release is
// that of a run from nothing.
func TestOneYearChanged(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	set := fixtures.Dataset{Format: "comtrade", Spelling: fixtures.Bulk, Rows: 10_000, Files: 10, Seed: 3}
	if _, err := set.Write(t.Context(), filepath.Join(data, "in")); err != nil {
		t.Fatal(err)
	}
	c := configure(t, filepath.Join(data, "in"))
	run(t, c)
	files, err := filepath.Glob(filepath.Join(data, "in", "*2018*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files of 2018: %v, %v", files, err)
	}
	doubleValue(t, files[0])
	var log bytes.Buffer
	changed, err := pipeline.RunStages(t.Context(), c, job.Selection{}, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"code_sums", "measured_facts", "world_trade", "code_coverage"} {
		if !regexp.MustCompile(`msg="made table" table=` + table + ` .* years_made=1 years=10`).MatchString(log.String()) {
			t.Errorf("%s was not made of one year:\n%s", table, log.String())
		}
	}
	clean := configure(t, filepath.Join(data, "in"))
	if want := run(t, clean); changed.Release != want.Release {
		t.Errorf("release %s, of a run from nothing %s", changed.Release, want.Release)
	}
}

// doubleValue doubles the value of a row of China's trade with World in a code of six digits.
func doubleValue(t *testing.T, file string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(content), "\n")
	header := strings.Split(strings.TrimSuffix(lines[0], "\r"), "\t")
	at := func(name string) int { return slices.Index(header, name) }
	for i, line := range lines[1:] {
		fields := strings.Split(line, "\t")
		if len(fields) < len(header) || fields[at("reporterCode")] != "156" || fields[at("partnerCode")] != "0" || len(fields[at("cmdCode")]) != 6 {
			continue
		}
		fields[at("primaryValue")] = "1" + fields[at("primaryValue")]
		lines[i+1] = strings.Join(fields, "\t")
		if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatalf("%s has no row to change", file)
}
