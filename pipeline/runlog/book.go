// Package runlog keeps what happened: the history of runs, the status of the last one,
// metrics for Prometheus and events for OpenLineage.
package runlog

import (
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"entrepot/pipeline/release"

	"github.com/google/uuid"
)

// Book notes one run in every place that is asked for. A place that can't be written
// is a warning: it neither fails the run nor keeps the others from being written.
type Book struct {
	Out, Data       string
	MetricsFile     string // "" writes none
	OpenLineageFile string // "" writes none
	Version         string
	Log             *slog.Logger
	Now             func() time.Time

	started time.Time
	runID   string

	lock   sync.Mutex
	saved  time.Time     // the status, last
	saving time.Duration // how long that took
}

// Input is an input file of a run.
type Input struct {
	Name        string
	Rows, Bytes int64
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

// Begin notes that a run begins.
func (b *Book) Begin() error {
	b.started = b.Now()
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("make an id for the run: %w", err)
	}
	b.runID = id.String()
	b.warn(b.lineage("START", nil, nil, nil))
	return nil
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
	b.warn(b.status("running", all).save(b.Out))
	b.saved = b.Now()
	b.saving = b.saved.Sub(now)
	return nil
}

func (b *Book) status(state string, steps []StepStatus) Status {
	if steps == nil {
		steps = []StepStatus{}
	}
	return Status{State: state, Since: b.started.UTC().Truncate(time.Second), Process: os.Getpid(), Steps: steps}
}

// End notes how the run ended.
func (b *Book) End(e End) {
	e.Record.Started, e.Record.Seconds = b.started.UTC().Truncate(time.Millisecond), b.Now().Sub(b.started).Seconds()
	e.Record.Version = b.Version
	if e.Failure != nil {
		e.Record.Error = e.Failure.Error()
	}
	if e.Steps == nil {
		if last, err := ReadStatus(b.Out); err == nil {
			e.Steps = last.Steps
		}
	}
	b.warn(appendHistory(b.Out, e.Record))
	b.warn(b.status(e.Record.Outcome, e.Steps).save(b.Out))
	b.warn(b.writeMetrics(e.Record))
	b.warn(b.lineage(e.kind(), e.Inputs, e.Release, e.Failure))
}

// Note notes what somebody did by hand: in the history, and in the metrics beside what
// they say of the last run.
func (b *Book) Note(r Record) {
	r.Started, r.Version, r.Stages = b.Now().UTC().Truncate(time.Millisecond), b.Version, []string{}
	b.warn(appendHistory(b.Out, r))
	all, err := History(b.Out)
	if err != nil {
		b.warn(err)
		return
	}
	for _, last := range slices.Backward(all) {
		if last.IsRun() {
			b.warn(b.writeMetrics(last))
			return
		}
	}
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

func (b *Book) warn(err error) {
	if err != nil {
		b.Log.Warn("the run could not be noted", "error", err)
	}
}
