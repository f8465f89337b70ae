package fetch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"entrepot/pipeline/durable"
	"entrepot/pipeline/usage"
)

// stateVersion is that of the form of state.json.
const stateVersion = 1

// state is what was brought, of which version it is and where it lies.
type state struct {
	Version int               `json:"version"`
	Cells   map[string]*Entry `json:"cells"`             // by Cell.String
	Entered []string          `json:"entered"`           // periods whose world exports are in the folder
	Listed  int               `json:"listed"`            // datasets that the last listing had
	Years   []int             `json:"years"`             // of that listing
	Revised []Change          `json:"revised,omitempty"` // that the last fetch was to bring again
	Success time.Time         `json:"last_success,omitzero"`
	// Downloads are files that came as they are, by Download.Key.
	Downloads map[string]*Download `json:"downloads,omitempty"`

	Parts map[string]*Part `json:"parts,omitempty"` // of cells that take several calls, by Cell.String and partners

	refetched map[string]bool // cells that this run brought anew because it was asked to
}

// Entry is a cell that was brought.
type Entry struct {
	Cell    Cell      `json:"cell"`
	Dataset Dataset   `json:"dataset"`
	File    string    `json:"file,omitempty"` // below the data folder, or below incoming/ while it waits
	Rows    int       `json:"rows"`
	Size    int64     `json:"size"`
	SHA256  string    `json:"sha256,omitempty"`
	Fetched time.Time `json:"fetched_at"`
	Query   string    `json:"query"`
	Wire    int64     `json:"wire_bytes"`        // of the answers that it came in, with those of others
	Empty   bool      `json:"empty,omitempty"`   // the reporter has no such flow
	Waiting bool      `json:"waiting,omitempty"` // for the rest of its period
	Why     string    `json:"why,omitempty"`     // it was fetched again
	Counted bool      `json:"counted,omitempty"` // its rows were counted again, days after a release that was new
}

// Part is an answer for some of a cell's partners, kept until the others are here.
type Part struct {
	Cell    Cell    `json:"cell"`
	Dataset Dataset `json:"dataset"`
	File    string  `json:"file,omitempty"` // in incoming/
	Cut     bool    `json:"cut,omitempty"`  // it was too long, and is divided
	Wire    int64   `json:"wire_bytes"`
}

func emptyState() *state {
	return &state{Version: stateVersion, Cells: map[string]*Entry{}, Parts: map[string]*Part{}, Downloads: map[string]*Download{}, refetched: map[string]bool{}}
}

func (f *folder) readState() (*state, error) {
	s := emptyState()
	content, err := os.ReadFile(f.path("state.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what was fetched: %w", err)
	}
	if err := json.Unmarshal(content, s); err != nil {
		return nil, usage.Errorf("%s can't be read (%w): 'entrepot fetch verify --rebuild' makes it anew from the files", f.path("state.json"), err)
	}
	if s.Downloads == nil {
		s.Downloads = map[string]*Download{}
	}
	if s.Parts == nil {
		s.Parts = map[string]*Part{}
	}
	if s.Version != stateVersion {
		return nil, usage.Errorf("%s is of version %d, and this program knows version %d: use the newer program", f.path("state.json"), s.Version, stateVersion)
	}
	return s, nil
}

func (f *folder) writeState(s *state) error {
	content, err := json.Marshal(s)
	if err == nil {
		err = durable.WriteFile(f.path("state.json"), content)
	}
	if err != nil {
		return fmt.Errorf("note what was fetched: %w", err)
	}
	return nil
}

func (s *state) sameYears(years []int) bool { return slices.Equal(s.Years, years) }

func (s *state) entered(period string) bool { return slices.Contains(s.Entered, period) }
