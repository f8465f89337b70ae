package workspace

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"

	"entrepot/pipeline/engine"
	"entrepot/sources/staging"
)

//go:embed batch_tables.sql
var batchTablesSQL string

//go:embed batch_spans.sql
var batchSpansSQL string

// KeepTables makes the views staged and counted_rows of the tables that batches of
// files are kept in, and of the rows of a lake, and drops tables that no file needs any
// more: whose files were taken out, or whose run was killed before it had noted them.
func (w *Workspace) KeepTables(ctx context.Context) error {
	batches, err := engine.Query(ctx, w.DB, engine.Scan[int64], batchTablesSQL)
	if err != nil {
		return fmt.Errorf("list the tables of batches: %w", err)
	}
	unkept, err := w.unkept(ctx)
	if err != nil {
		return err
	}
	staged, counted := "FROM unkept_rows", "FROM counted_unkept"
	var dropped []int64
	for _, batch := range batches {
		kept, err := w.kept(ctx, batch)
		if err != nil {
			return fmt.Errorf("look at the table of batch %d: %w", batch, err)
		}
		if len(kept.Spans) == 0 {
			dropped = append(dropped, batch)
			continue
		}
		staged += "\nUNION ALL " + kept.StagedRows()
		counted += "\nUNION ALL " + kept.CountedRows()
	}
	if _, err := w.DB.ExecContext(ctx, "CREATE OR REPLACE VIEW unkept_rows AS "+unkept+";\nCREATE OR REPLACE VIEW staged AS "+staged+
		";\nCREATE OR REPLACE VIEW counted_rows AS "+counted); err != nil {
		return fmt.Errorf("list the tables of batches: %w", err)
	}
	for _, batch := range dropped {
		if _, err := w.DB.ExecContext(ctx, "DROP TABLE "+staging.TableOf(batch)); err != nil {
			return fmt.Errorf("drop rows that no file needs: %w", err)
		}
	}
	return nil
}

// kept is what is known of a batch's table; it has no spans when no file needs it.
func (w *Workspace) kept(ctx context.Context, batch int64) (staging.Kept, error) {
	k := staging.Kept{Batch: batch}
	var err error
	k.Spans, err = engine.Query(ctx, w.DB, func(rows *sql.Rows) (s staging.Span, err error) {
		return s, rows.Scan(&s.Place, &s.FileID, &s.FirstRow, &s.LastRow, &s.Shift, &k.Source)
	}, batchSpansSQL, sql.Named("batch", batch))
	if err == nil {
		err = w.DB.QueryRowContext(ctx, "SELECT count(*) FROM "+staging.TableOf(batch)).Scan(&k.Rows)
	}
	return k, err
}
