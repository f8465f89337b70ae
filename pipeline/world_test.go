package pipeline

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"entrepot/fixtures"
	"entrepot/fixtures/sample"
	"entrepot/pipeline/job"
	"entrepot/schemas"
	"entrepot/transforms"

	"entrepot/pipeline/config"
	_ "github.com/duckdb/duckdb-go/v2"
)

// runOn runs the pipeline on rows, with settings as in "world=mirrored", and
// opens what it made.
func runOn(t *testing.T, rows []fixtures.Row, settings ...string) (*Summary, asked) {
	t.Helper()
	return runAndOpen(t, configuredOn(t, rows, settings))
}

// tablesOn has the tables of rows, and publishes nothing: those that are asked for are made.
func tablesOn(t *testing.T, rows []fixtures.Row, settings ...string) asked {
	t.Helper()
	return &tables{t: t, config: configuredOn(t, rows, settings), made: map[string]bool{}}
}

// allTablesOn makes and checks all tables of rows, and publishes nothing.
func allTablesOn(t *testing.T, rows []fixtures.Row, settings ...string) asked {
	t.Helper()
	return checkAndOpen(t, configuredOn(t, rows, settings))
}

// asked is a database, or tables that become one.
type asked interface {
	Query(query string, args ...any) (*sql.Rows, error)
}

// tables are made when a query names them, with what they need. Most tests look at two or
// three of eighty, and to make all takes longer than to read the files.
type tables struct {
	t      *testing.T
	config *config.Config
	made   map[string]bool
	db     *sql.DB // nil: nothing is read yet
}

var words = regexp.MustCompile(`\w+`)

// Query makes what the query names and is not made, and answers it.
func (m *tables) Query(query string, args ...any) (*sql.Rows, error) {
	m.t.Helper()
	var missing []string
	for _, name := range words.FindAllString(query, -1) {
		// What the first table that reads a view needs is all that stands behind the view.
		at := slices.IndexFunc(transforms.All(), func(t transforms.Transform) bool { return t.Name == name || slices.Contains(t.Reads, name) })
		if at >= 0 && !m.made[name] {
			m.made[name] = true
			missing = append(missing, transforms.All()[at].Name)
		}
	}
	if len(missing) > 0 {
		m.make(missing)
	}
	return m.db.Query(query, args...)
}

func (m *tables) make(names []string) {
	m.t.Helper()
	log := slog.New(slog.DiscardHandler)
	if m.db == nil {
		if _, err := RunStages(m.t.Context(), m.config, job.Selection{Only: job.StageExtract}, log); err != nil {
			m.t.Fatal(err)
		}
	} else if err := m.db.Close(); err != nil {
		m.t.Fatal(err)
	}
	if _, err := RunStages(m.t.Context(), m.config, job.Selection{Only: job.StageTransform, Steps: names}, log); err != nil {
		m.t.Fatal(err)
	}
	m.db = openWorkspace(m.t, m.config)
}

