package workspace

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"

	"entrepot/pipeline/engine"
)

// Query is one that another engine ran for a step: a row of the table step_queries.
type Query struct {
	Made            string // the table that it made there
	Engine, Version string
	ID              string // by which the engine's own pages show it
	SQL             string // the SHA-256 of what was sent
	Rows            int64
	CPU             float64 // seconds, of all nodes
	Read            int64   // bytes, in the lake
	Peak            int64   // bytes of memory, of all nodes together
}

// NoteQueries notes what another engine ran for a step, in place of what was noted of it
// before, in the transaction that holds the step's result.
func NoteQueries(ctx context.Context, conn *sql.Conn, step string, queries []Query) error {
	_, err := conn.ExecContext(ctx, "DELETE FROM step_queries WHERE name = $name", sql.Named("name", step))
	var rows [][]driver.Value
	for i, q := range queries {
		rows = append(rows, []driver.Value{step, int32(i), q.Made, q.Engine, q.Version, q.ID, q.SQL, q.Rows, q.CPU, q.Read, q.Peak})
	}
	if err == nil && len(rows) > 0 {
		err = engine.Append(conn, "step_queries", rows)
	}
	if err != nil {
		return fmt.Errorf("note the queries of %s: %w", step, err)
	}
	return nil
}

// Queries are what other engines ran for the steps as they are, by the names of the steps.
func (w *Workspace) Queries(ctx context.Context) (map[string][]Query, error) {
	all := map[string][]Query{}
	_, err := engine.Query(ctx, w.DB, func(rows *sql.Rows) (struct{}, error) {
		var step string
		var q Query
		err := rows.Scan(&step, &q.Made, &q.Engine, &q.Version, &q.ID, &q.SQL, &q.Rows, &q.CPU, &q.Read, &q.Peak)
		all[step] = append(all[step], q)
		return struct{}{}, err
	}, "SELECT name, made, engine, version, query_id, sql_sha256, rows_out, cpu_seconds, bytes_read, peak_bytes FROM step_queries ORDER BY name, place")
	if err != nil {
		return nil, fmt.Errorf("read the queries of the steps: %w", err)
	}
	return all, nil
}
