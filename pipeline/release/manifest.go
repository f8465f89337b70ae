package release

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"entrepot/transforms/own"
)

const manifestName = "manifest.json"

// Manifest describes a release. All but Run is a function of the inputs, the
// parameters, the reference data, the SQL and the version.
type Manifest struct {
	Release    string            `json:"release"`
	Version    string            `json:"version"`
	Parameters map[string]any    `json:"parameters"`
	Reference  map[string]string `json:"reference_sha256"`
	Inputs     []InputEntry      `json:"inputs"`
	Files      []FileEntry       `json:"files"`
	// Reporters lists who has annual HS-6 rows with World, by year.
	Reporters map[string][]int16 `json:"reporters"`
	// Measured lists the reporters whose trade is measured; the first is shown first.
	Measured []MeasuredEntry `json:"measured,omitempty"`
	Coverage []CoverageEntry `json:"coverage"`
	Checks   []CheckEntry    `json:"checks"`
	// Own are the user's measures and checks, as their files say it.
	Own own.Sources `json:"own,omitzero"`
	Run RunEntry    `json:"run"`
}

// MeasuredEntry is a reporter whose trade is measured: its M49 code, its ISO-3 code and its
// name.
type MeasuredEntry struct {
	Code int16  `json:"code"`
	ISO3 string `json:"iso3"`
	Name string `json:"name"`
}

// CoverageEntry says how whole the world exports of a year are.
type CoverageEntry struct {
	Year          int     `json:"year"`
	Reporters     int     `json:"reporters"`
	ReportersMost int     `json:"reporters_most"`
	ValueCoverage float64 `json:"value_coverage"`
	LowCoverage   bool    `json:"low_coverage"`
}

// CheckEntry is the result of a quality check.
type CheckEntry struct {
	Name     string `json:"name"`
	Severity string `json:"severity"`
	Examined int64  `json:"examined"`
	Findings int64  `json:"findings"`
}

// InputEntry is an input file of a release.
type InputEntry struct {
	Name     string `json:"name"`
	SHA256   string `json:"sha256"`
	Format   string `json:"format,omitempty"`
	Vintage  string `json:"vintage,omitempty"`
	Read     int64  `json:"rows_read"`
	Staged   int64  `json:"rows_staged"`
	Rejected int64  `json:"rows_rejected"`
	LeftOut  int64  `json:"rows_left_out"`
	Refusal  string `json:"refusal,omitempty"`
}

// FileEntry is a published file. A file that is no table has no rows.
type FileEntry struct {
	Name   string `json:"name"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// describes tells whether a file is no table, but says what the tables are.
func (f FileEntry) describes() bool { return f.Name == PackageName || f.Name == CitationName }

// RunEntry is the part of a manifest that differs from run to run.
type RunEntry struct {
	Finished string `json:"finished"`
	Platform string `json:"platform"`
	// Data is the object store that the input files came from; "" for a folder.
	Data string `json:"data,omitempty"`
	// Engine is the cluster that worked out the tables that look through all rows; nil when
	// all were worked out here. The release is the same.
	Engine *EngineEntry `json:"engine,omitempty"`
}

// EngineEntry is what another engine did for a release.
type EngineEntry struct {
	Name    string       `json:"name"`
	Version string       `json:"version"`
	Queries []QueryEntry `json:"queries"`
}

// QueryEntry is a query of another engine: the table that it made, by which the engine's own
// pages show it, and the hash of what was sent.
type QueryEntry struct {
	Table string `json:"table"`
	ID    string `json:"id"`
	SQL   string `json:"sql_sha256"`
}

// finished is when the release was made; zero when the manifest does not say it. As text,
// times with fewer digits behind the second would be in a wrong order.
func (r RunEntry) finished() time.Time {
	at, err := time.Parse(time.RFC3339Nano, r.Finished)
	if err != nil {
		return time.Time{}
	}
	return at
}

// File is the entry of a published file; nil when there is none.
func (m *Manifest) File(name string) *FileEntry {
	for i := range m.Files {
		if m.Files[i].Name == name {
			return &m.Files[i]
		}
	}
	return nil
}

// readManifest reads the manifest of the release in a folder.
func readManifest(dir string) (*Manifest, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, fmt.Errorf("read the manifest of release %s: %w", filepath.Base(dir), err)
	}
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("read the manifest of release %s: %w", filepath.Base(dir), err)
	}
	return &m, nil
}

// InputPath is where an input file was, as far as the release tells: in an object store, or
// below a data folder, whose path it does not have.
func (r *Release) InputPath(name string) string {
	if r.Manifest.Run.Data == "" {
		return name
	}
	return r.Manifest.Run.Data + "/" + name
}

// ManifestEntry describes the manifest itself as a file of the release.
func (r *Release) ManifestEntry(ctx context.Context) (FileEntry, error) {
	e, err := fileEntry(ctx, filepath.Join(r.Dir, manifestName), 0)
	if err != nil {
		return e, fmt.Errorf("read the manifest of release %s: %w", r.ID, err)
	}
	return e, nil
}
