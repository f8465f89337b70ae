// Package runlog keeps what happened: the history of runs, the status of the last one,
// metrics for Prometheus and events for OpenLineage.
package runlog

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"entrepot/pipeline/release"
	"entrepot/pipeline/workspace"

	"github.com/google/uuid"
)

// Book notes one run in every place that is asked for. A place that can't be written
// is a warning: it neither fails the run nor keeps the others from being written.
//
// A run begins (Begin), comes to hold the workspace (Holds), tells how far it is
// (StepDone) and ends (End). One that fails before it holds the workspace is noted, too.
type Book struct {
	Out         string
	Data        string // a folder, or the URL of an object store
	MetricsFile string // "" writes none; in a folder, a file is named after Out
	Lineage     Lineage
	Version     string
	RunID       string // Begin makes one of ""
	Log         *slog.Logger
	Now         func() time.Time

	started time.Time
	holds   bool // the workspace is this run's: so is the status
	told    bool // lineage knows that the run began

	lock   sync.Mutex
	saved  time.Time     // the status, last
	saving time.Duration // how long that took
	warned []string      // places that can't be written
	before *Status       // what the status was; nil when there was none
}

// Input is an input file of a run.
type Input struct {
	Name        string
	Rows, Bytes int64
	SHA256      string // of its content
}

// End is how a run ended.
type End struct {
	Record  Record // without its times
	Inputs  []Input
	Steps   []StepStatus // nil when the workspace was not reached: the status keeps the last ones
	Release *release.Release
	Failure error
}

// statusEvery is how often the status is saved while a run goes on; of very many steps, which
// take long to save, less often.
const statusEvery = time.Second

// Begin notes that a run begins, and warns of places that can't be written, before the
// work and not after it.
func (b *Book) Begin() error {
	b.started = b.Now()
	if b.RunID == "" {
		id, err := uuid.NewV7()
		if err != nil {
			return fmt.Errorf("make an id for the run: %w", err)
		}
		b.RunID = id.String()
	}
	if b.MetricsFile != "" {
		b.warn("metrics_file", canReplace(b.metricsPath()))
	}
	if b.Lineage.File != "" {
		b.warn("openlineage_file", canAppend(b.Lineage.File))
	}
	return nil
}

// Holds notes that the run has the workspace to itself, and that one before it was
// killed, if its note that it runs is still there.
func (b *Book) Holds() {
	if b.holds {
		return
	}
	b.holds = true
	b.warn("history", canAppend(historyFile(b.Out)))
	last, err := readHead(b.Out)
	if err == nil {
		b.before = last
	}
	if err == nil && last.State == running {
		b.killed(last)
	}
	b.saved = b.Now()
	b.warn("status", b.status(running, nil).saveHead(b.Out))
	b.warn("metrics_file", b.metricsOfBefore())
	b.begun()
}

// metricsOfBefore writes the metrics, of the steps as they were saved.
func (b *Book) metricsOfBefore() error {
	if b.MetricsFile == "" {
		return nil
	}
	steps, _ := readSteps(b.Out) // where they can't be read, 'entrepot status' says so
	return b.writeMetrics(Status{Steps: steps})
}

// TakeBack takes back that a run began which turns out to be none: the status is again
// what it was. What was told to lineage can't be untold, so there the run is given up.
func (b *Book) TakeBack(reason error) {
	if !b.holds {
		return
	}
	if b.before != nil && b.before.State != running {
		b.warn("status", b.before.saveHead(b.Out))
		b.warn("metrics_file", b.metricsOfBefore())
	}
	b.lineage("ABORT", nil, nil, reason)
}

// killed notes how a run ended that could not say so itself. It lived at least until it
// saved its status last.
func (b *Book) killed(s *Status) {
	r := Record{RunID: s.RunID, Started: s.Since, Outcome: Killed, Version: s.Version, Stages: []string{},
		Error: "the run was killed, or the machine went down; the next run goes on from its last finished step"}
	if seen, err := lastSeen(b.Out); err == nil && seen.After(s.Since) {
		r.Seconds = seen.Sub(s.Since).Seconds()
	}
	b.Log.Warn("the run before was killed, or the machine went down; this one goes on from its last finished step", "began", s.Since, "killed_run_id", s.RunID)
	b.warn("history", appendHistory(b.Out, r))
	if s.RunID != "" {
		dead := Book{Out: b.Out, Data: b.Data, Lineage: b.Lineage, Version: b.Version, RunID: s.RunID, Log: b.Log, Now: b.Now}
		dead.lineage("ABORT", nil, nil, errors.New(r.Error))
	}
}

// begun tells lineage once that the run has begun.
func (b *Book) begun() {
	if !b.told {
		b.told = true
		b.lineage("START", nil, nil, nil)
	}
}

// StepDone saves the status now and then while a run goes on. steps lists the steps
// as they are; it is asked only when the status is saved.
func (b *Book) StepDone(steps func() ([]StepStatus, error)) error {
	b.lock.Lock()
	defer b.lock.Unlock()
	now := b.Now()
	if now.Sub(b.saved) <= max(statusEvery, 20*b.saving) {
		return nil
	}
	all, err := steps()
	if err != nil {
		return err
	}
	b.warn("status", b.status(running, all).save(b.Out))
	b.saved = b.Now()
	b.saving = b.saved.Sub(now)
	return nil
}

func (b *Book) status(state string, steps []StepStatus) Status {
	if steps == nil {
		steps = []StepStatus{}
	}
	return Status{State: state, RunID: b.RunID, Version: b.Version, Since: b.started.UTC().Truncate(time.Second), Process: os.Getpid(), Steps: steps}
}

// End notes how the run ended. The status and the metrics of another run that is at work
// stay as they are.
func (b *Book) End(e End) {
	e.Record.RunID, e.Record.Version = b.RunID, b.Version
	e.Record.Started, e.Record.Seconds = b.started.UTC().Truncate(time.Millisecond), b.Now().Sub(b.started).Seconds()
	if e.Failure != nil {
		e.Record.Error = e.Failure.Error()
	}
	if e.Steps == nil {
		e.Steps, _ = readSteps(b.Out)
	}
	there := isFolder(b.Out) // a run that failed before it made the folder leaves none
	another, _ := workspace.AtWork(b.Out)
	if there {
		b.warn("history", appendHistory(b.Out, e.Record))
	}
	if b.holds || !another {
		status := b.status(e.Record.Outcome, e.Steps)
		status.Error = e.Record.Error
		if there {
			b.warn("status", status.save(b.Out))
		}
		b.warn("metrics_file", b.writeMetrics(status, e.Record))
	}
	b.begun()
	b.lineage(e.kind(), e.Inputs, e.Release, e.Failure)
}

// Note notes what somebody did by hand: in the history, and in the metrics beside what
// they say of the last run.
func (b *Book) Note(r Record) {
	r.Started, r.Version, r.Stages = b.Now().UTC().Truncate(time.Millisecond), b.Version, []string{}
	b.warn("history", appendHistory(b.Out, r))
	b.warn("metrics_file", b.metricsOfBefore())
}

func (e End) kind() string {
	switch {
	case e.Record.Outcome == Interrupted:
		return "ABORT"
	case e.Failure != nil:
		return "FAIL"
	}
	return "COMPLETE"
}

// warn says once of a place that it can't be written.
func (b *Book) warn(place string, err error) {
	if err == nil || slices.Contains(b.warned, place) {
		return
	}
	b.warned = append(b.warned, place)
	b.Log.Warn("the run can't be noted everywhere; it goes on without", "place", place, "error", err)
}
