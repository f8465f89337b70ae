package workspace

import (
	"context"
	"database/sql"
	"fmt"

	"entrepot/pipeline/engine"
	"entrepot/sources/staging"
)

// KeepTables makes the views staged and counted_rows of the tables that batches of
// files are kept in, and drops those that no file needs any more: whose files were
// taken out, or whose run was killed before it had noted them.
func (w *Workspace) KeepTables(ctx context.Context) error {
	batches, err := engine.Query(ctx, w.DB, func(rows *sql.Rows) (batch int64, err error) {
		return batch, rows.Scan(&batch)
	}, `SELECT CAST(substr(table_name, 6) AS BIGINT) AS batch
		FROM duckdb_tables() WHERE NOT temporary AND regexp_full_match(table_name, 'rows_[0-9]+') ORDER BY batch`)
	if err != nil {
		return fmt.Errorf("list the tables of batches: %w", err)
	}
	staged, counted := "FROM staged_rows", "FROM counted_unkept"
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
	if _, err := w.DB.ExecContext(ctx, "CREATE OR REPLACE VIEW staged AS "+staged+";\nCREATE OR REPLACE VIEW counted_rows AS "+counted); err != nil {
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
	}, `SELECT place, file_id, first_row, last_row, shift, source FROM line_ranges JOIN files USING (file_id) WHERE batch = $batch ORDER BY place, first_row`,
		sql.Named("batch", batch))
	if err == nil {
		err = w.DB.QueryRowContext(ctx, "SELECT count(*) FROM "+staging.TableOf(batch)).Scan(&k.Rows)
	}
	return k, err
}
