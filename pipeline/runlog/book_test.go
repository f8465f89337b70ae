package runlog_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"entrepot/pipeline/runlog"
)

// book is a book of a run on an output folder with every place, and what it logs.
func book(t *testing.T, out string) (*runlog.Book, *bytes.Buffer) {
	t.Helper()
	if err := os.MkdirAll(out, 0o755); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	return &runlog.Book{Out: out, Data: "data", MetricsFile: filepath.Join(filepath.Dir(out), "m.prom"),
		Lineage: runlog.Lineage{File: filepath.Join(filepath.Dir(out), "l.ndjson")}, Version: "1", Log: slog.New(slog.NewTextHandler(&log, nil)), Now: time.Now}, &log
}

// noted is what the places say of the last run.
type noted struct{ History, Status, Metrics, Lineage string }

func placesOf(b *runlog.Book) noted {
	var n noted
	if all, err := runlog.History(b.Out); err == nil && len(all) > 0 {
		n.History = all[len(all)-1].Outcome
	}
	if s, err := runlog.ReadStatus(b.Out); err == nil {
		n.Status = s.State
	}
	if text, err := os.ReadFile(b.MetricsFile); err == nil {
		_, after, _ := strings.Cut(string(text), "\nentrepot_last_run_info{")
		_, after, _ = strings.Cut(after, `outcome="`)
		n.Metrics, _, _ = strings.Cut(after, `"`)
	}
	if text, err := os.ReadFile(b.Lineage.File); err == nil {
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		var event struct{ EventType string }
		if json.Unmarshal([]byte(lines[len(lines)-1]), &event) == nil {
			n.Lineage = event.EventType
		}
	}
	return n
}

func failed(outcome string) runlog.End {
	return runlog.End{Record: runlog.Record{Outcome: outcome, Stages: []string{}}, Failure: errors.New("no files")}
}

// Each place says how a run ended; one that can't be written is one warning, before the
// run's work, and the others say it all the same.
func TestEachPlaceAlone(t *testing.T) {
	all := noted{"failed", "failed", "failed", "FAIL"}
	for place, spoil := range map[string]struct {
		do   func(*runlog.Book) string // spoils the place, and returns what it made
		want noted
	}{
		"none":             {func(*runlog.Book) string { return "" }, all},
		"history":          {func(b *runlog.Book) string { return filepath.Join(b.Out, "history.ndjson") }, noted{"", all.Status, all.Metrics, all.Lineage}},
		"status":           {func(b *runlog.Book) string { return filepath.Join(b.Out, "work", "status.json") }, noted{all.History, "", all.Metrics, all.Lineage}},
		"metrics_file":     {func(b *runlog.Book) string { b.MetricsFile = "/nowhere/m.prom"; return "" }, noted{all.History, all.Status, "", all.Lineage}},
		"openlineage_file": {func(b *runlog.Book) string { return b.Lineage.File }, noted{all.History, all.Status, all.Metrics, ""}},
	} {
		t.Run(place, func(t *testing.T) {
			b, log := book(t, filepath.Join(t.TempDir(), "out"))
			if folder := spoil.do(b); folder != "" { // a folder is where a file should be
				if err := os.MkdirAll(filepath.Join(folder, "in the way"), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if err := b.Begin(); err != nil {
				t.Fatal(err)
			}
			b.Holds()
			early := log.String()
			b.End(failed(runlog.Failed))
			if got := placesOf(b); got != spoil.want {
				t.Errorf("the places say %+v, expected %+v", got, spoil.want)
			}
			want := 1
			if place == "none" {
				want = 0
			}
			if n := strings.Count(log.String(), "place="+place); n != want || !strings.Contains(early, "place="+place) && want > 0 || strings.Count(log.String(), "\n") != want {
				t.Errorf("the log has %d warnings of the place, and before the work %q:\n%s", n, early, log)
			}
		})
	}
}

// A run that fails before it holds the workspace is noted like another.
func TestFailureBeforeTheWorkspace(t *testing.T) {
	b, _ := book(t, filepath.Join(t.TempDir(), "out"))
	if err := b.Begin(); err != nil {
		t.Fatal(err)
	}
	b.End(failed(runlog.Failed))
	if got, want := placesOf(b), (noted{"failed", "failed", "failed", "FAIL"}); got != want {
		t.Errorf("the places say %+v, expected %+v", got, want)
	}
	// Without an output folder there is none to note it in, and none is made.
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	b.Out = nowhere
	b.End(failed(runlog.Failed))
	if _, err := os.Stat(nowhere); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the output folder: %v", err)
	}
}

// The run after one that was killed notes it, once, in each place.
func TestKilledRun(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	dead, _ := book(t, out)
	if err := dead.Begin(); err != nil {
		t.Fatal(err)
	}
	dead.Holds()
	if s, err := runlog.ReadStatus(out); err != nil || s.State != runlog.Killed || s.RunID != dead.RunID {
		t.Fatalf("before the next run the status says %+v, %v", s, err)
	}
	next, log := book(t, out)
	if err := next.Begin(); err != nil {
		t.Fatal(err)
	}
	next.Holds()
	if got, want := placesOf(next), (noted{"killed", "killed", "killed", "START"}); got != want { // nobody holds the lock here
		t.Errorf("while the next run is at work the places say %+v, expected %+v", got, want)
	}
	next.Holds() // a workspace that is opened twice is held once
	next.End(runlog.End{Record: runlog.Record{Outcome: runlog.Published, Stages: []string{}}})
	history, err := runlog.History(out)
	if err != nil || len(history) != 2 || history[0].RunID != dead.RunID || history[0].Outcome != runlog.Killed || history[1].RunID != next.RunID {
		t.Errorf("the history says %+v, %v", history, err)
	}
	lineage, err := os.ReadFile(next.Lineage.File)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(lineage, []byte(`"ABORT"`)); n != 1 || bytes.Count(lineage, []byte(dead.RunID)) != 2 {
		t.Errorf("lineage has %d ABORT:\n%s", n, lineage)
	}
	if n := strings.Count(log.String(), "killed_run_id="+dead.RunID); n != 1 {
		t.Errorf("the log says it %d times:\n%s", n, log)
	}
}
