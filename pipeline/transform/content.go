package transform

import (
	"context"
	"database/sql"
	"fmt"
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
func contentOf(ctx context.Context, conn *sql.Conn, published schemas.Catalogue, t transforms.Transform) (content string, rows int64, err error) {
	query := "SELECT count(*), coalesce(sum(hash(r)), 0)::VARCHAR FROM " + sqltext.Name(t.Name) + " r"
	if o, err := published.Lookup(t.Name); err == nil {
		query = publishedContent(o)
	}
	var sum string
	if err := conn.QueryRowContext(ctx, query).Scan(&rows, &sum); err != nil {
		return "", 0, fmt.Errorf("add up the rows of %s: %w", t.Name, err)
	}
	return workspace.Hash(fmt.Sprint(rows), sum), rows, nil
}

func publishedContent(o schemas.Output) string {
	var columns []string
	for _, c := range o.Computed() {
		columns = append(columns, fmt.Sprintf("CAST(%s AS %s)", sqltext.Name(c.Name), c.Type))
	}
	return "SELECT count(*), coalesce(sum(hash(ROW(" + strings.Join(columns, ", ") + "))), 0)::VARCHAR FROM " + sqltext.Name(o.Name)
}
