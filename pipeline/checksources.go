package pipeline

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"entrepot/pipeline/check"
	"entrepot/pipeline/config"
	"entrepot/pipeline/engine"
	"entrepot/pipeline/extract"
	"entrepot/pipeline/job"
	"entrepot/pipeline/progress"
	"entrepot/pipeline/reference"
	"entrepot/pipeline/usage"
	"entrepot/pipeline/workspace"
	"entrepot/sources"
)

// SourceCheck is what one input file is and covers, and what would be rejected.
type SourceCheck struct {
	Name      string        `json:"name"`   // as a run knows it
	Path      string        `json:"path"`   // as it was asked for; of one folder, below that
	Format    string        `json:"format"` // "" when the file can't be used
	Source    string        `json:"source"`
	Refusal   string        `json:"refusal,omitempty"` // why it can't be used
	Note      string        `json:"note,omitempty"`    // what to know before trusting it
	Unit      string        `json:"unit"`
	Vintage   string        `json:"vintage,omitempty"` // when it was downloaded, as its name or archive says
	Bytes     int64         `json:"bytes"`
	Read      int64         `json:"rows_read"`
	Staged    int64         `json:"rows_staged"`
	Reporters []string      `json:"reporters"`
	Partners  int64         `json:"partners"` // other than World
	World     bool          `json:"world"`    // has rows for World
	Flows     []string      `json:"flows"`
	Years     []int         `json:"years"`
	Monthly   bool          `json:"monthly"`
	Revisions []string      `json:"hs_revisions"`
	Levels    []ReasonCount `json:"levels"` // rows by level of the codes
	Rejects   []ReasonCount `json:"rejects"`
	LeftOut   []ReasonCount `json:"left_out"`
	Examples  []string      `json:"examples"`                    // one reject of each reason, and names of areas that are not known
	Ambiguous int64         `json:"ambiguous_cells"`             // of which rows differ, and no column tells them apart
	Apart     string        `json:"ambiguous_example,omitempty"` // the first of them
}

// sourceReader reads files into a workspace of its own.
type sourceReader struct{ work *workspace.Workspace }

// CheckSources reads files as a run would, into a workspace of its own that is
// removed again, and says what each is. A path may be a folder.
func CheckSources(ctx context.Context, c *config.Config, paths []string) (checks []SourceCheck, err error) {
	temp, err := os.MkdirTemp("", "entrepot-check-")
	if err != nil {
		return nil, fmt.Errorf("make a folder to check in: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	scratch := *c
	scratch.Out = temp
	j, err := job.New(&scratch, job.Selection{}, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	inputs, shown, err := inputsAt(ctx, c.DataFolder(), paths)
	if err != nil {
		return nil, err
	}
	r := &sourceReader{}
	if r.work, err = workspace.Open(ctx, workspaceOptions(j)); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.work.Close()) }()
	if err := reference.Load(ctx, j, r.work); err != nil {
		return nil, err
	}
	stage := &extract.Stage{Job: j, Work: r.work, Meter: &progress.Meter{}, StepDone: func() error { return nil }}
	read, err := stage.Read(ctx, inputs, nil, 1)
	if err != nil {
		return nil, err
	}
	for i, f := range read {
		one, err := r.check(ctx, f.File)
		if err != nil {
			return nil, fmt.Errorf("check %s: %w", f.Name, err)
		}
		one.Path = shown[i]
		checks = append(checks, one)
	}
	return checks, nil
}

// inputsAt lists the inputs at the paths, and what each is called when it is shown.
// Those below the data folder have the names that a run gives them, so that the settings
// of files fit.
func inputsAt(ctx context.Context, data string, paths []string) (inputs []sources.Input, shown []string, err error) {
	for _, path := range paths {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil, usage.Errorf("%s does not exist", path)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("look at %s: %w", path, err)
		}
		base := filepath.Dir(path)
		if info.IsDir() {
			base = path
		}
		asked := base // what the paths that are shown are relative to
		if len(paths) > 1 {
			asked = "" // files of several folders may have one name
		}
		if below, err := filepath.Rel(data, path); data != "" && err == nil && !strings.HasPrefix(below, "..") {
			base = data
		}
		found, err := inputsBelow(ctx, path, info.IsDir())
		if err != nil {
			return nil, nil, err
		}
		for _, in := range found {
			shown = append(shown, nameBelow(asked, in))
			in.Name = nameBelow(base, in)
			inputs = append(inputs, in)
		}
	}
	return inputs, shown, nil
}

