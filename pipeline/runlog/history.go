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

// Record is a line of the history: what a run did and how it ended.
type Record struct {
	Started  time.Time `json:"started"`
	Seconds  float64   `json:"seconds"`
	Outcome  string    `json:"outcome"` // published, unchanged, switched, stopped before load, no files, checks failed, interrupted, failed
	Release  string    `json:"release,omitempty"`
	Version  string    `json:"version"`
	Stages   []string  `json:"stages"`
	Files    int       `json:"files"`      // inputs, those that could not be used included
	FilesNew int       `json:"files_read"` // of these, read in this run
	Read     int64     `json:"rows_read"`
	Rows     int64     `json:"rows_staged"`
	Rejected int64     `json:"rows_rejected"`
	Tables   int64     `json:"tables_made"`
	LeftOut  int64     `json:"rows_left_out"`
	Refused  int64     `json:"files_refused"`
	Short    bool      `json:"incomplete"` // published, although rows, files or reporters are missing
	Error    string    `json:"error,omitempty"`
}

// The outcomes of a run.
const (
	Published    = "published"
	Unchanged    = "unchanged"
	Switched     = "switched" // current points to a release that was there already
	Stopped      = "stopped before load"
	NoFiles      = "no files"
	ChecksFailed = "checks failed"
	Interrupted  = "interrupted"
	Failed       = "failed"
)

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
