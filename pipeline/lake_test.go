package pipeline_test

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"entrepot/pipeline"
	"entrepot/pipeline/config"
	"entrepot/pipeline/lake"
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

// A run over a lake publishes what one on the files does, to the last byte.
func TestReleaseOverALakeIsTheSame(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	generated(t, data)
	if err := os.CopyFS(data, os.DirFS("../fixtures/sources")); err != nil {
		t.Fatal(err)
	}
	plain := configure(t, data)
	plain.KeepBytes = 1 << 20 // some batches keep their tables
	run(t, plain)
	staging := *plain
	staging.Lake, staging.Out = filepath.Join(t.TempDir(), "lake"), filepath.Join(t.TempDir(), "out")
	stage(t, &staging, lake.Whole)
	over := overLake(t, plain, staging.Lake)
	run(t, over)
	sameRelease(t, "without the files", plain, over)
	sameTables(t, "without the files", plain, over)
	both := *plain
	both.Lake, both.Out = staging.Lake, filepath.Join(t.TempDir(), "out")
	run(t, &both)
	sameRelease(t, "with the files", plain, &both)
}