func inputsBelow(ctx context.Context, path string, folder bool) ([]sources.Input, error) {
	if !folder {
		return sources.At(ctx, path)
	}
	found, err := sources.Find(ctx, path, sources.Leave{})
	return found.Inputs, err
}

// nameBelow is what an input is called relative to a folder; "" for the path as it is.
func nameBelow(folder string, in sources.Input) string {
	name := in.Path
	if folder != "" {
		if below, err := filepath.Rel(folder, in.Path); err == nil {
			name = below
		}
	}
	if name = strings.ToValidUTF8(filepath.ToSlash(name), "\uFFFD"); in.Member != "" {
		name += "!" + strings.ToValidUTF8(in.Member, "\uFFFD")
	}
	return name
}

//go:embed source_coverage.sql
var sourceCoverageSQL string

//go:embed source_levels.sql
var sourceLevelsSQL string

//go:embed source_rejects.sql
var sourceRejectsSQL string

//go:embed source_ambiguous.sql
var sourceAmbiguousSQL string

func (r *sourceReader) check(ctx context.Context, f workspace.File) (SourceCheck, error) {
	c := SourceCheck{Name: f.Name, Format: f.Format, Source: f.Source, Refusal: f.Refusal, Note: f.Note, Unit: f.Unit, Vintage: f.Vintage,
		Bytes: f.Bytes, Read: f.Read, Staged: f.Staged}
	id := sql.Named("file", f.ID)
	var reporters, flows, years, revisions any
	err := r.work.DB.QueryRowContext(ctx, sourceCoverageSQL, id).
		Scan(&reporters, &c.Partners, &c.World, &flows, &years, &c.Monthly, &revisions)
	if err != nil {
		return c, fmt.Errorf("look at what it covers: %w", err)
	}
	c.World = c.World || f.AllPartners
	c.Reporters, c.Flows, c.Revisions = texts(reporters), texts(flows), texts(revisions)
	list, _ := years.([]any)
	for _, y := range list {
		if year, ok := y.(int16); ok {
			c.Years = append(c.Years, int(year))
		}
	}
	for _, q := range []struct {
		into  *[]ReasonCount
		query string
	}{
		{&c.Levels, sourceLevelsSQL},
		{&c.Rejects, "SELECT reason, count(*) FROM rejects WHERE file_id = $file GROUP BY reason ORDER BY 2 DESC, 1"},
		{&c.LeftOut, "SELECT reason, sum(rows)::BIGINT FROM left_out WHERE file_id = $file GROUP BY reason ORDER BY 2 DESC, 1"},
	} {
		if *q.into, err = engine.Query(ctx, r.work.DB, scanReason, q.query, id); err != nil {
			return c, fmt.Errorf("count its rows: %w", err)
		}
	}
	if c.Examples, err = engine.Query(ctx, r.work.DB, engine.Scan[string], sourceRejectsSQL, id); err != nil {
		return c, fmt.Errorf("show its rejects: %w", err)
	}
	names, err := check.UnknownTexts(ctx, r.work.DB, f.ID)
	if err != nil {
		return c, err
	}
	c.Examples = append(c.Examples, names...)
	if err := r.work.DB.QueryRowContext(ctx, sourceAmbiguousSQL, id).Scan(&c.Ambiguous, &c.Apart); err != nil {
		return c, fmt.Errorf("look for rows of one cell: %w", err)
	}
	return c, nil
}

func texts(list any) []string {
	values, _ := list.([]any)
	var all []string
	for _, v := range values {
		all = append(all, fmt.Sprint(v))
	}
	return all
}

func scanReason(rows *sql.Rows) (c ReasonCount, err error) {
	return c, rows.Scan(&c.Reason, &c.Rows)
}