// configuredOn is a configuration with a data folder of these rows.
func configuredOn(t *testing.T, rows []fixtures.Row, settings []string) *config.Config {
	t.Helper()
	c := configured(t, settings)
	if err := os.MkdirAll(c.Data, 0o755); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(c.Data, "rows.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if err := fixtures.WriteComtrade(file, fixtures.API, rows); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return c
}

// tablesOfSample does the same as tablesOn on the built-in sample.
func tablesOfSample(t *testing.T, settings ...string) asked {
	t.Helper()
	c := configured(t, settings)
	if err := sample.Write(c.Data); err != nil {
		t.Fatal(err)
	}
	return &tables{t: t, config: c, made: map[string]bool{}}
}

func configured(t *testing.T, settings []string) *config.Config {
	t.Helper()
	dir := t.TempDir()
	c := config.New()
	c.IsWhole = func(string) bool { return true } // a few rows stand for all
	c.Data, c.Out = filepath.Join(dir, "data"), filepath.Join(dir, "out")
	c.MaxRejects, c.AllowFewerReporters = "100%", true // guards have tests of their own
	for _, setting := range settings {
		key, value, _ := strings.Cut(setting, "=")
		for _, s := range config.Settings() {
			if s.Key == key {
				if err := c.Set(s, value, "test"); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return c
}

func runAndOpen(t *testing.T, c *config.Config) (*Summary, *sql.DB) {
	t.Helper()
	s, err := Run(context.Background(), c, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return s, openWorkspace(t, c)
}

func checkAndOpen(t *testing.T, c *config.Config) *sql.DB {
	t.Helper()
	if _, err := Check(context.Background(), c, slog.New(slog.NewTextHandler(io.Discard, nil))); err != nil {
		t.Fatal(err)
	}
	return openWorkspace(t, c)
}

func openWorkspace(t *testing.T, c *config.Config) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", filepath.Join(c.Out, "work", "entrepot.duckdb")+"?access_mode=READ_ONLY")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// ask gives a query's rows as lines of cells with a blank between.
func ask(t *testing.T, db asked, query string, args ...any) string {
	t.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for rows.Next() {
		cells := make([]any, len(columns))
		targets := make([]any, len(columns))
		for i := range cells {
			targets[i] = &cells[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		var line []string
		for _, c := range cells {
			line = append(line, fmt.Sprint(c))
		}
		lines = append(lines, strings.Join(line, " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// usd makes a World row of an H4 code worth so many dollars.
func usd(year, reporter int, flow string, partner int, code string, dollars int64) fixtures.Row {
	return fixtures.Row{Year: year, Reporter: reporter, Flow: flow, Partner: partner, Revision: "H4", Code: code, Mills: dollars * 1000}
}

func contains(warnings []string, part string) bool {
	return strings.Contains(strings.Join(warnings, "\n"), part)
}

// Half of the reporters have not reported 2016 yet. The year must carry the flag,
// and say who is missing and how much that is.
func TestHalfArrivedYear(t *testing.T) {
	t.Parallel()
	var rows []fixtures.Row
	// China, Germany, Japan, Korea: 40, 30, 20, 10 in 2015; Germany and Korea are missing in 2016.
	for i, reporter := range []int{156, 276, 392, 410} {
		rows = append(rows, usd(2015, reporter, "X", 0, "854231", int64(40-10*i)))
		if reporter != 276 && reporter != 410 {
			rows = append(rows, usd(2016, reporter, "X", 0, "854231", int64(40-10*i)))
		}
	}
	s, db := runOn(t, rows)
	got := ask(t, db, `SELECT year, reporters, reporters_most, coverage, reporters_missing, value_coverage, largest_missing,
		round(largest_missing_share, 6), largest_missing_names, low_coverage FROM coverage ORDER BY year`)
	want := "2015 4 4 1 0 1 0 0  false\n" +
		"2016 2 4 0.5 2 0.6 2 0.4 Germany (30.0% in 2015); Rep. of Korea (10.0% in 2015) true"
	if got != want {
		t.Errorf("coverage:\n%s\nwant\n%s", got, want)
	}
	got = ask(t, db, `SELECT year, low_coverage, codes_dominated FROM dominance WHERE codes_exported > 0 ORDER BY year`)
	if want = "2015 false 1\n2016 true 1"; got != want {
		t.Errorf("dominance:\n%s\nwant\n%s", got, want)
	}
	if !contains(s.Warnings, "2016 (2 of 4 reporters, 60% of exports by value; missing of the largest twenty: Germany") {
		t.Errorf("no warning of the half-arrived year: %q", s.Warnings)
	}
	// With a lower bar, the same year passes.
	db = tablesOn(t, rows, "min_coverage=50%")
	if got := ask(t, db, "SELECT bool_or(low_coverage) FROM coverage"); got != "false" {
		t.Errorf("low_coverage at 50%%: %s", got)
	}
}

// Germany is missing in 2016. Its partners report imports from it under two codes,
// some of them in FOB; what is worth knowing is worked out by hand.
func TestMirroredWorldExports(t *testing.T) {
	t.Parallel()
	rows := []fixtures.Row{
		usd(2015, 156, "X", 0, "854231", 500), usd(2015, 276, "X", 0, "854231", 1000),
		usd(2016, 156, "X", 0, "854231", 500),
		usd(2016, 156, "M", 276, "854231", 212),  // / 1.06 = 200
		usd(2016, 842, "M", 280, "854231", 106),  // Germany's code of before 1991: / 1.06 = 100
		usd(2016, 392, "M", 276, "854231", 1060), // / 1.06 = 1000
		usd(2016, 392, "M", 156, "854231", 9999), // China reports itself
		usd(2016, 392, "M", 899, "854231", 9999), // areas n.e.s. are no reporter
		usd(2016, 392, "M", 0, "854231", 99999),
		usd(2016, 276, "M", 276, "854231", 9999), // its trade with itself is not an export
		usd(2016, 392, "M", 158, "854231", 53),   // Taiwan is reporter 490: / 1.06 = 50
	}
	s, db := runOn(t, rows, "world=mirrored")
	got := ask(t, db, `SELECT year, reporter, value_usd, mirrored FROM world_exports ORDER BY ALL`)
	want := "2015 156 500 false\n2015 276 1000 false\n2016 156 500 false\n2016 276 1300 true\n2016 490 50 true"
	if got != want {
		t.Errorf("world exports:\n%s\nwant\n%s", got, want)
	}
	got = ask(t, db, `SELECT year, world, reporters, reporters_mirrored, round(mirrored_share, 6), world_exports_usd FROM coverage ORDER BY year`)
	if want = "2015 mirrored 2 0 0 1500\n2016 mirrored 1 2 0.72973 1850"; got != want { // 1350 / 1850
		t.Errorf("coverage:\n%s\nwant\n%s", got, want)
	}
	got = ask(t, db, `SELECT year, exports_usd, world_exports_usd, mirrored_usd, dominated FROM dominance_hs6 ORDER BY year`)
	if want = "2015 500 1500 0 true\n2016 500 1850 1350 false"; got != want {
		t.Errorf("dominance:\n%s\nwant\n%s", got, want)
	}
	if !contains(s.Warnings, "2016 (2 reporters, 73.0% of world exports)") {
		t.Errorf("no warning of what is filled in: %q", s.Warnings)
	}
	db = tablesOn(t, rows, "world=mirrored", "cif_fob=1")
	if got := ask(t, db, "SELECT value_usd FROM world_exports WHERE mirrored AND reporter = 276"); got != "1378" {
		t.Errorf("with a factor of 1, Germany's exports are %s, want 1378", got)
	}
	db = tablesOn(t, rows)
	if got := ask(t, db, "SELECT count(*) FROM world_exports WHERE mirrored"); got != "0" {
		t.Errorf("%s rows are filled in without being asked for", got)
	}
}

func TestEUInternalTrade(t *testing.T) {
	t.Parallel()
	rows := []fixtures.Row{
		usd(2016, 276, "X", 0, "854231", 1000), usd(2016, 276, "X", 251, "854231", 300), usd(2016, 276, "X", 826, "854231", 100),
		usd(2016, 276, "X", 842, "854231", 600),
		usd(2016, 251, "X", 0, "854231", 400), // no partners: stays whole
		usd(2016, 156, "X", 0, "854231", 500), usd(2016, 156, "X", 276, "854231", 500),
		usd(2016, 156, "M", 40, "854231", 106), usd(2016, 276, "M", 40, "854231", 999), // Austria is missing; Germany's imports from it are internal
	}
	for _, test := range []struct{ membership, want string }{
		{"today", "40 100 0 true\n156 500 0 false\n251 400 0 false\n276 700 300 false"},
		{"then", "40 100 0 true\n156 500 0 false\n251 400 0 false\n276 600 400 false"}, // the United Kingdom was a member
	} {
		s, db := runOn(t, rows, "eu_internal=out", "world=mirrored", "membership="+test.membership)
		if got := ask(t, db, "SELECT reporter, value_usd, eu_internal_usd, mirrored FROM world_exports ORDER BY ALL"); got != test.want {
			t.Errorf("%s: world exports:\n%s\nwant\n%s", test.membership, got, test.want)
		}
		if !contains(s.Warnings, "France has years without exports by partner") {
			t.Errorf("no warning of France: %q", s.Warnings)
		}
	}
}

// Codes of areas that passed to others count by the year.
func TestSuccessions(t *testing.T) {
	t.Parallel()
	rows := []fixtures.Row{
		usd(2010, 736, "X", 0, "854231", 10), usd(2013, 729, "X", 0, "854231", 10), // Sudan: neither is missing in the other's year
		usd(2010, 156, "M", 736, "854231", 1), usd(2013, 156, "M", 736, "854231", 2), usd(2013, 156, "M", 729, "854231", 3),
		usd(2010, 156, "X", 0, "854231", 10), usd(2013, 156, "X", 0, "854231", 10),
		usd(2013, 56, "X", 0, "854231", 10), usd(2013, 156, "M", 58, "854231", 99), // Belgium reports: Belgium-Luxembourg is not filled in
		usd(2013, 156, "M", 891, "854231", 53), // neither Serbia nor Montenegro reports
		usd(2013, 840, "X", 0, "854231", 7),    // a source that has the ISO code
	}
	db := tablesOn(t, rows, "world=mirrored")
	got := ask(t, db, `SELECT year, partner, sum(value_usd) FROM facts WHERE flow = 'M' GROUP BY ALL ORDER BY ALL`)
	if want := "2010 736 1\n2013 58 99\n2013 729 5\n2013 891 53"; got != want {
		t.Errorf("imports by partner:\n%s\nwant\n%s", got, want)
	}
	got = ask(t, db, `SELECT year, reporter, value_usd, mirrored FROM world_exports ORDER BY ALL`)
	if want := "2010 156 10 false\n2010 736 10 false\n2013 56 10 false\n2013 156 10 false\n2013 729 10 false\n2013 842 7 false\n2013 891 50 true"; got != want {
		t.Errorf("world exports:\n%s\nwant\n%s", got, want)
	}
	if got := ask(t, db, "SELECT year, string_agg(name, ',' ORDER BY name) FROM missing_reporters GROUP BY year ORDER BY year"); got != "2010 Belgium,USA" {
		t.Errorf("missing reporters: %q, want Belgium and the USA in 2010 only", got)
	}
}

// What is filtered by the codes that the files have, or added up by them, is what the
// areas that took over from others have: Germany has rows as 276 and as 280, France as
// 250 and 251.
func TestFilteredByCodesOfTheFiles(t *testing.T) {
	t.Parallel()
	month := usd(2013, 280, "M", 0, "854231", 3)
	month.Month = 5
	rows := []fixtures.Row{month,
		usd(2013, 280, "X", 0, "854231", 10), usd(2013, 280, "X", 250, "854231", 4), usd(2013, 276, "X", 156, "854231", 6),
		usd(2013, 280, "M", 0, "854231", 8), usd(2013, 276, "M", 251, "854231", 5), usd(2013, 280, "M", 276, "854231", 1),
		usd(2013, 156, "X", 280, "854231", 7), usd(2013, 392, "X", 276, "854231", 2), usd(2013, 156, "X", 0, "854231", 7),
		usd(2013, 156, "M", 280, "854231", 9), usd(2013, 156, "M", 842, "854231", 9), // of no measure of Germany
		usd(2013, 276, "M", 250, "TOTAL", 3),
	}
	db := tablesOn(t, rows, "reporter=DEU")
	const columns = "reporter, partner, flow, year, hs_revision, hs6, value_usd, net_weight_kg, weight_estimated, file_id, line"
	const definition = "SELECT " + columns + " FROM facts WHERE month = 0 AND (partner = 0 OR reporter = 276 OR partner = 276 AND flow = 'X')"
	for _, query := range []string{definition + " EXCEPT ALL FROM measured_facts", "FROM measured_facts EXCEPT ALL " + definition} {
		if got := ask(t, db, query); got != "" {
			t.Errorf("%s:\n%s", query, got)
		}
	}
	if got := ask(t, db, "SELECT reporter, flow, partner, value_usd FROM measured_facts ORDER BY ALL"); got !=
		"156 X 0 7\n156 X 276 7\n276 M 0 8\n276 M 251 5\n276 M 276 1\n276 X 0 10\n276 X 156 6\n276 X 251 4\n392 X 276 2" {
		t.Errorf("facts to measure:\n%s", got)
	}
	if got := ask(t, db, "SELECT gross_exports_usd, internal_usd, exports_usd FROM group_exports WHERE exporter = 'EU' AND gross_exports_usd > 0"); got != "10 4 6" {
		t.Errorf("exports of the EU, inside of it, and to others: %s", got)
	}
	if got := ask(t, db, "SELECT reporter, partner, usd, total FROM level_sums WHERE usd > total + 1"); got != "276 251 5 3" {
		t.Errorf("codes that add up to more than their total: %s", got)
	}
}

// Whatever the mode, each reporter's trade is the same to the tenth of a cent, and
// what has no counterpart is listed.
func TestHarmonizingConservesValue(t *testing.T) {
	t.Parallel()
	reference, err := schemas.Load(schemas.Files{})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(5, 6))
	revision := map[int][]string{156: {"H4", "H5", "H6"}, 276: {"H4", "H4", "H5"}, 842: {"H5", "H5", "H6"}, 368: {"H0", "H1", "H2"}, 12: {"H3", "H3", "H3"}}
	var rows []fixtures.Row
	want, exports := map[string]int64{}, int64(0)
	for reporter, revisions := range revision {
		for i, r := range revisions {
			for _, c := range reference.Codes {
				if c.Revision != r || rng.IntN(8) > 0 {
					continue
				}
				for _, flow := range []string{"M", "X"} {
					row := fixtures.Row{Year: 2016 + 3*i, Reporter: reporter, Flow: flow, Revision: r, Code: c.HS6, Mills: rng.Int64N(1_000_000_000_000)}
					rows = append(rows, row)
					want[fmt.Sprintf("%d %s %d", reporter, flow, row.Year)] += row.Mills
					if flow == "X" {
						exports += row.Mills
					}
				}
			}
		}
	}
	// Two lag behind: one in H0 to H2, which has no newer years than these, one in H3.
	bases := map[string]string{"H1": "own, world", "H2": "own, world", "H3": "world", "H4": "world", "H5": "own, world", "H6": "own, world"}
	for _, mode := range append(reference.Revisions.IDs(), "families", "as-reported") {
		db := allTablesOn(t, rows, "harmonize="+mode)
		got := map[string]string{}
		for line := range strings.SplitSeq(ask(t, db, `
			SELECT reporter, flow, year, CAST(sum(value_usd) * 1000 AS BIGINT)
			FROM (SELECT reporter, flow, year, value_usd FROM world_trade UNION ALL SELECT reporter, flow, year, value_usd FROM unconverted)
			GROUP BY ALL`), "\n") {
			at := strings.LastIndexByte(line, ' ')
			got[line[:at]] = line[at+1:]
		}
		for key, mills := range want {
			if got[key] != fmt.Sprint(mills) {
				t.Errorf("%s, %s: %s mills, want %d", mode, key, got[key], mills)
			}
		}
		// World exports have all reporters, those that lag behind with older revisions too.
		if got := ask(t, db, `
			SELECT list_sort(list(DISTINCT reporter))::VARCHAR,
			       (SELECT sum(value_usd) FROM world_exports) + coalesce((SELECT sum(value_usd) FROM unconverted WHERE flow = 'X'), 0)
			FROM world_exports`); got != fmt.Sprintf("[12, 156, 276, 368, 842] %d.%03d", exports/1000, exports%1000) {
			t.Errorf("%s: world exports %s, want those of all reporters, %d mills", mode, got, exports)
		}
		// One code of each of three revisions has no newer counterpart.
		if n := ask(t, db, "SELECT count(*) FROM unconverted WHERE hs6 NOT IN ('140390', '291636', '300219')"); n != "0" {
			t.Errorf("%s: %s codes have no counterpart", mode, n)
		}
		older := !slices.Contains([]string{"H0", "families", "as-reported"}, mode)
		if split := ask(t, db, "SELECT sum(split_usd) > 0 FROM world_trade"); split != fmt.Sprint(older) {
			t.Errorf("%s: value crossed a split: %s", mode, split)
		}
		if got := ask(t, db, "SELECT coalesce(split_bases(list(DISTINCT split_basis(basis))), '') FROM split_shares WHERE split_basis(basis) <> 'equal'"); got != bases[mode] {
			t.Errorf("%s: shares of %q, want %q", mode, got, bases[mode])
		}
	}
}
