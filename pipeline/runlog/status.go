package runlog

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"entrepot/pipeline/durable"
	"entrepot/pipeline/release/store"
	"entrepot/pipeline/workspace"
)

// Status is the state of an output folder: of the last or present run, of every
// input and of every step. It is kept in files beside the workspace, so that it
// can be read while a run is going on: the steps by themselves (steps.go).
type Status struct {
	State   string       `json:"state"` // running, killed, or the outcome of the last run (see Record)
	Error   string       `json:"error,omitempty"`
	RunID   string       `json:"run_id,omitempty"`
	Version string       `json:"version,omitempty"`
	Since   time.Time    `json:"since"` // when the run began
	Process int          `json:"pid"`
	Release string       `json:"release,omitempty"` // that current points to
	Pin     *store.Pin   `json:"pin,omitempty"`     // that current is held by
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
	Modified time.Time `json:"modified,omitzero"` // of an input file
	Engine   string    `json:"engine,omitempty"`  // another one that made the table, and the ids of its queries
	Queries  []string  `json:"queries,omitempty"`
}

// running is the state of a run that has not said how it ended.
const running = "running"

func statusFile(out string) string { return filepath.Join(out, "work", "status.json") }

// save writes the status. It is only for people to look at: it need not survive a power
// cut, but must never be half.
func (s Status) save(out string) error {
	err := os.MkdirAll(workspace.Dir(out), 0o755)
	if err == nil {
		err = saveSteps(out, s.Steps)
	}
	if err != nil {
		return fmt.Errorf("save the status: %w", err)
	}
	return s.saveHead(out)
}

// saveHead writes the status but for the steps, which stay as they were saved.
func (s Status) saveHead(out string) error {
	text, err := json.MarshalIndent(head{Status: s}, "", "  ")
	if err == nil {
		err = os.MkdirAll(workspace.Dir(out), 0o755)
	}
	if err == nil {
		err = durable.Replace(statusFile(out), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("save the status: %w", err)
	}
	return nil
}

// head is a status without the steps.
type head struct {
	Status
	Steps []StepStatus `json:"steps,omitempty"`
}

// ReadStatus reads the status of an output folder. It needs no lock.
func ReadStatus(out string) (*Status, error) {
	s, err := readStatus(out)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no run has been made into %s yet; --out or the configuration names the output folder", out)
	}
	if err != nil {
		return nil, fmt.Errorf("read the status: %w; the next run writes it anew", err)
	}
	folder := store.Folder{Out: out}
	if s.Release, err = folder.Current(); err != nil {
		return nil, err
	}
	if s.Pin, err = folder.Pinned(); err != nil {
		return nil, err
	}
	if s.State == running && !workspace.Locked(out) {
		s.State = Killed // the lock died with the process
	}
	return s, nil
}

// readStatus reads what was saved.
func readStatus(out string) (*Status, error) {
	s, err := readHead(out)
	if err == nil {
		s.Steps, err = readSteps(out)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// readHead reads the status but for the steps.
func readHead(out string) (*Status, error) {
	text, err := os.ReadFile(statusFile(out))
	if err != nil {
		return nil, err
	}
	var h head
	if err := json.Unmarshal(text, &h); err != nil {
		return nil, fmt.Errorf("%s: %w", statusFile(out), err)
	}
	return &h.Status, nil
}

// lastSeen is when the status was saved.
func lastSeen(out string) (time.Time, error) {
	info, err := os.Stat(statusFile(out))
	if err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
}
