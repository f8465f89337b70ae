package pipeline

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// RunRecord is a line of the history: what a run did and how it ended.
type RunRecord struct {
	Started  time.Time `json:"started"`
	Seconds  float64   `json:"seconds"`
	Outcome  string    `json:"outcome"` // published, unchanged, stopped before load, no files, checks failed, interrupted, failed
	Release  string    `json:"release,omitempty"`
	Version  string    `json:"version"`
	Stages   []string  `json:"stages"`
	Files    int       `json:"files"`      // inputs, those that could not be used included
	FilesNew int       `json:"files_read"` // of these, read in this run
	Rows     int64     `json:"rows_staged"`
	Rejected int64     `json:"rows_rejected"`
	Tables   int64     `json:"tables_made"`
	Error    string    `json:"error,omitempty"`
}

func historyFile(out string) string { return filepath.Join(out, "history.ndjson") }

// remember appends the run to the history and saves the final status.
func (r *runner) remember(s *Summary, failure error) error {
	record := RunRecord{Started: r.started.UTC().Truncate(time.Millisecond), Seconds: r.now().Sub(r.started).Seconds(), Version: r.version,
		Outcome: outcome(s, failure), Tables: r.made.Load()}
	for _, stage := range stages {
		if r.selection.has(stage) {
			record.Stages = append(record.Stages, string(stage))
		}
	}
	if s != nil {
		record.Release, record.Files = s.Release, len(s.Files)
		for _, f := range s.Files {
			record.Rows += f.Staged
			record.Rejected += f.Rejected
			if f.Fresh {
				record.FilesNew++
			}
		}
	}
	if failure != nil {
		record.Error = failure.Error()
	}
	line, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("note the run in the history: %w", err)
	}
	if err := appendLine(historyFile(r.config.Out), line); err != nil {
		return fmt.Errorf("note the run in the history: %w", err)
	}
	if err := r.saveStatus(record.Outcome); err != nil {
		return err
	}
	kind := "COMPLETE"
	switch {
	case record.Outcome == "interrupted":
		kind = "ABORT"
	case failure != nil:
		kind = "FAIL"
	}
	return errors.Join(r.writeMetrics(record, s), r.lineage(kind, s, failure))
}

func outcome(s *Summary, failure error) string {
	var checks *CheckError
	switch {
	case errors.Is(failure, context.Canceled):
		return "interrupted"
	case errors.As(failure, &checks):
		return "checks failed"
	case failure != nil:
		return "failed"
	case s.Empty:
		return "no files"
	case s.Release == "":
		return "stopped before load"
	case s.Fresh:
		return "published"
	}
	return "unchanged"
}

// appendLine adds a line to a file in one write, so that a reader never sees a
// part of it, and syncs it.
func appendLine(path string, line []byte) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Write(append(line, '\n')); err != nil {
		return err
	}
	return file.Sync()
}

// History lists the runs on an output folder, the oldest first. A line that a
// crash cut short is left out.
func History(out string) ([]RunRecord, error) {
	file, err := os.Open(historyFile(out))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the history: %w", err)
	}
	defer file.Close()
	var all []RunRecord
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var record RunRecord
		if err := json.Unmarshal(lines.Bytes(), &record); err == nil {
			all = append(all, record)
		}
	}
	return all, lines.Err()
}
