package check

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"strings"

	"entrepot/transforms"
)

//go:embed usable.sql
var usableSQL string

//go:embed computable.sql
var computableSQL string

//go:embed is_computable.sql
var isComputableSQL string

//go:embed own_rows.sql
var ownRowsSQL string

//go:embed reporters.sql
var reportersSQL string

//go:embed kinds_of_rows.sql
var kindsOfRowsSQL string

//go:embed row_kinds.sql
var rowKindsSQL string

// RowKinds is what Computable need know of the staged rows, as a transform for an engine that
// has them.
var RowKinds = transforms.Transform{Name: "row_kinds", Folder: "pipeline/check", SQL: rowKindsSQL, Rows: true, Staged: true}

// asked is a query of the staged rows or, where another engine has these, of what it said of
// them.
func (c *Stage) asked(query string) string {
	if c.Kinds == "" {
		return query
	}
	return strings.NewReplacer("FROM staged", "FROM ("+c.Kinds+")", "count(*) AS rows", "CAST(sum(rows) AS BIGINT) AS rows").Replace(query)
}

// Computable fails when the files have nothing that a measure is made of, or nothing of
// the years or the reporter that are asked for: empty figures would look like figures without trade. Of
// monthly rows one measure is made, and a warning says what is missing for the others.
func (c *Stage) Computable(ctx context.Context) error {
	values := c.Job.Parameters()
	bound, err := bind("usable.sql", usableSQL+isComputableSQL, values)
	if err != nil {
		return err
	}
	var found bool
	if err := c.Work.DB.QueryRowContext(ctx, c.asked(usableSQL+isComputableSQL), bound...).Scan(&found); err != nil {
		return fmt.Errorf("look for rows that measures are made of: %w", err)
	}
	if found {
		return c.ownRows(ctx, values)
	}
	return c.notComputable(ctx, values, bound)
}

// notComputable says what the files have, and what is missing.
func (c *Stage) notComputable(ctx context.Context, values map[string]any, bound []any) error {
	var annual, monthly, asked bool
	var there string
	if err := c.Work.DB.QueryRowContext(ctx, c.asked(usableSQL+computableSQL), bound...).Scan(&annual, &monthly, &asked, &there); err != nil {
		return fmt.Errorf("look for rows that measures are made of: %w", err)
	}
	if annual || monthly {
		return fmt.Errorf("no file has HS-6 rows of %s with partner World, so nothing was published; the files have %s (--years)",
			strings.ReplaceAll(fmt.Sprint(values["years"]), ",", ", "), there)
	}
	var found sql.NullString
	err := c.Work.DB.QueryRowContext(ctx, c.asked(kindsOfRowsSQL)).Scan(&found)
	if err != nil {
		return fmt.Errorf("look for rows that measures are made of: %w", err)
	}
	missing := "no file has annual HS-6 rows with partner World, of which measures are made"
	if strings.Contains(found.String, "HS-6 by month with World") {
		return fmt.Errorf("%s; the files have %s: download annual rows (frequency A), too, or set months: sum where all twelve months are there", missing, found.String)
	}
	return fmt.Errorf("%s; the files have %s: download the HS-6 codes (AG6) with partner World, too", missing, found.String)
}

// ownRows fails when the files have nothing of the reporter, of whose trade nearly all
// measures are made.
func (c *Stage) ownRows(ctx context.Context, values map[string]any) error {
	bound, err := bind("own_rows.sql", ownRowsSQL, values)
	if err != nil {
		return err
	}
	var found bool
	if err := c.Work.DB.QueryRowContext(ctx, c.asked(ownRowsSQL), bound...).Scan(&found); err != nil {
		return fmt.Errorf("look for rows of the reporter: %w", err)
	}
	if found {
		return nil
	}
	var there string
	if err := c.Work.DB.QueryRowContext(ctx, c.asked(reportersSQL)).Scan(&there); err != nil {
		return fmt.Errorf("list the reporters of the files: %w", err)
	}
	return fmt.Errorf("no file has rows of %s as the reporter, so nothing was published; the files have %s (--reporter)", c.Job.Reporters, there)
}
