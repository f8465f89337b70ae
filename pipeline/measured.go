package pipeline

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"

	"entrepot/pipeline/engine"
	"entrepot/pipeline/release"
)

//go:embed measured.sql
var measuredSQL string

// measured lists the reporters whose trade the tables measure, the first to be shown first.
func (r *run) measured(ctx context.Context) ([]release.MeasuredEntry, error) {
	all, err := engine.Query(ctx, r.work.DB, func(rows *sql.Rows) (m release.MeasuredEntry, err error) {
		return m, rows.Scan(&m.Code, &m.ISO3, &m.Name)
	}, measuredSQL, sql.Named("reporters", r.job.Reporters.Text()))
	if err != nil {
		return nil, fmt.Errorf("list the reporters whose trade is measured: %w", err)
	}
	return all, nil
}
