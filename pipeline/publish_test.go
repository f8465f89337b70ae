package pipeline_test

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"entrepot/pipeline"

	"entrepot/pipeline/job"
	"entrepot/pipeline/release"
	"entrepot/pipeline/runlog"
	"entrepot/pipeline/workspace"

	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/google/go-cmp/cmp"
)

var publications = flag.Int("publications", 8, "how often TestReaderDuringPublications publishes")

// A reader in a loop sees one whole release each time, however often another is
// published, and the oldest ones are removed. 'just publications' publishes hundreds of times.
func TestReaderDuringPublications(t *testing.T) {
	t.Parallel()
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
	for i := range *publications {
		set(t, c, "dominance_share", []string{"30%", "40%", "50%", "60%", "70%"}[i%5])
		run(t, c)
	}
	close(stop)
	if reads := <-done; reads < *publications {
		t.Errorf("the reader came to only %d reads", reads)
	}
	if kept, _ := filepath.Glob(filepath.Join(c.Out, "releases", "[^.]*")); len(kept) != 3 {
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
	t.Parallel()
	c, _ := publishedSample(t)
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
	t.Parallel()
	c, s := publishedSample(t)
	first := s.Release
	if _, err := release.Rollback(c.Out, "", false, time.Now()); err == nil {
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
	if m, err := release.Rollback(c.Out, "", false, time.Now()); err != nil || m != (release.Move{Release: first, Was: second}) || current() != first {
		t.Errorf("rolled back to %+v, %v: current is %s, expected %s", m, err, current(), first)
	}
	if m, err := release.Rollback(c.Out, second, false, time.Now()); err != nil || m != (release.Move{Release: second, Was: first}) || current() != second {
		t.Errorf("went to %+v, %v: current is %s, expected %s", m, err, current(), second)
	}
	if _, err := release.Rollback(c.Out, "none", false, time.Now()); err == nil {
		t.Error("a release that does not exist gives no error")
	}
	if _, err := release.Rollback(c.Out, first, false, time.Now()); err != nil {
		t.Fatal(err)
	}
	if s := run(t, c); s.Fresh || current() != second {
		t.Errorf("after a run current is %s, expected %s", current(), second)
	}
}

// While current is pinned, runs publish beside it, and say so; the guards compare with
// what was published beside it. Unpinned, the next run switches. The history has it all.
func TestPin(t *testing.T) {
	c := configure(t, sampleData(t), "keep_releases", "2")
	log := slog.New(slog.DiscardHandler)
	first := run(t, c).Release
	set(t, c, "dominance_share", "40%")
	second := run(t, c)
	if !second.Switched || second.Was != first {
		t.Errorf("the second run says switched %v, was %s; expected %s", second.Switched, second.Was, first)
	}
	current := func() string {
		s, err := runlog.ReadStatus(c.Out)
		if err != nil {
			t.Fatal(err)
		}
		if pinned := s.Pin != nil; pinned && s.Pin.Release != s.Release {
			t.Errorf("the status says release %s, pinned to %s", s.Release, s.Pin.Release)
		}
		return s.Release
	}
	if m, err := pipeline.Rollback(t.Context(), c, "", true, log); err != nil || m != (release.Move{Release: first, Was: second.Release, Pinned: true}) {
		t.Fatalf("rollback --pin says %+v, %v", m, err)
	}
	if s := run(t, c); s.Switched || s.Fresh || !s.Held() || s.Release != second.Release || current() != first {
		t.Errorf("a run on what is published says %+v, and current is %s", s, current())
	}
	var beside []string
	for _, share := range []string{"50%", "60%", "70%"} { // more than are kept
		set(t, c, "dominance_share", share)
		s := run(t, c)
		if s.Switched || !s.Fresh || s.Pinned != first || current() != first {
			t.Errorf("a run that publishes says %+v, and current is %s", s, current())
		}
		beside = append(beside, s.Release)
	}
	steps, err := pipeline.Plan(t.Context(), c, job.Selection{}, log)
	if last := steps[len(steps)-1]; err != nil || last.Action != "skip" || !strings.Contains(last.Reason, "current is pinned to release "+first) {
		t.Errorf("the plan ends with %+v, %v", last, err)
	}
	if _, err := release.Rollback(c.Out, beside[2], false, time.Now()); err == nil || !strings.Contains(err.Error(), "entrepot unpin") {
		t.Errorf("a rollback without --pin says %v", err)
	}
	if u, err := pipeline.Unpin(c, log); err != nil || !u.Unpinned || u.Release != first || current() != first {
		t.Errorf("unpin says %+v, %v, and current is %s", u, err, current())
	}
	if u, err := pipeline.Unpin(c, log); err != nil || u.Unpinned {
		t.Errorf("unpin once more says %+v, %v", u, err)
	}
	if s := run(t, c); s.Fresh || !s.Switched || s.Was != first || current() != beside[2] {
		t.Errorf("the run after unpin says %+v, and current is %s", s, current())
	}
	history, err := runlog.History(c.Out)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, r := range history {
		told = append(told, fmt.Sprint(r.Outcome, " ", r.Release, " ", r.Switched, " ", r.Was, " ", r.Pinned))
	}
	want := []string{
		fmt.Sprintf("published %s true  ", first),
		fmt.Sprintf("published %s true %s ", second.Release, first),
		fmt.Sprintf("rolled back %s true %s %s", first, second.Release, first),
		fmt.Sprintf("unchanged %s false  %s", second.Release, first),
		fmt.Sprintf("published %s false  %s", beside[0], first),
		fmt.Sprintf("published %s false  %s", beside[1], first),
		fmt.Sprintf("published %s false  %s", beside[2], first),
		fmt.Sprintf("unpinned %s false  ", first),
		fmt.Sprintf("switched %s true %s ", beside[2], first),
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("the history says (-want +got):\n%s", diff)
	}
}

// A reporter that is gone keeps a release from standing beside a pinned one once, not
// every night: it is compared with what was published beside it.
func TestFewerReportersBesideAPin(t *testing.T) {
	data := t.TempDir()
	rows := func(reporter string) string {
		return "2019,2019," + reporter + ",X,0,H5,880240,600\n2019,2019," + reporter + ",M,0,H5,880240,900\n"
	}
	writeFile(t, filepath.Join(data, "china.csv"), guardHeader+rows("156"))
	writeFile(t, filepath.Join(data, "germany.csv"), guardHeader+rows("276"))
	c := configure(t, data, "allow_fewer_reporters", "false")
	first := run(t, c).Release
	if _, err := pipeline.Rollback(t.Context(), c, first, true, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(data, "germany.csv")); err != nil {
		t.Fatal(err)
	}
	if _, err := pipeline.Run(t.Context(), c, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "2019: Germany") {
		t.Errorf("without Germany the error is %v", err)
	}
	set(t, c, "allow_fewer_reporters", "true")
	if s := run(t, c); len(s.Shortfalls) != 1 || s.Switched {
		t.Errorf("when it is allowed, the run says %+v", s)
	}
	set(t, c, "allow_fewer_reporters", "false")
	if s := run(t, c); len(s.Shortfalls) != 0 || s.Fresh || s.Switched {
		t.Errorf("the next run says %+v", s)
	}
}

// A pin that can't be read keeps a run from switching, and the error names the way out.
func TestDamagedPin(t *testing.T) {
	c, s := publishedSample(t)
	first := s.Release
	set(t, c, "dominance_share", "40%")
	writeFile(t, filepath.Join(c.Out, "pin.json"), "{")
	if _, err := pipeline.Run(t.Context(), c, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "'entrepot unpin' takes it away") {
		t.Errorf("the run says %v", err)
	}
	if u, err := pipeline.Unpin(c, slog.New(slog.DiscardHandler)); err != nil || !u.Unpinned || u.Release != first {
		t.Errorf("unpin says %+v, %v", u, err)
	}
	if s := run(t, c); !s.Switched || s.Was != first {
		t.Errorf("the next run says %+v", s)
	}
}
