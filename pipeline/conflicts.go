package pipeline

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"

	"entrepot/pipeline/config"
	"entrepot/pipeline/engine"
	"entrepot/pipeline/job"
	"entrepot/pipeline/usage"
	"entrepot/pipeline/workspace"
)

// Conflict is a cell of which two sources have different values. A counts.
type Conflict struct {
	Reporter string  `json:"reporter"`
	Partner  string  `json:"partner"`
	Flow     string  `json:"flow"`
	Year     int     `json:"year"`
	Month    int     `json:"month,omitempty"` // 0: the whole year
	Revision string  `json:"hs_revision"`
	Code     string  `json:"code"`
	SourceA  string  `json:"source"`
	ValueA   float64 `json:"value_usd"`
	SourceB  string  `json:"other_source"`
	ValueB   float64 `json:"other_value_usd"`
	Percent  float64 `json:"difference_percent"` // of B to A
	FileB    string  `json:"other_file"`
	LineB    int64   `json:"other_line"`
}

//go:embed conflicts.sql
var conflictsSQL string

// Conflicts lists the cells in which two sources differ by more than percent,
// the largest difference first. The tables must be up to date.
func Conflicts(ctx context.Context, c *config.Config, percent string, log *slog.Logger) (conflicts []Conflict, err error) {
	err = withTables(ctx, c, log, func(w *workspace.Workspace) error {
		conflicts, err = engine.Query(ctx, w.DB, func(rows *sql.Rows) (x Conflict, err error) {
			var change sql.NullFloat64
			err = rows.Scan(&x.Reporter, &x.Partner, &x.Flow, &x.Year, &x.Month, &x.Revision, &x.Code, &x.SourceA, &x.ValueA, &x.SourceB, &x.ValueB, &change, &x.FileB, &x.LineB)
			x.Percent = change.Float64
			return x, err
		}, conflictsSQL, sql.Named("percent", percent))
		if err != nil {
			return fmt.Errorf("compare the sources: %w", err)
		}
		return nil
	})
	return conflicts, err
}

// withTables opens the workspace of an earlier run to look at its tables.
func withTables(ctx context.Context, c *config.Config, log *slog.Logger, do func(*workspace.Workspace) error) error {
	return withWorkspace(ctx, c, log, func(w *workspace.Workspace) error {
		states, err := w.Steps(ctx)
		if err != nil {
			return err
		}
		if _, made := states[workspace.TransformStep("superseded")]; !made {
			return usage.Errorf("%s has no tables yet: 'entrepot run' makes them", c.Out)
		}
		if job.KeptOnEngine(states) {
			return usage.Errorf("the rows behind the tables of %s are with the engine of the last run: 'entrepot run --engine duckdb' brings them here", c.Out)
		}
		return do(w)
	})
}

// withWorkspace opens the workspace of an earlier run to look at it, however far that
// came.
func withWorkspace(ctx context.Context, c *config.Config, log *slog.Logger, do func(*workspace.Workspace) error) (err error) {
	w, err := workspace.Look(ctx, workspaceOptions(&job.Job{Config: *c, Log: log}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	return do(w)
}
