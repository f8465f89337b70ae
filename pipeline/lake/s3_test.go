package lake_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entrepot/pipeline"
	"entrepot/pipeline/config"
	"entrepot/pipeline/lake"
	"entrepot/pipeline/objects/objectstest"
)

func TestMain(m *testing.M) { objectstest.Main(m) }

const header = "refYear,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue\n"

// configure is a configuration for three small files and a lake in an object store.
func configure(t *testing.T, s *objectstest.Server) *config.Config {
	t.Helper()
	c := config.New()
	c.IsWhole = func(string) bool { return true }
	c.Data, c.Out, c.MaxRejects, c.AllowFewerReporters = t.TempDir(), filepath.Join(t.TempDir(), "out"), "100%", true
	c.Lake = s.At("lake")
	for name, rows := range map[string]string{
		"china.csv": "2019,2019,156,M,0,H5,880240,300\n2019,2019,156,X,0,H5,880240,100\n2019,2019,156,X,0,H5,880240,nothing\n",
		"usa.csv":   "2019,2019,842,X,0,H5,880240,900\n",
		"japan.csv": "2019,2019,392,X,0,H5,880240,500\n",
	} {
		put(t, c, name, rows)
	}
	return c
}

func put(t *testing.T, c *config.Config, name, rows string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.Data, name), []byte(header+rows), 0o644); err != nil {
		t.Fatal(err)
	}
}

func logTo(b *bytes.Buffer) *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }

func stage(ctx context.Context, c *config.Config) (*pipeline.Summary, string, error) {
	var said bytes.Buffer
	s, err := pipeline.Stage(ctx, c, lake.Whole, false, logTo(&said))
	return s, said.String(), err
}

