package transform

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"entrepot/pipeline/workspace"
	"entrepot/schemas"
	"entrepot/schemas/sqltext"
	"entrepot/transforms"
)

// contentOf is a hash of the rows of a table, in whatever order they stand, and their
// number: what is made of them stays as it is while it does. Of a published table it covers
// the rows as they are published, and depends on nothing else, so that it may be part of a
// release's id.
//
// DuckDB's own hash costs a thirtieth of MD5 over the text of a row. It may be another in
// another version of DuckDB, and so the id of a release: then the same rows are published
// once more.
//
// years is what each year has of it, of these years or, for nil, of all; nil for a table
// that has no years, or a row without one.
func contentOf(ctx context.Context, conn *sql.Conn, published schemas.Catalogue, t transforms.Transform, only []int) (years workspace.Years, all whole, err error) {
	o, unpublished := published.Lookup(t.Name)
	hasYears := only != nil || t.ByYear || unpublished == nil && slices.ContainsFunc(o.Columns, func(c schemas.Column) bool { return c.Name == yearColumn })
	if !hasYears && unpublished != nil {
		if hasYears, err = hasColumn(ctx, conn, t.Name, yearColumn); err != nil {
			return nil, all, err
		}
	}
	year := "NULL::INTEGER"
	if hasYears {
		year = "CAST(" + yearColumn + " AS INTEGER)"
		years = workspace.Years{}
	}
	row := "r"
	if unpublished == nil {
		row = publishedRow(o)
	}
	query := "SELECT " + year + ", count(*), coalesce(sum(hash(" + row + ")), 0)::VARCHAR FROM " + sqltext.Name(t.Name) + " r"
	if only != nil {
		query += " WHERE " + inYears(only)
	}
	rows, err := conn.QueryContext(ctx, query+" GROUP BY ALL")
	if err != nil {
		return nil, all, fmt.Errorf("add up the rows of %s: %w", t.Name, err)
	}
	defer rows.Close()
	for rows.Next() {
		var of sql.NullInt64
		var y workspace.Year
		if err := rows.Scan(&of, &y.Rows, &y.Sum); err != nil {
			return nil, all, fmt.Errorf("add up the rows of %s: %w", t.Name, err)
		}
		all.add(y)
		if !of.Valid {
			years = nil
		}
		if years != nil {
			years[int(of.Int64)] = y
		}
	}
	return years, all, rows.Err()
}

// whole adds up what the years of a table have.
type whole struct {
	rows int64
	sum  big.Int
}

func (w *whole) add(y workspace.Year) {
	w.rows += y.Rows
	if of, ok := new(big.Int).SetString(y.Sum, 10); ok {
		w.sum.Add(&w.sum, of)
	}
}

// content is that of the table.
func (w *whole) content() string { return workspace.Hash(fmt.Sprint(w.rows), w.sum.String()) }

func publishedRow(o schemas.Output) string {
	var columns []string
	for _, c := range o.Computed() {
		columns = append(columns, fmt.Sprintf("CAST(%s AS %s)", sqltext.Name(c.Name), c.Type))
	}
	return "ROW(" + strings.Join(columns, ", ") + ")"
}
