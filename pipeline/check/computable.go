package check

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
)

//go:embed computable.sql
var computableSQL string

//go:embed kinds_of_rows.sql
var kindsOfRowsSQL string

// Computable fails when the files have nothing that a measure is made of: empty
// figures would look like figures without trade.
func (c *Stage) Computable(ctx context.Context) error {
	var usable bool
	err := c.Work.DB.QueryRowContext(ctx, computableSQL).Scan(&usable)
	if err != nil {
		return fmt.Errorf("look for rows that measures are made of: %w", err)
	}
	if usable {
		return nil
	}
	var found sql.NullString
	err = c.Work.DB.QueryRowContext(ctx, kindsOfRowsSQL).Scan(&found)
	if err != nil {
		return fmt.Errorf("look for rows that measures are made of: %w", err)
	}
	return fmt.Errorf("no file has annual HS-6 rows with partner World, of which every measure is made; the files have %s: "+
		"download the HS-6 codes (AG6) with partner World, too", found.String)
}
