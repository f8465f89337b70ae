package runlog

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"entrepot/pipeline/durable"
)

// Record is a line of the history: what a run did and how it ended, or that somebody
// pointed current elsewhere.
type Record struct {
	RunID    string    `json:"run_id,omitempty"` // stands in each line of the JSON log and in lineage, too
	Started  time.Time `json:"started"`
	Seconds  float64   `json:"seconds"`
	Outcome  string    `json:"outcome"` // see the constants
	Release  string    `json:"release,omitempty"`
	Switched bool      `json:"switched"`         // current was pointed to the release
	Was      string    `json:"was,omitempty"`    // the release that current pointed to before that
	Pinned   string    `json:"pinned,omitempty"` // the release that current is pinned to
	Version  string    `json:"version"`
	Stages   []string  `json:"stages"`

	// StageSeconds is how long each stage took that the run came to.
	StageSeconds map[string]float64 `json:"stage_seconds,omitempty"`

	Files    int    `json:"files"`      // inputs, those that could not be used included
	FilesNew int    `json:"files_read"` // of these, read in this run
	Read     int64  `json:"rows_read"`
	Rows     int64  `json:"rows_staged"`
	Rejected int64  `json:"rows_rejected"`
	Tables   int64  `json:"tables_made"`
	LeftOut  int64  `json:"rows_left_out"`
	Refused  int64  `json:"files_refused"`
	Short    bool   `json:"incomplete"` // published, although rows, files or reporters are missing
	Error    string `json:"error,omitempty"`
}

// The outcomes of a run, and what else is in the history.
const (
	Published    = "published"
	Unchanged    = "unchanged"
	Switched     = "switched" // current points to a release that was there already
	Stopped      = "stopped before load"
	NoFiles      = "no files"
	ChecksFailed = "checks failed"
	Interrupted  = "interrupted"
	Failed       = "failed"
	Killed       = "killed" // it never said how it ended: the next run found its note that it had begun

	RolledBack = "rolled back" // current was pointed to a release by hand, and perhaps pinned
	Unpinned   = "unpinned"
)

// IsRun tells whether the record is of a run.
func (r Record) IsRun() bool { return r.Outcome != RolledBack && r.Outcome != Unpinned }

// Succeeded tells whether the run did what it should.
func (r Record) Succeeded() bool {
	switch r.Outcome {
	case Published, Unchanged, Switched, NoFiles, Stopped:
		return true
	}
	return false
}

func historyFile(out string) string { return filepath.Join(out, "history.ndjson") }

func appendHistory(out string, record Record) error {
	line, err := json.Marshal(record)
	if err == nil {
		err = durable.AppendLine(historyFile(out), line)
	}
	if err != nil {
		return fmt.Errorf("note the run in the history: %w", err)
	}
	return nil
}

// History lists the runs on an output folder, the oldest first. A line that a
// crash cut short is left out.
func History(out string) ([]Record, error) {
	file, err := os.Open(historyFile(out))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the history: %w", err)
	}
	defer file.Close()
	var all []Record
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var record Record
		if err := json.Unmarshal(lines.Bytes(), &record); err == nil {
			all = append(all, record)
		}
	}
	return all, lines.Err()
}
