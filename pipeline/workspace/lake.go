package workspace

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"entrepot/pipeline/engine"
	"entrepot/schemas/sqltext"
	"entrepot/sources/staging"
)

// lakeRows is the view of the rows that files have in a lake. It is there while there are any
// that this machine can read.
const lakeRows = "rows_in_lake"

// lakeStep notes which lake the workspace's objects in force are of.
const lakeStep = "lake"

// ErrLakeAway means that the rows that a workspace has in a lake can't be read.
var ErrLakeAway = errors.New("the rows that the workspace has in a lake can't be read")

// unkept is the query of all rows that are in no table of a batch.
func (w *Workspace) unkept(ctx context.Context) (string, error) {
	const own = "FROM staged_rows"
	var attached bool
	if err := w.DB.QueryRowContext(ctx, "SELECT EXISTS (FROM duckdb_views() WHERE view_name = $name AND NOT temporary)", sql.Named("name", lakeRows)).Scan(&attached); err != nil {
		return "", fmt.Errorf("look for rows in a lake: %w", err)
	}
	if !attached {
		return own, nil
	}
	if _, err := w.DB.ExecContext(ctx, "SELECT * FROM "+lakeRows+" LIMIT 0"); err != nil {
		return "", fmt.Errorf("%w; see to it that this machine sees the lake, or name it with --lake: %w", ErrLakeAway, OfInputs(err))
	}
	return own + "\nUNION ALL SELECT * FROM " + lakeRows, nil
}

// ShowLake lets the views of the workspace have the rows of a query, which are in a lake;
// "" for none.
func (w *Workspace) ShowLake(ctx context.Context, query string) error {
	change := "DROP VIEW IF EXISTS " + lakeRows
	if query != "" {
		change = "CREATE OR REPLACE VIEW " + lakeRows + " AS " + query
	}
	if _, err := w.DB.ExecContext(ctx, change); err != nil {
		return fmt.Errorf("show the rows of the lake: %w", OfInputs(err))
	}
	return w.KeepTables(ctx)
}

// InLake has the files whose rows are in a lake, and the objects that have them.
func (w *Workspace) InLake(ctx context.Context) (map[int64]string, error) {
	type pair struct {
		file   int64
		object string
	}
	all, err := engine.Query(ctx, w.DB, func(rows *sql.Rows) (p pair, err error) { return p, rows.Scan(&p.file, &p.object) }, "SELECT file_id, object FROM objects_in_force")
	if err != nil {
		return nil, fmt.Errorf("list the objects in force: %w", err)
	}
	objects := map[int64]string{}
	for _, p := range all {
		objects[p.file] = p.object
	}
	return objects, nil
}

func ofLake(lake string) Fingerprint { return Fingerprint{{What: "lake", Value: lake}} }

// UsesLake tells whether the objects in force are of a lake; "" for none.
func (w *Workspace) UsesLake(ctx context.Context, lake string) (bool, error) {
	was, err := w.Step(ctx, lakeStep)
	return was.Name == "" && lake == "" || was.Name != "" && was.Fingerprint == ofLake(lake).Sum(), err
}

// UseLake notes of which lake objects are in force from now on; "" for none. Files of another
// lake are taken out: they are read or attached anew.
func (w *Workspace) UseLake(ctx context.Context, lake string) error {
	same, err := w.UsesLake(ctx, lake)
	if err != nil || same {
		return err
	}
	objects, err := w.InLake(ctx)
	if err != nil {
		return err
	}
	var ids []int64
	for id := range objects {
		ids = append(ids, id)
	}
	if err := w.InTransaction(ctx, func(conn *sql.Conn) error {
		if err := DeleteFiles(ctx, conn, ids); err != nil {
			return err
		}
		return Finish(ctx, conn, lakeStep, ofLake(lake), StepState{})
	}); err != nil {
		return err
	}
	return w.ShowLake(ctx, "")
}

// OwnRows is the query for the staged rows of a file that the workspace has itself.
func (w *Workspace) OwnRows(ctx context.Context, id int64) (string, error) {
	of := fmt.Sprintf(" WHERE file_id = %d", id)
	query := "SELECT * FROM staged_rows" + of
	batches, err := w.batchesOf(ctx, []int64{id})
	for _, batch := range batches {
		kept, err := w.kept(ctx, batch)
		if err != nil {
			return "", fmt.Errorf("look at the table of batch %d: %w", batch, err)
		}
		query += "\nUNION ALL SELECT * FROM (" + kept.StagedRows() + ")" + of
	}
	return query, err
}

// batchesOf are the batches whose tables have rows of files.
func (w *Workspace) batchesOf(ctx context.Context, ids []int64) ([]int64, error) {
	return engine.Query(ctx, w.DB, engine.Scan[int64], "SELECT DISTINCT batch FROM line_ranges WHERE file_id IN (SELECT unnest($ids::BIGINT[]))", sql.Named("ids", ids))
}

// MoveToLake notes that objects of a lake have the rows of files, and takes the rows out of
// the workspace.
func (w *Workspace) MoveToLake(ctx context.Context, objects map[int64]string) error {
	var ids []int64
	var names []string
	for id, object := range objects {
		ids, names = append(ids, id), append(names, object)
	}
	batches, err := w.batchesOf(ctx, ids)
	if err != nil {
		return fmt.Errorf("find the tables of batches: %w", err)
	}
	err = w.InTransaction(ctx, func(conn *sql.Conn) error {
		if _, err := conn.ExecContext(ctx, "INSERT INTO objects_in_force SELECT unnest($objects::VARCHAR[]), unnest($ids::BIGINT[])",
			sql.Named("objects", names), sql.Named("ids", ids)); err != nil {
			return err
		}
		for _, table := range []string{"staged_rows", "line_ranges"} {
			if _, err := conn.ExecContext(ctx, "DELETE FROM "+table+" WHERE file_id IN (SELECT unnest($ids::BIGINT[]))", sql.Named("ids", ids)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note the objects in force: %w", err)
	}
	return w.dropUnused(ctx, batches)
}

// dropUnused drops the tables of batches of which no file is left in the workspace.
func (w *Workspace) dropUnused(ctx context.Context, batches []int64) error {
	used, err := engine.Query(ctx, w.DB, engine.Scan[int64], "SELECT DISTINCT batch FROM line_ranges")
	for _, batch := range batches {
		if err == nil && !slices.Contains(used, batch) {
			_, err = w.DB.ExecContext(ctx, "DROP TABLE "+sqltext.Name(staging.TableOf(batch)))
		}
	}
	if err != nil {
		return fmt.Errorf("drop rows that are in the lake: %w", err)
	}
	return nil
}
