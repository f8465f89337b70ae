package main

import (
	"io"
	"path/filepath"

	"entrepot/pipeline"
	"entrepot/pipeline/config"
)

// runResult is what a run did and found, for other programs.
type runResult struct {
	RunID    string   `json:"run_id"`
	Outcome  string   `json:"outcome"`  // published, unchanged, switched, stopped before load or no files
	Release  string   `json:"release"`  // of the input files; "" when nothing was published
	Folder   string   `json:"folder"`   // of that release; "" when nothing was published
	Fresh    bool     `json:"fresh"`    // this run wrote the release
	Switched bool     `json:"switched"` // this run pointed current to it
	Was      string   `json:"was"`      // the release that current pointed to before, when this run switched it
	Pinned   string   `json:"pinned"`   // the release that current is pinned to; "" when it is not
	Short    []string `json:"incomplete"`
	Warnings []string `json:"warnings"`
	Made     int64    `json:"tables_made"`
	Seconds  float64  `json:"seconds"`

	Files      []runFile              `json:"files"`
	Rejects    []pipeline.ReasonCount `json:"rejected"`   // rows that can't be used, by reason
	LeftOut    []pipeline.ReasonCount `json:"left_out"`   // rows that would double a figure
	Superseded []pipeline.ReasonCount `json:"superseded"` // rows whose cell another row has
	Figures    []runFigure            `json:"figures"`
}

// runFile is an input file.
type runFile struct {
	Name     string `json:"name"`
	Read     int64  `json:"rows_read"`
	Staged   int64  `json:"rows_staged"`
	Rejected int64  `json:"rows_rejected"`
	LeftOut  int64  `json:"rows_left_out"`
	Bytes    int64  `json:"bytes"`
	Fresh    bool   `json:"read"`    // it was read in this run
	Refusal  string `json:"refusal"` // why it can't be used; "" when it can
}

// runFigure is a figure as the terminal shows it.
type runFigure struct {
	Figure  string    `json:"figure"`
	Title   string    `json:"title"`
	Rows    string    `json:"rows"` // what the rows are
	Entries []runCell `json:"cells"`
}

// runCell is a cell of a figure that has a value.
type runCell struct {
	Row         string  `json:"row"`
	Column      string  `json:"column"`
	Part        int64   `json:"part"`  // codes counted
	Of          int64   `json:"of"`    // codes in the denominator
	Share       float64 `json:"share"` // part of them, between 0 and 1
	LowCoverage bool    `json:"low_coverage"`
	Partial     bool    `json:"partial"`
}

// writeRun prints what a run did as JSON.
func writeRun(w io.Writer, c *config.Config, s *pipeline.Summary) error {
	r := runResult{RunID: s.RunID, Outcome: s.Outcome(), Release: s.Release, Fresh: s.Fresh, Switched: s.Switched, Was: s.Was, Pinned: s.Pinned,
		Short: s.Shortfalls, Warnings: s.Warnings, Made: s.Made, Seconds: s.Took.Seconds(), Rejects: s.Rejects, LeftOut: s.LeftOut, Superseded: s.Overlap}
	if s.Release != "" {
		r.Folder = filepath.Join(c.Out, "releases", s.Release)
	}
	r.Files = runFiles(s)
	for _, f := range s.Figures {
		r.Figures = append(r.Figures, figureResult(f))
	}
	return writeJSON(w, r)
}

func runFiles(s *pipeline.Summary) (files []runFile) {
	for _, f := range s.Files {
		files = append(files, runFile{Name: f.Name, Read: f.Read, Staged: f.Staged, Rejected: f.Rejected, LeftOut: f.LeftOut,
			Bytes: f.Bytes, Fresh: f.Fresh, Refusal: f.Refusal})
	}
	return files
}

func figureResult(f pipeline.Figure) runFigure {
	result := runFigure{Figure: f.Name, Title: f.Title, Rows: f.Corner}
	for _, row := range f.Rows {
		for _, column := range f.Columns {
			if c := f.Cells[row][column]; c.Known {
				result.Entries = append(result.Entries, runCell{Row: row, Column: column, Part: c.Part, Of: c.Of,
					Share: float64(c.Part) / float64(c.Of), LowCoverage: c.LowCoverage, Partial: c.Partial})
			}
		}
	}
	return result
}
