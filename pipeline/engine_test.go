package pipeline_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"entrepot/pipeline"
	"entrepot/pipeline/config"
	"entrepot/pipeline/engine/trino/trinotest"
	"entrepot/pipeline/job"
	"entrepot/pipeline/progress"
	"entrepot/pipeline/release"
	"entrepot/pipeline/runlog"
	"entrepot/pipeline/usage"

	"github.com/google/go-cmp/cmp"
)

// onCluster is a configuration like another, with an output folder of its own, over a lake with
// a cluster's stand-in before it.
func onCluster(t *testing.T, c *config.Config, s *trinotest.Server) *config.Config {
	t.Helper()
	on := *c
	on.Out, on.Engine, on.Lake = filepath.Join(t.TempDir(), "out"), s.Address(), s.Lake
	return &on
}

// mixedData are the sample and a version of BACI that replaces an older one.
func mixedData(t *testing.T) string {
	t.Helper()
	data := sampleData(t)
	if err := os.CopyFS(filepath.Join(data, "baci"), os.DirFS("../fixtures/cases/baci-whole-version-replaces/data")); err != nil {
		t.Fatal(err)
	}
	return data
}

// A release that a cluster's engine made has the id and the bytes of one that was made here;
// its manifest, and only that, has the queries. Nothing is left on the cluster.
func TestReleaseOfAClusterIsTheSame(t *testing.T) {
	t.Parallel()
	here := configure(t, mixedData(t), "trade", "months", "world", "mirrored", "months", "sum", "eu_internal", "out")
	s := trinotest.Start(t, t.TempDir())
	on := onCluster(t, here, s)
	plan, err := pipeline.Plan(t.Context(), on, job.Selection{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	first, second := run(t, here), run(t, on)
	if first.Release != second.Release {
		t.Fatalf("the release is %s, and not %s", second.Release, first.Release)
	}
	a, b := releaseOf(t, here, first.Release), releaseOf(t, on, second.Release)
	if diff := cmp.Diff(a.Manifest.Files, b.Manifest.Files); diff != "" {
		t.Errorf("the files differ:\n%s", diff)
	}
	if a.Manifest.Run.Engine != nil {
		t.Errorf("of the run here, the manifest has the engine %+v", a.Manifest.Run.Engine)
	}
	checkEngine(t, b.Manifest.Run.Engine, s, plan, on)
	if left := s.Schemas(t); len(left) > 0 {
		t.Errorf("the run has left %v", left)
	}
	v, err := pipeline.Verify(t.Context(), embeddedOver(on), "", slog.New(slog.DiscardHandler))
	if err != nil || !v.OK() {
		t.Errorf("the release does not come out again here: %+v, %v", v, err)
	}
	if _, err := pipeline.Conflicts(t.Context(), on, "0", slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "'entrepot run --engine duckdb' brings them here") {
		t.Errorf("conflicts of rows that the engine kept: %v", err)
	}
	sent := len(s.Statements(""))
	if again := run(t, on); again.Fresh || again.Made > 0 || len(s.Statements("")) != sent {
		t.Errorf("a second run made %d tables and sent %d statements", again.Made, len(s.Statements(""))-sent)
	}
}

func embeddedOver(on *config.Config) *config.Config {
	c := *on
	c.Engine = config.EmbeddedEngine
	return &c
}

func releaseOf(t *testing.T, c *config.Config, id string) *release.Release {
	t.Helper()
	r, err := release.Find(c.Out, id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// checkEngine compares what manifest, status and plan say of the engine.
func checkEngine(t *testing.T, e *release.EngineEntry, s *trinotest.Server, plan []pipeline.PlannedStep, c *config.Config) {
	t.Helper()
	if e == nil || e.Name != "trino" || e.Version != "test" {
		t.Fatalf("the manifest has the engine %+v", e)
	}
	made := s.Statements("CREATE TABLE")
	for _, q := range e.Queries {
		if q.ID == "" || q.Table == "" || len(q.SQL) != 64 {
			t.Errorf("the manifest has the query %+v", q)
		}
		if !slices.ContainsFunc(made, func(text string) bool { return strings.HasPrefix(text, `CREATE TABLE "`+q.Table+`"`) }) {
			t.Errorf("nothing made %s", q.Table)
		}
	}
	status, err := runlog.ReadStatus(c.Out)
	if err != nil {
		t.Fatal(err)
	}
	where := map[string]string{}
	for _, step := range status.Steps {
		if step.Engine != "" {
			where[step.Step] = step.Engine
			if len(step.Queries) == 0 {
				t.Errorf("the status has no query of %s", step.Step)
			}
		}
	}
	if len(where) < 15 {
		t.Errorf("only %d tables were made on the engine", len(where))
	}
	for _, step := range plan {
		if step.Stage == string(job.StageTransform) && (step.Engine == "trino") != (where[step.Step] == "trino") {
			t.Errorf("the plan said %q of %s, and the status %q", step.Engine, step.Step, where[step.Step])
		}
	}
}

// A run that failed, or was interrupted, goes on with the tables that it had finished.
func TestClusterRunGoesOn(t *testing.T) {
	t.Parallel()
	s := trinotest.Start(t, t.TempDir())
	on := onCluster(t, configure(t, sampleData(t)), s)
	made := func(table string) int {
		return len(s.Statements(`CREATE TABLE "` + table + `" WITH (format = 'PARQUET', external_location`))
	}
	s.Before = always(`CREATE TABLE "superseded__rivals"`, trinotest.Fails)
	_, err := pipeline.Run(t.Context(), on, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "transform superseded: trino: table superseded__rivals: query q") || !strings.Contains(err.Error(), "EXCEEDED_LOCAL_MEMORY_LIMIT); add workers or memory") {
		t.Fatalf("a query that failed: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.Before = always(`CREATE TABLE "measured_facts"`, trinotest.Hangs)
	interrupted := *on
	interrupted.Watch = func(p progress.Progress) {
		if strings.HasPrefix(p.Query, "table measured_facts: 0 of 1 stage") {
			cancel()
		}
	}
	if _, err = pipeline.Run(ctx, &interrupted, slog.New(slog.DiscardHandler)); !errors.Is(err, context.Canceled) {
		t.Fatalf("a run that was interrupted: %v", err)
	}
	if got := s.Cancelled(); len(got) != 1 || !strings.HasPrefix(got[0], `CREATE TABLE "measured_facts"`) {
		t.Errorf("cancelled on the server: %v", got)
	}
	s.Before = once(`CREATE TABLE "world_exports"`, trinotest.LosesWorker)
	if s := run(t, on); s.Release == "" {
		t.Error("nothing was published at last")
	}
	for table, want := range map[string]int{"partner_sums": 1, "code_sums": 1, "superseded__input": 1, "superseded__rivals": 2, "superseded": 1, "measured_facts": 2, "world_exports": 2} {
		if got := made(table); got != want {
			t.Errorf("%s was made %d times, and not %d", table, got, want)
		}
	}
	if left := s.Schemas(t); len(left) > 0 {
		t.Errorf("the runs have left %v", left)
	}
}

// always lets statements that begin so have a fate.
func always(words string, fate trinotest.Fate) func(string) trinotest.Fate {
	return func(text string) trinotest.Fate {
		if strings.HasPrefix(text, words) {
			return fate
		}
		return trinotest.Runs
	}
}

// once lets the first of them have it.
func once(words string, fate trinotest.Fate) func(string) trinotest.Fate {
	var first sync.Once
	return func(text string) (becomes trinotest.Fate) {
		if strings.HasPrefix(text, words) {
			first.Do(func() { becomes = fate })
		}
		return becomes
	}
}

// Two runs at once have schemas of their own, and one lake.
func TestTwoClusterRuns(t *testing.T) {
	t.Parallel()
	s := trinotest.Start(t, t.TempDir())
	c, here := publishedSample(t)
	both := []*config.Config{onCluster(t, c, s), onCluster(t, c, s)}
	both[1].DominanceShare = "0.4"
	var group sync.WaitGroup
	ids := make([]string, 2)
	for i, c := range both {
		group.Go(func() { ids[i] = run(t, c).Release })
	}
	group.Wait()
	other := *c
	other.DominanceShare = both[1].DominanceShare
	for i, want := range []string{here.Release, run(t, &other).Release} {
		if ids[i] != want {
			t.Errorf("run %d made release %s, and not %s", i, ids[i], want)
		}
	}
	if left := s.Schemas(t); len(left) > 0 {
		t.Errorf("the runs have left %v", left)
	}
}

// A workspace goes from one engine to the other and back, also to tables that the other has kept.
func TestEngineChanges(t *testing.T) {
	t.Parallel()
	s := trinotest.Start(t, t.TempDir())
	c := configure(t, sampleData(t))
	on := onCluster(t, c, s)
	var ids []string
	for _, step := range []struct{ engine, reporter string }{{s.Address(), "156"}, {config.EmbeddedEngine, "842"}, {s.Address(), "842"}, {config.EmbeddedEngine, "156"}} {
		on.Engine, on.Reporter = step.engine, step.reporter // of another reporter, other rows are needed
		ids = append(ids, run(t, on).Release)
	}
	if ids[0] != ids[3] || ids[1] != ids[2] || ids[0] == ids[1] {
		t.Errorf("the engines made the releases %v", ids)
	}
}

// An engine without a lake, and one that is away, say what to do.
func TestEngineRefuses(t *testing.T) {
	t.Parallel()
	s := trinotest.Start(t, t.TempDir())
	on := onCluster(t, configure(t, sampleData(t)), s)
	alone := *on
	alone.Lake = ""
	if _, err := pipeline.Run(t.Context(), &alone, slog.New(slog.DiscardHandler)); !errors.As(err, new(*usage.Error)) || !strings.Contains(err.Error(), "set --lake") {
		t.Errorf("an engine without a lake: %v", err)
	}
	s.Close()
	on.EngineRetries = 0
	if _, err := pipeline.Run(t.Context(), on, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "look whether the server runs and this machine may reach it; then run again, finished tables are kept") {
		t.Errorf("a server that is away: %v", err)
	}
}
