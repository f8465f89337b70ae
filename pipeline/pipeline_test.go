package pipeline_test

import (
	"database/sql"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"entrepot/fixtures"
	"entrepot/fixtures/sample"
	"entrepot/pipeline"

	"entrepot/pipeline/config"
	_ "github.com/duckdb/duckdb-go/v2"
)

var update = flag.Bool("update", false, "rewrite the golden files; read the difference before you commit it")

// configure is a configuration for data in a new output folder.
func configure(t *testing.T, data string, settings ...string) *config.Config {
	t.Helper()
	c := config.New()
	c.IsWhole = func(string) bool { return true } // a few rows stand for all
	c.Data, c.Out = data, filepath.Join(t.TempDir(), "out")
	c.MaxRejects, c.AllowFewerReporters = "100%", true // guards have tests of their own
	set(t, c, settings...)
	return c
}

// set takes pairs of a key and a value.
func set(t *testing.T, c *config.Config, settings ...string) {
	t.Helper()
	for i := 0; i < len(settings); i += 2 {
		found := false
		for _, s := range config.Settings() {
			if s.Key == settings[i] {
				found = true
				if err := c.Set(s, settings[i+1], "test"); err != nil {
					t.Fatal(err)
				}
			}
		}
		if !found {
			t.Fatalf("there is no setting %s", settings[i])
		}
	}
}

func run(t *testing.T, c *config.Config) *pipeline.Summary {
	t.Helper()
	s, err := pipeline.Run(t.Context(), c, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// copyOf is a configuration with folders of its own, of the data and of what another one's run
// made of them. To copy costs a hundredth of a run.
func copyOf(t *testing.T, c *config.Config) *config.Config {
	t.Helper()
	mine := *c
	mine.Data, mine.Out = filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "out")
	for from, to := range map[string]string{c.Data: mine.Data, c.Out: mine.Out} {
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	return &mine
}

// The sample as it is published without a setting, which many tests begin with.
var inCommon struct {
	once    sync.Once
	config  *config.Config
	summary *pipeline.Summary
}

// publishedSample is a copy of the built-in sample and of what a run has made of it, with
// which a test may do what it likes, and what the run said.
func publishedSample(t *testing.T) (*config.Config, *pipeline.Summary) {
	t.Helper()
	inCommon.once.Do(func() {
		dir, err := os.MkdirTemp("", "entrepot-sample-")
		if err != nil {
			t.Fatal(err)
		}
		c := configure(t, filepath.Join(dir, "data"))
		c.Out = filepath.Join(dir, "out")
		if err := sample.Write(c.Data); err != nil {
			t.Fatal(err)
		}
		inCommon.config, inCommon.summary = c, run(t, c)
	})
	if inCommon.summary == nil {
		t.Fatal("the run of the sample failed in another test")
	}
	s := *inCommon.summary
	return copyOf(t, inCommon.config), &s
}

// TestMain removes what the tests have in common. Go collects garbage less often: what is in use
// all the time, such as the code lists, is most of the memory, and to look through it costs more than it frees.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	code := m.Run()
	if c := inCommon.config; c != nil {
		if err := os.RemoveAll(filepath.Dir(c.Out)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// sampleData is a folder with the built-in sample.
func sampleData(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := sample.Write(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// write makes a file of rows.
func write(t *testing.T, path string, spelling fixtures.Spelling, rows []fixtures.Row) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := fixtures.WriteComtrade(file, spelling, rows); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// published asks the newest release with DuckDB. %s in the query stands for the
// release folder.
func published(t *testing.T, c *config.Config, query string, args ...any) []string {
	t.Helper()
	return ask(t, "", strings.ReplaceAll(query, "%s", filepath.Join(c.Out, "current")), args...)
}

// workspace asks the workspace's DuckDB file.
func openWork(t *testing.T, c *config.Config, query string, args ...any) []string {
	t.Helper()
	return ask(t, filepath.Join(c.Out, "work", "entrepot.duckdb")+"?access_mode=read_only", query, args...)
}

// ask returns each row as its values with a blank between them.
func ask(t *testing.T, database, query string, args ...any) []string {
	t.Helper()
	if database == "" {
		db, err := nowhere()
		if err != nil {
			t.Fatal(err)
		}
		return askIn(t, db, query, args...)
	}
	db, err := sql.Open("duckdb", database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return askIn(t, db, query, args...)
}

// nowhere is a database of nothing, for questions to files. To open one takes as long as to
// answer several. Files are read anew each time, as tests write others in their place.
var nowhere = sync.OnceValues(func() (*sql.DB, error) {
	return sql.Open("duckdb", "?threads=1&enable_external_file_cache=false")
})

func askIn(t *testing.T, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		values := make([]any, len(columns))
		targets := make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		out = append(out, strings.TrimSuffix(fmt.Sprintln(values...), "\n"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func sorted(lines []string) []string {
	slices.Sort(lines)
	return lines
}
