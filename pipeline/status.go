package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"entrepot/transforms"

	"github.com/gofrs/flock"
)

// Status is the state of an output folder: of the last or present run, of every
// input and of every step. It is kept in a file beside the workspace, so that it
// can be read while a run is going on.
type Status struct {
	State   string       `json:"state"` // running, killed, or the outcome of the last run (see RunRecord)
	Since   time.Time    `json:"since"` // when the run began
	Process int          `json:"pid"`
	Release string       `json:"release,omitempty"` // that current points to
	Steps   []StepStatus `json:"steps"`
}

// StepStatus is the state of one step: an input file or a table.
type StepStatus struct {
	Stage    string    `json:"stage"`
	Step     string    `json:"step"`
	State    string    `json:"state"` // done, refused, or never finished
	Reason   string    `json:"reason,omitempty"`
	RowsIn   int64     `json:"rows_in"`
	RowsOut  int64     `json:"rows_out"`
	Bytes    int64     `json:"bytes,omitempty"`
	Seconds  float64   `json:"seconds"`
	Finished time.Time `json:"finished,omitzero"`
}

func statusFile(out string) string { return filepath.Join(out, "work", "status.json") }

// saveStatus writes the state of the steps that are finished. It reads the
// workspace even when the run was interrupted.
func (r *runner) saveStatus(state string) error {
	ctx := context.Background()
	s := Status{State: state, Since: r.started.UTC().Truncate(time.Second), Process: os.Getpid(), Steps: []StepStatus{}}
	known, err := r.work.files(ctx)
	if err != nil {
		return err
	}
	for _, f := range byName(known) {
		step := StepStatus{Stage: string(StageExtract), Step: f.name, State: "done", RowsIn: f.read, RowsOut: f.staged, Bytes: f.bytes, Seconds: f.seconds}
		if f.refusal != "" {
			step.State, step.Reason = "refused", f.refusal
		}
		s.Steps = append(s.Steps, step)
	}
	states, err := r.work.steps(ctx)
	if err != nil {
		return err
	}
	for _, t := range transforms.All() {
		step := StepStatus{Stage: string(StageTransform), Step: t.Name, State: "never finished"}
		if was, ok := states[transformStep(t.Name)]; ok {
			step.State, step.RowsIn, step.RowsOut, step.Seconds, step.Finished = "done", was.rowsIn, was.rowsOut, was.seconds, was.finished
		}
		s.Steps = append(s.Steps, step)
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("save the status: %w", err)
	}
	// Only for people to look at: it need not survive a power cut, but must never be half.
	next := statusFile(r.config.Out) + ".next"
	if err := os.WriteFile(next, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("save the status: %w", err)
	}
	if err := os.Rename(next, statusFile(r.config.Out)); err != nil {
		return fmt.Errorf("save the status: %w", err)
	}
	return nil
}

// stepDone saves the status now and then while a run goes on.
func (r *runner) stepDone() error {
	r.statusLock.Lock()
	defer r.statusLock.Unlock()
	if now := r.now(); now.Sub(r.statusSaved) > time.Second {
		r.statusSaved = now
		return r.saveStatus("running")
	}
	return nil
}

// ReadStatus reads the status of an output folder. It needs no lock.
func ReadStatus(out string) (*Status, error) {
	text, err := os.ReadFile(statusFile(out))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no run has been made into %s yet; --out or the configuration names the output folder", out)
	}
	if err != nil {
		return nil, fmt.Errorf("read the status: %w", err)
	}
	var s Status
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("read the status: %w", err)
	}
	if target, err := os.Readlink(filepath.Join(out, "current")); err == nil {
		s.Release = filepath.Base(target)
	}
	if s.State == "running" && !locked(out) {
		s.State = "killed" // the lock died with the process
	}
	return &s, nil
}

func locked(out string) bool {
	lock := flock.New(filepath.Join(out, "work", "lock"))
	held, err := lock.TryRLock()
	if err != nil || !held {
		return true
	}
	return lock.Unlock() != nil
}
