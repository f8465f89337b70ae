package pipeline

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"log/slog"
	"os"
	"slices"

	"entrepot/pipeline/check"
	"entrepot/pipeline/config"
	"entrepot/pipeline/engine"
	"entrepot/pipeline/workspace"
	"entrepot/schemas/sqltext"
)

// Reject is an input row that can't be used.
type Reject struct {
	Reason string
	File   string
	Line   int64
	Column string
	Value  string
}

// RejectGroup is a reason for which rows can't be used.
type RejectGroup struct {
	Reason  string `json:"reason"`
	Rows    int64  `json:"rows"`
	Files   int64  `json:"files"`
	Example string `json:"example"`

	Names     []check.UnknownName `json:"unknown_names,omitempty"` // of areas, those with the largest values
	MoreNames int64               `json:"more_unknown_names,omitempty"`
}

//go:embed reject_groups.sql
var rejectGroupsSQL string

// RejectGroups counts the rows that can't be used, by reason.
func RejectGroups(ctx context.Context, c *config.Config, log *slog.Logger) (groups []RejectGroup, err error) {
	err = withWorkspace(ctx, c, log, func(w *workspace.Workspace) error {
		groups, err = engine.Query(ctx, w.DB, func(rows *sql.Rows) (g RejectGroup, err error) {
			return g, rows.Scan(&g.Reason, &g.Rows, &g.Files, &g.Example)
		}, rejectGroupsSQL)
		if err != nil {
			return err
		}
		return addNames(ctx, w, groups)
	})
	return groups, err
}

// mostNames is how many names that are not known are listed.
const mostNames = 50

// addNames lists with the groups the names of areas that are not known.
func addNames(ctx context.Context, w *workspace.Workspace, groups []RejectGroup) error {
	names, more, err := check.UnknownNames(ctx, w.DB, 0, mostNames)
	if err != nil {
		return err
	}
	for _, n := range names {
		i := slices.IndexFunc(groups, func(g RejectGroup) bool { return g.Reason == n.Reason })
		groups[i].Names = append(groups[i].Names, n)
		groups[i].MoreNames = more
	}
	return nil
}

//go:embed all_rejects.sql
var allRejectsSQL string

// ExportRejects writes every row that can't be used as CSV: reason, file, line,
// column and value, grouped by reason. The file appears when it is complete.
func ExportRejects(ctx context.Context, c *config.Config, path string, log *slog.Logger) (rows int64, err error) {
	err = withWorkspace(ctx, c, log, func(w *workspace.Workspace) error {
		next := path + ".next"
		defer os.Remove(next)
		result, err := w.DB.ExecContext(ctx, "COPY (\n"+allRejectsSQL+"\n) TO "+sqltext.File(next)+" (FORMAT csv, HEADER)")
		if err != nil {
			return fmt.Errorf("export the rejects to %s: %w", path, err)
		}
		if rows, err = result.RowsAffected(); err != nil {
			return err
		}
		return os.Rename(next, path)
	})
	return rows, err
}
