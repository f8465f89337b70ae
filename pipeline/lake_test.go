package pipeline_test

import (
	"bytes"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entrepot/fixtures"
	"entrepot/fixtures/sample"
	"entrepot/pipeline"
	"entrepot/pipeline/config"
	"entrepot/pipeline/job"
	"entrepot/pipeline/lake"
	"entrepot/pipeline/workspace"
	"entrepot/transforms/portable/portabletest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
)

func stage(t *testing.T, c *config.Config, shard lake.Shard) *pipeline.Summary {
	t.Helper()
	s, err := pipeline.Stage(t.Context(), c, shard, false, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// overLake is the configuration of a run that has the lake and no data folder.
func overLake(t *testing.T, of *config.Config, lake string) *config.Config {
	t.Helper()
	c := *of
	c.Data, c.Lake, c.Out = "", lake, filepath.Join(t.TempDir(), "out")
	return &c
}

// sameRelease compares the ids and the bytes of what two runs published.
func sameRelease(t *testing.T, when string, a, b *config.Config) {
	t.Helper()
	want, err := os.Readlink(filepath.Join(a.Out, "current"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.Readlink(filepath.Join(b.Out, "current"))
	if err != nil {
		t.Fatal(err)
	}
	if want != got {
		t.Errorf("%s: release %s, not %s", when, got, want)
	}
	files, err := filepath.Glob(filepath.Join(a.Out, "current", "*.parquet"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		one, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		other, err := os.ReadFile(filepath.Join(b.Out, "current", filepath.Base(file)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(one, other) {
			t.Errorf("%s: %s differs", when, filepath.Base(file))
		}
	}
}

// staging is the configuration of stagings of a configuration's files into a new lake.
func staging(t *testing.T, of *config.Config) *config.Config {
	t.Helper()
	c := *of
	c.Lake, c.Out = filepath.Join(t.TempDir(), "lake"), filepath.Join(t.TempDir(), "out")
	return &c
}

// variety is a folder of files of all kinds: some that are refused, some with rows that are
// rejected or left out, and two of one content.
func variety(t *testing.T) string {
	t.Helper()
	data := sampleData(t)
	if err := os.CopyFS(data, os.DirFS("../fixtures/sources")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(data, "comtrade_excel.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"again.csv": string(text), "empty.csv": "", `no\*name.csv`: "", "notes.csv": "these are,notes\nand no,trade\n"} {
		if err := os.WriteFile(filepath.Join(data, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return data
}

// objectsOf are the contents of the objects of a lake in a folder, by their names.
func objectsOf(t *testing.T, lake string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, kind := range []string{"rows", "records"} {
		files, err := filepath.Glob(filepath.Join(lake, "staged", "*", kind, "*.parquet"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%d objects, %v", len(files), err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all[kind+"/"+filepath.Base(file)] = string(content)
		}
	}
	return all
}

// A run over a lake publishes what one on the files does, to the last byte.
func TestReleaseOverALakeIsTheSame(t *testing.T) {
	t.Parallel()
	data := variety(t)
	generated(t, data)
	plain := configure(t, data)
	plain.KeepBytes = 1 << 20 // some batches keep their tables
	run(t, plain)
	filled := staging(t, plain)
	if s := stage(t, filled, lake.Whole); s.Staged.Files < 30 {
		t.Errorf("objects of %d files were written", s.Staged.Files)
	}
	over := overLake(t, plain, filled.Lake)
	run(t, over)
	sameRelease(t, "without the files", plain, over)
	sameTables(t, "without the files", plain, over)
	both := *plain
	both.Lake, both.Out = filled.Lake, filepath.Join(t.TempDir(), "out")
	before := objectsOf(t, filled.Lake)
	run(t, &both)
	sameRelease(t, "with the files", plain, &both)
	if diff := cmp.Diff(keys(before), keys(objectsOf(t, filled.Lake))); diff != "" {
		t.Errorf("a run on files that the lake has changed it: %s", diff)
	}
	if got := openWork(t, &both, "SELECT count(*) FROM staged_rows"); got[0] != "0" {
		t.Errorf("the workspace has %s rows beside the lake", got[0])
	}
}

// The built-in samples come out of a lake as they are.
func TestSamplesOverALake(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs on all samples twice")
	}
	t.Parallel()
	for _, name := range sample.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plain := config.New()
			plain.Data, plain.Out = t.TempDir(), filepath.Join(t.TempDir(), "out")
			settings, err := sample.WriteNamed(name, plain.Data)
			if err != nil {
				t.Fatal(err)
			}
			if settings != "" {
				if err := plain.ReadFile(settings); err != nil {
					t.Fatal(err)
				}
			}
			plain.IsWhole = sample.Has
			run(t, plain)
			filled := staging(t, plain)
			stage(t, filled, lake.Whole)
			over := overLake(t, plain, filled.Lake)
			run(t, over)
			sameRelease(t, name, plain, over)
		})
	}
}

func keys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// After files came, went, were renamed and replaced, a run that goes on over the lake
// publishes what one from scratch does, and nothing is read twice.
func TestLakeIncrementalIsClean(t *testing.T) {
	t.Parallel()
	data := variety(t)
	plain := configure(t, data)
	filled := staging(t, plain)
	stage(t, filled, lake.Whole)
	over := overLake(t, plain, filled.Lake)
	run(t, over)
	if s := stage(t, filled, lake.Whole); s.Staged.Files != 0 {
		t.Errorf("objects of %d files were written, and nothing had changed", s.Staged.Files)
	}
	if s := run(t, over); s.Fresh || s.Made > 0 {
		t.Errorf("nothing had changed, and %d tables were made", s.Made)
	}
	before := objectsOf(t, filled.Lake)
	change := func(do ...error) {
		t.Helper()
		if err := errors.Join(do...); err != nil {
			t.Fatal(err)
		}
	}
	at := func(name string) string { return filepath.Join(data, name) }
	text, err := os.ReadFile(at("comtrade_legacy.csv"))
	change(err, os.WriteFile(at("comtrade_legacy.csv"), bytes.TrimRight(text, "\n"), 0o644), os.Remove(at("wits.csv")), os.Rename(at("seafood_standardized.csv"), at("fish.csv")),
		os.Rename(at("again.csv"), at("comtrade_excel.csv")))
	write(t, at("new.csv"), fixtures.Web, []fixtures.Row{{Year: 2019, Reporter: 842, Flow: "X", Partner: 156, Revision: "H5", Code: "854231", Mills: 7000}})
	change(os.Remove(at("empty.csv")), os.WriteFile(at("notes.csv"), []byte("other,notes\n1,2\n"), 0o644))
	if s := stage(t, filled, lake.Whole); s.Staged.Files != 3 {
		t.Errorf("objects of %d files were written, not of the changed, the new and the refused one", s.Staged.Files)
	}
	after := objectsOf(t, filled.Lake)
	for name, content := range before {
		if after[name] != content {
			t.Errorf("the object %s was changed", name)
		}
	}
	clean := configure(t, data)
	run(t, clean)
	run(t, over)
	sameRelease(t, "after changes", clean, over)
	sameTables(t, "after changes", clean, over)
	cleanOver := overLake(t, plain, filled.Lake)
	run(t, cleanOver)
	sameRelease(t, "after changes, from scratch", clean, cleanOver)
}

// Shards share the work, at the same time, and write what one staging of all writes. A lake
// counts when all of its shards are there.
func TestShards(t *testing.T) {
	t.Parallel()
	data := variety(t)
	plain := configure(t, data)
	run(t, plain)
	whole, parts := staging(t, plain), staging(t, plain)
	stage(t, whole, lake.Whole)
	over := overLake(t, plain, parts.Lake)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	if _, err := pipeline.Run(t.Context(), over, log); err == nil || !strings.Contains(err.Error(), "'entrepot stage --lake") {
		t.Errorf("of an empty lake: %v", err)
	}
	stage(t, parts, lake.Shard{Number: 2, Of: 3})
	if _, err := pipeline.Run(t.Context(), over, log); err == nil || !strings.Contains(err.Error(), "of 3 shards it lacks 1, 3") {
		t.Errorf("of one shard: %v", err)
	}
	var group errgroup.Group
	for number := range 3 {
		group.Go(func() error {
			mine := *parts
			if number == 1 { // once more, on another machine
				mine.Out = filepath.Join(t.TempDir(), "out")
			}
			mine.Threads = number + 1 // which changes no byte
			_, err := pipeline.Stage(t.Context(), &mine, lake.Shard{Number: number + 1, Of: 3}, false, log)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(keys(objectsOf(t, whole.Lake)), keys(objectsOf(t, parts.Lake))); diff != "" {
		t.Errorf("objects (-whole +shards): %s", diff)
	}
	for name, content := range objectsOf(t, whole.Lake) {
		if other := objectsOf(t, parts.Lake)[name]; other != content {
			t.Errorf("%s has other bytes, %d and not %d", name, len(other), len(content))
		}
	}
	run(t, over)
	sameRelease(t, "from shards", plain, over)
	if err := os.Remove(filepath.Join(data, "wits.csv")); err != nil {
		t.Fatal(err)
	}
	stage(t, parts, lake.Whole)
	lists, err := filepath.Glob(filepath.Join(parts.Lake, "staged", "*", "lists", "*"))
	if err != nil || len(lists) != 1 || filepath.Base(lists[0]) != "1-1.json" {
		t.Errorf("lists after another number of shards: %v, %v", lists, err)
	}
	run(t, plain)
	run(t, over)
	sameRelease(t, "from one list", plain, over)
}

// A workspace may come to use a lake, and leave it again.
func TestToALakeAndBack(t *testing.T) {
	t.Parallel()
	data := variety(t)
	plain := configure(t, data)
	plain.KeepBytes = 1 << 10
	clean := configure(t, data)
	run(t, plain)
	run(t, clean)
	in := *plain
	in.Lake = filepath.Join(t.TempDir(), "lake")
	if s := run(t, &in); s.Made > 0 || len(objectsOf(t, in.Lake)) == 0 {
		t.Errorf("rows went to the lake: %d tables were made", s.Made)
	}
	for _, query := range []string{"SELECT count(*) FROM staged_rows", "SELECT count(*) FROM line_ranges", "SELECT count(*) FROM files ANTI JOIN objects_in_force USING (file_id)", "SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'rows%'"} {
		if got := openWork(t, plain, query); got[0] != "0" {
			t.Errorf("%s: %s", query, got[0])
		}
	}
	sameTables(t, "in the lake", clean, plain)
	other := in
	other.Lake = filepath.Join(t.TempDir(), "lake")
	run(t, &other)
	sameTables(t, "in another lake", clean, plain)
	if err := os.RemoveAll(other.Lake); err != nil {
		t.Fatal(err)
	}
	run(t, &other) // all is read again
	sameTables(t, "in the lake again", clean, plain)
	if err := os.RemoveAll(other.Lake); err != nil {
		t.Fatal(err)
	}
	_, err := pipeline.RunStages(t.Context(), plain, job.Selection{From: job.StageTransform, Force: true}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if !errors.Is(err, workspace.ErrLakeAway) {
		t.Errorf("a run on rows in a lake that is gone: %v", err)
	}
	run(t, plain)
	sameTables(t, "in the workspace again", clean, plain)
	sameRelease(t, "in the workspace again", clean, plain)
}

// What a lake has lost is written again by whoever has the files; the others are told.
func TestLostObjects(t *testing.T) {
	t.Parallel()
	plain := configure(t, sampleData(t))
	filled := staging(t, plain)
	stage(t, filled, lake.Whole)
	before := objectsOf(t, filled.Lake)
	over := overLake(t, plain, filled.Lake)
	run(t, over)
	for _, kind := range []string{"rows", "records"} {
		files, err := filepath.Glob(filepath.Join(filled.Lake, "staged", "*", kind, objectOf(t, over, "exporters.zip!japan.csv")+"*"))
		if err != nil || len(files) != 1 {
			t.Fatalf("objects of one file: %v, %v", files, err)
		}
		if err := os.Remove(files[0]); err != nil {
			t.Fatal(err)
		}
		_, err = pipeline.Run(t.Context(), over, slog.New(slog.NewTextHandler(io.Discard, nil)))
		if err == nil || !strings.Contains(err.Error(), "has lost the object of exporters.zip!japan.csv") {
			t.Errorf("without an object of %s: %v", kind, err)
		}
		stage(t, filled, lake.Whole)
		if diff := cmp.Diff(before, objectsOf(t, filled.Lake)); diff != "" {
			t.Errorf("the object was not written again: %.500s", diff)
		}
		run(t, over)
	}
}

// objectOf is the object of a file in a workspace over a lake.
func objectOf(t *testing.T, c *config.Config, name string) (object string) {
	t.Helper()
	conn, done := portabletest.Look(t, workspace.Database(c.Out))
	defer done()
	if err := conn.QueryRowContext(t.Context(), "SELECT object FROM objects_in_force JOIN files USING (file_id) WHERE name = $name", sql.Named("name", name)).Scan(&object); err != nil {
		t.Fatal(err)
	}
	return object
}