func run(t *testing.T, c *config.Config) *pipeline.Summary {
	t.Helper()
	s, err := pipeline.Run(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// requests counts those of a method for objects of a kind.
func requests(s *objectstest.Server, method, kind string) (n int) {
	for _, r := range s.Requests() {
		if strings.HasPrefix(r, method+" lake/staged/") && strings.Contains(r, "/"+kind+"/") {
			n++
		}
	}
	return n
}

// A lake in an object store serves machines that have none of the files. What they have of it
// is not fetched again, and what is not in force any more is removed.
func TestLakeInAnObjectStore(t *testing.T) {
	t.Parallel()
	s := objectstest.Start(t)
	c := configure(t, s)
	if _, _, err := stage(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	plain := *c
	plain.Lake = ""
	want := run(t, &plain)
	over := *c
	over.Data, over.Out = "", filepath.Join(t.TempDir(), "out")
	if got := run(t, &over); got.Release != want.Release || len(got.Rejects) != 1 {
		t.Errorf("release %s with %v, not %s", got.Release, got.Rejects, want.Release)
	}
	copies := func() int {
		found, err := filepath.Glob(filepath.Join(over.Out, "work", "objects", "*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	if copies() != 3 {
		t.Errorf("%d copies", copies())
	}
	s.Break(nil)
	run(t, &over)
	if n := requests(s, "GET", "rows") + requests(s, "GET", "records"); n > 0 || len(s.Written()) > 0 {
		t.Errorf("nothing had changed, and there were %v", s.Requests())
	}
	put(t, c, "usa.csv", "2019,2019,842,X,0,H5,880240,950\n")
	if err := os.Remove(filepath.Join(c.Data, "japan.csv")); err != nil {
		t.Fatal(err)
	}
	s.Break(nil)
	if _, _, err := stage(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if rows, records := requests(s, "PUT", "rows"), requests(s, "PUT", "records"); rows != 1 || records != 1 {
		t.Errorf("%d objects of rows and %d records were written of one changed file", rows, records)
	}
	want = run(t, &plain)
	if got := run(t, &over); got.Release != want.Release || copies() != 2 {
		t.Errorf("release %s with %d copies, not %s with 2", got.Release, copies(), want.Release)
	}
	if err := os.RemoveAll(filepath.Join(over.Out, "work", "objects")); err != nil {
		t.Fatal(err)
	}
	if got := run(t, &over); got.Release != want.Release || copies() != 2 {
		t.Errorf("release %s with %d copies after all copies were lost", got.Release, copies())
	}
}

// An object whose record could not be written is not there; the next staging goes on without
// reading the file again.
func TestStagingThatFails(t *testing.T) {
	t.Parallel()
	s := objectstest.Start(t)
	c := configure(t, s)
	s.Break(func(_ int, w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/records/") {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
	if _, _, err := stage(t.Context(), c); err == nil || !strings.Contains(err.Error(), "to the lake s3://trade/lake: write records/") {
		t.Fatalf("a lake that takes no records: %v", err)
	}
	if written := s.Written(); slices.ContainsFunc(written, func(key string) bool { return strings.Contains(key, "/lists/") }) {
		t.Errorf("a list was written of what is not there: %v", written)
	}
	s.Break(nil)
	over := *c
	over.Data, over.Out = "", filepath.Join(t.TempDir(), "out")
	if _, err := pipeline.Run(t.Context(), &over, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "'entrepot stage --lake") {
		t.Errorf("a run over half of a lake: %v", err)
	}
	_, said, err := stage(t.Context(), c)
	if err != nil || strings.Count(said, "read file") > 2 {
		t.Errorf("%v; all was read again: %s", err, said)
	}
	plain := *c
	plain.Lake = ""
	if want, got := run(t, &plain), run(t, &over); want.Release != got.Release {
		t.Errorf("release %s, not %s", got.Release, want.Release)
	}
}

// While a staging with another number of shards is under way, the one before counts.
func TestListsOfTwoNumbersOfShards(t *testing.T) {
	t.Parallel()
	s := objectstest.Start(t)
	c := configure(t, s)
	if _, _, err := stage(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	put(t, c, "usa.csv", "2019,2019,842,X,0,H5,880240,950\n")
	over := *c
	over.Data, over.Out = "", filepath.Join(t.TempDir(), "out")
	before := run(t, &over).Release
	if _, err := pipeline.Stage(t.Context(), c, lake.Shard{Number: 1, Of: 2}, false, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	got, err := pipeline.Run(t.Context(), &over, logTo(&said))
	if err != nil || got.Release != before || !strings.Contains(said.String(), "of 2 shards it lacks 2") {
		t.Errorf("%v, release %v, not %s; %s", err, got, before, said.String())
	}
	if _, err := pipeline.Stage(t.Context(), c, lake.Shard{Number: 2, Of: 2}, false, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if got := run(t, &over).Release; got == before {
		t.Error("the new lists do not count when all are there")
	}
}

// Of files in an object store, a shard downloads its own.
func TestShardOfAnObjectStore(t *testing.T) {
	t.Parallel()
	s := objectstest.Start(t)
	c := configure(t, s)
	for _, name := range []string{"china.csv", "usa.csv", "japan.csv"} {
		text, err := os.ReadFile(filepath.Join(c.Data, name))
		if err != nil {
			t.Fatal(err)
		}
		s.Put(t, "in/"+name, string(text))
	}
	c.Data = s.At("in")
	brought := map[string]int{}
	for number := 1; number <= 2; number++ {
		s.Break(nil)
		shard := lake.Shard{Number: number, Of: 2}
		if _, err := pipeline.Stage(t.Context(), c, shard, false, slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
		for _, r := range s.Requests() {
			if name, is := strings.CutPrefix(r, "GET in/"); is && name != "" {
				brought[name]++
				if !shard.Has(name) {
					t.Errorf("shard %s brought %s", shard, name)
				}
			}
		}
	}
	if len(brought) != 3 || brought["china.csv"] != 1 || brought["usa.csv"] != 1 {
		t.Errorf("files were brought %v times", brought)
	}
	over := *c
	over.Data, over.Out = "", filepath.Join(t.TempDir(), "out")
	if got := run(t, &over); len(got.Files) != 3 {
		t.Errorf("%d files", len(got.Files))
	}
}
