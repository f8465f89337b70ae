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

// contentOf is a hash of the rows of a table, in whatever order they stand: what is made
// of them stays as it is while it does. Of a published table it covers the rows as they
// are published, and depends on nothing else, so that it may be part of a release's id.
// Others may be large, and never leave the workspace: DuckDB's own hash is good enough
// for them, and fast.
func contentOf(ctx context.Context, conn *sql.Conn, t transforms.Transform) (string, error) {
	query := "SELECT count(*), coalesce(sum(hash(r)), 0)::VARCHAR FROM " + sqltext.Name(t.Name) + " r"
	if o, err := schemas.Lookup(t.Name); err == nil {
		query = publishedContent(o)
	}
	var rows int64
	var sum string
	if err := conn.QueryRowContext(ctx, query).Scan(&rows, &sum); err != nil {
		return "", fmt.Errorf("add up the rows of %s: %w", t.Name, err)
	}
	return workspace.Hash(fmt.Sprint(rows), sum), nil
}

func publishedContent(o schemas.Output) string {
	var columns []string
	for _, c := range o.Columns {
		columns = append(columns, fmt.Sprintf("CAST(%s AS %s)", sqltext.Name(c.Name), c.Type))
	}
	row := "CAST(ROW(" + strings.Join(columns, ", ") + ") AS VARCHAR)"
	return "SELECT count(*), coalesce(sum(md5_number_lower(" + row + ")), 0)::VARCHAR FROM " + sqltext.Name(o.Name)
}
