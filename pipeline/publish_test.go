package pipeline_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"entrepot/pipeline"

	"entrepot/pipeline/release"
	"entrepot/pipeline/workspace"
	"github.com/apache/arrow-go/v18/parquet/file"
)

// A reader in a loop sees one whole release each time, however often another is
// published, and the oldest ones are removed.
//
// ENTREPOT_PUBLICATIONS sets how often.
func TestReaderDuringPublications(t *testing.T) {
	publications := 25
	if text := os.Getenv("ENTREPOT_PUBLICATIONS"); text != "" {
		var err error
		if publications, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	data := t.TempDir() // little of it, so that a hundred runs are quick
	writeFile(t, filepath.Join(data, "china.csv"), guardHeader+"2019,2019,156,M,0,H5,880240,300\n2019,2019,156,X,0,H5,880240,100\n")
	c := configure(t, data, "keep_releases", "3")
	run(t, c)
	stop, done := make(chan struct{}), make(chan int)
	go func() {
		reads := 0
		defer func() { done <- reads }()
		for {
			select {
			case <-stop:
				return
			default:
			}
			checkRelease(t, c.Out)
			reads++
		}
	}()
	for i := range publications {
		set(t, c, "dominance_share", []string{"30%", "40%", "50%", "60%", "70%"}[i%5])
		run(t, c)
	}
	close(stop)
	if reads := <-done; reads < publications {
		t.Errorf("the reader came to only %d reads", reads)
	}
	if kept, _ := filepath.Glob(filepath.Join(c.Out, "releases", "*")); len(kept) != 3 {
		t.Errorf("%d releases are kept, expected 3", len(kept))
	}
}

// checkRelease reads every file of the release that current points to.
func checkRelease(t *testing.T, out string) {
	dir, err := filepath.EvalSymlinks(filepath.Join(out, "current"))
	if err != nil {
		t.Errorf("current points nowhere: %v", err)
		return
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.parquet"))
	if err != nil || len(files) < 8 {
		t.Errorf("%s has %d files, %v", dir, len(files), err)
	}
	for _, name := range files {
		reader, err := file.OpenParquetFile(name, false)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		id := reader.MetaData().KeyValueMetadata().FindValue("entrepot.run")
		if id == nil || *id != filepath.Base(dir) {
			t.Errorf("%s is of another run", name)
		}
		if err := reader.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A second run says who holds the folder; with wait it waits.
func TestLock(t *testing.T) {
	c := configure(t, sampleData(t))
	run(t, c)
	log := slog.New(slog.DiscardHandler)
	holder, err := workspace.Open(t.Context(), workspace.Options{Out: c.Out, Tables: c.Base.Workspace(), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	_, err = pipeline.Run(t.Context(), c, log)
	if !errors.Is(err, workspace.ErrLocked) || !strings.Contains(err.Error(), "process ") || !strings.Contains(err.Error(), " since 20") {
		t.Errorf("a second run gives %v", err)
	}
	set(t, c, "wait", "100ms")
	if _, err := pipeline.Run(t.Context(), c, log); !errors.Is(err, workspace.ErrLocked) {
		t.Errorf("a second run that waits too short gives %v", err)
	}
	set(t, c, "wait", "1m")
	released := make(chan error)
	go func() { released <- holder.Close() }()
	if _, err := pipeline.Run(t.Context(), c, log); err != nil {
		t.Errorf("a run that waits gives %v", err)
	}
	if err := <-released; err != nil {
		t.Error(err)
	}
	// Two may look at a time; while they do, a run waits, and no run is named that ended.
	var looking [2]*workspace.Workspace
	for i := range looking {
		if looking[i], err = workspace.Look(t.Context(), workspace.Options{Out: c.Out, Tables: c.Base.Workspace()}); err != nil {
			t.Fatal(err)
		}
	}
	set(t, c, "wait", "0s")
	if _, err := pipeline.Run(t.Context(), c, log); !errors.Is(err, workspace.ErrLocked) || strings.Contains(err.Error(), "process ") {
		t.Errorf("a run while others look gives %v", err)
	}
	for _, w := range looking {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
	run(t, c)
}

// Rollback goes back by one release or to a given one, and the next run forward.
func TestRollback(t *testing.T) {
	c := configure(t, sampleData(t))
	first := run(t, c).Release
	if _, err := release.Rollback(c.Out, ""); err == nil {
		t.Error("there is nothing to go back to, and no error")
	}
	set(t, c, "dominance_share", "40%")
	second := run(t, c).Release
	current := func() string {
		target, err := os.Readlink(filepath.Join(c.Out, "current"))
		if err != nil {
			t.Fatal(err)
		}
		return filepath.Base(target)
	}
	if id, err := release.Rollback(c.Out, ""); err != nil || id != first || current() != first {
		t.Errorf("rolled back to %s, %v: current is %s, expected %s", id, err, current(), first)
	}
	if id, err := release.Rollback(c.Out, second); err != nil || id != second || current() != second {
		t.Errorf("went to %s, %v: current is %s, expected %s", id, err, current(), second)
	}
	if _, err := release.Rollback(c.Out, "none"); err == nil {
		t.Error("a release that does not exist gives no error")
	}
	if _, err := release.Rollback(c.Out, first); err != nil {
		t.Fatal(err)
	}
	if s := run(t, c); s.Fresh || current() != second {
		t.Errorf("after a run current is %s, expected %s", current(), second)
	}
}
