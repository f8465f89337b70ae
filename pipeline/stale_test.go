package pipeline_test

import (
	"context"
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"entrepot/fixtures"
	"entrepot/pipeline"
	"entrepot/transforms"

	"entrepot/pipeline/config"
	"entrepot/pipeline/job"
	"github.com/google/go-cmp/cmp"
)

// recorder is a log handler that notes which steps ran.
type recorder struct {
	slog.Handler
	mu    sync.Mutex
	steps []string
}

func (r *recorder) Enabled(context.Context, slog.Level) bool { return true }

func (r *recorder) Handle(_ context.Context, record slog.Record) error {
	if record.Message != "made table" && record.Message != "read file" {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	record.Attrs(func(a slog.Attr) bool {
		r.steps = append(r.steps, a.Value.String())
		return false // the first names the step
	})
	return nil
}

// behind lists tables and all that is made of them.
func behind(tables ...string) []string {
	stale := slices.Clone(tables)
	for _, t := range transforms.All() {
		if slices.ContainsFunc(t.Needs, func(need string) bool { return slices.Contains(stale, need) }) && !slices.Contains(stale, t.Name) {
			stale = append(stale, t.Name)
		}
	}
	slices.Sort(stale)
	return stale
}

// without lists the names that are not among the others.
func without(names, others []string) (rest []string) {
	for _, name := range names {
		if !slices.Contains(others, name) {
			rest = append(rest, name)
		}
	}
	return rest
}

func readsStaged() []string {
	var tables []string
	for _, t := range transforms.All() {
		if t.Staged {
			tables = append(tables, t.Name)
		}
	}
	return tables
}

func readsReference(table string) []string {
	var tables []string
	for _, t := range transforms.All() {
		if slices.Contains(t.Reference, table) {
			tables = append(tables, t.Name)
		}
	}
	return tables
}

// Every cause of staleness makes the steps run that depend on it, and no step that does
// not; what is made of a table that came out as it was need not be made. The plan names
// all that may run, and after the run there is nothing left to do.
func TestStaleness(t *testing.T) {
	t.Parallel()
	alter := func(query string) func(*testing.T, *config.Config) {
		return func(t *testing.T, c *config.Config) {
			db, err := sql.Open("duckdb", filepath.Join(c.Out, "work", "entrepot.duckdb"))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec(query); err != nil {
				t.Fatal(err)
			}
		}
	}
	setting := func(key, value string) func(*testing.T, *config.Config) {
		return func(t *testing.T, c *config.Config) { set(t, c, key, value) }
	}
	other := base()
	other[0].Mills *= 3
	data, rows := t.TempDir(), base()
	for i, name := range []string{"a.csv", "b.csv", "c.csv"} {
		write(t, filepath.Join(data, name), fixtures.API, rows[2*i:2*i+2])
	}
	sound := configure(t, data)
	run(t, sound)
	for _, test := range []struct {
		name   string
		change func(t *testing.T, c *config.Config)
		files  []string
		tables []string
		why    string // a part of what the plan says
		fresh  bool   // whether a new release is written
	}{
		{name: "nothing", change: func(*testing.T, *config.Config) {}},
		{name: "a file is touched", change: func(t *testing.T, c *config.Config) {
			if err := os.Chtimes(filepath.Join(c.Data, "b.csv"), time.Now(), time.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "a new file", files: []string{"d.csv"}, tables: readsStaged(), why: "new file", fresh: true,
			change: func(t *testing.T, c *config.Config) {
				write(t, filepath.Join(c.Data, "d.csv"), fixtures.API, other)
			}},
		{name: "a changed file", files: []string{"b.csv"}, tables: readsStaged(), why: "changed file", fresh: true,
			change: func(t *testing.T, c *config.Config) {
				write(t, filepath.Join(c.Data, "b.csv"), fixtures.API, other)
			}},
		{name: "a file is gone", tables: readsStaged(), why: "the file is gone", fresh: true,
			change: func(t *testing.T, c *config.Config) {
				if err := os.Remove(filepath.Join(c.Data, "b.csv")); err != nil {
					t.Fatal(err)
				}
			}},
		{name: "the threshold of dominance", change: setting("dominance_share", "40%"), tables: []string{"dominance_hs6"},
			why: `parameter dominance_share is "0.4", was "0.3"`, fresh: true},
		{name: "the ratio of import dependence", change: setting("dependence_ratio", "3"), tables: []string{"import_dependence_hs6"},
			why: `parameter dependence_ratio is "3", was "2"`, fresh: true},
		{name: "one transform's SQL", tables: []string{"dominance_hs6"}, why: "its SQL changed",
			change: alter(`UPDATE steps SET fingerprint = 'other', parts = regexp_replace(parts, '"its SQL","Value":"[0-9a-f]*"', '"its SQL","Value":"other"') WHERE name = 'transform dominance_hs6'`)},
		{name: "the reader's code", change: alter("UPDATE files SET fingerprint = 'other'"), files: []string{"a.csv", "b.csv", "c.csv"}, tables: readsStaged(), why: "the reader or the reference tables"},
		{name: "the sector list", tables: readsReference("sectors"), why: "reference table sectors changed", fresh: true,
			change: func(t *testing.T, c *config.Config) {
				c.Sectors = filepath.Join(t.TempDir(), "sectors.csv")
				if err := os.WriteFile(c.Sectors, []byte("sector,hs_revision,hs6,reason\nplanes,H4,880240,x\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}},
		{name: "a missing release", why: "it is not there", fresh: true,
			change: func(t *testing.T, c *config.Config) {
				if err := os.RemoveAll(filepath.Join(c.Out, "releases")); err != nil {
					t.Fatal(err)
				}
			}},
		{name: "threads and memory", change: func(t *testing.T, c *config.Config) { set(t, c, "threads", "1", "memory_limit", "1GiB") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := copyOf(t, sound)
			test.change(t, c)
			plan, err := pipeline.Plan(t.Context(), c, job.Selection{}, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			var log recorder
			s, err := pipeline.Run(t.Context(), c, slog.New(&log))
			if err != nil {
				t.Fatal(err)
			}
			certain := append(slices.Clone(test.files), test.tables...)
			possible := append(slices.Clone(test.files), behind(test.tables...)...)
			if missing := without(certain, log.steps); len(missing) > 0 {
				t.Errorf("steps that did not run: %q", missing)
			}
			if surplus := without(log.steps, possible); len(surplus) > 0 {
				t.Errorf("steps that ran without need: %q", surplus)
			}
			if s.Fresh != test.fresh {
				t.Errorf("a new release was written: %v, expected %v", s.Fresh, test.fresh)
			}
			var sure, planned, why []string
			for _, step := range plan {
				if step.Stage == "extract" || step.Stage == "transform" {
					switch step.Action {
					case "run":
						sure, planned = append(sure, step.Step), append(planned, step.Step)
					case "maybe":
						planned = append(planned, step.Step)
					}
				}
				why = append(why, step.Reason)
			}
			if missing := without(certain, sure); len(missing) > 0 {
				t.Errorf("steps that the plan was not sure of: %q", missing)
			}
			if surplus := without(sure, log.steps); len(surplus) > 0 {
				t.Errorf("steps that the plan was sure of, and that did not run: %q", surplus)
			}
			if diff := cmp.Diff(sorted(possible), sorted(planned)); diff != "" {
				t.Errorf("steps that were planned: %s", diff)
			}
			if !strings.Contains(strings.Join(why, "\n"), test.why) {
				t.Errorf("the plan does not say %q, but %q", test.why, why)
			}
			again, err := pipeline.Plan(t.Context(), c, job.Selection{}, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			for _, step := range again {
				if step.Action != "skip" && step.Stage != "check" {
					t.Errorf("after the run the plan says: %s %s, because %s", step.Stage, step.Step, step.Reason)
				}
			}
		})
	}
}
