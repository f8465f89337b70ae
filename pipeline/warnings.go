package pipeline

import (
	"context"
	"database/sql"
	"fmt"
)

// warnings says what a reader of the figures must know: what is missing, and
// what to do about it.
func (r *runner) warnings(ctx context.Context) ([]string, error) {
	reporter := sql.Named("reporter", int64(r.reporter.Code))
	var all []string
	for _, w := range []struct {
		query, format string
		args          []any
	}{
		{`SELECT string_agg(year, ', ' ORDER BY year) FROM years
			WHERE year NOT IN (SELECT year FROM world_trade WHERE reporter = $reporter GROUP BY year HAVING count(DISTINCT flow) = 2)`,
			"%s has not both imports and exports in %s: these years have no import dependence", []any{reporter}},
		{`SELECT string_agg(DISTINCT f.year, ', ' ORDER BY f.year) FROM facts f
			WHERE f.reporter = $reporter AND f.month = 0
			GROUP BY f.reporter
			HAVING count(*) FILTER (partner = 0) < count(DISTINCT (flow, year, hs_revision, hs6))`,
			"%s has codes with partners but without a row for World in %s: they are in no figure; download partner World too", []any{reporter}},
		{`SELECT string_agg(DISTINCT f.year, ', ' ORDER BY f.year) FROM facts f WHERE f.month <> 0 AND f.reporter = $reporter`,
			"%s has monthly rows in %s: they are staged, but the annual figures do not use them", []any{reporter}},
		{`SELECT CASE WHEN count(*) > 0 THEN format('{} codes worth {:.0f} million dollars ({})', count(DISTINCT (hs_revision, hs6)),
				sum(value_usd)::DOUBLE / 1e6, string_agg(DISTINCT hs_revision, ', ' ORDER BY hs_revision)) END FROM unconverted WHERE reporter = $reporter`,
			"%s has trade that can't be converted to the HS revision in use: %s are in no figure", []any{reporter}},
		{`SELECT CASE WHEN count(*) > 0 THEN format('{} reporters and years worth {:.0f} million dollars', count(DISTINCT (reporter, year)),
				sum(value_usd)::DOUBLE / 1e6) END FROM unconverted WHERE reporter <> $reporter AND flow = 'X'`,
			"%[2]s of world exports can't be converted to the HS revision in use and are in no figure", []any{reporter}},
	} {
		var what sql.NullString
		err := r.work.db.QueryRowContext(ctx, w.query, w.args...).Scan(&what)
		if err != nil && err != sql.ErrNoRows {
			return nil, fmt.Errorf("look for what to warn of: %w", err)
		}
		if what.Valid {
			all = append(all, fmt.Sprintf(w.format, r.reporter.Name, what.String))
		}
	}
	return all, nil
}
