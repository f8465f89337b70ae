package check

import (
	"context"
	"database/sql"
	"fmt"
)

// Computable fails when the files have nothing that a measure is made of: empty
// figures would look like figures without trade.
func (c *Stage) Computable(ctx context.Context) error {
	var usable bool
	err := c.Work.DB.QueryRowContext(ctx, "SELECT EXISTS (FROM staged s JOIN files f USING (file_id) WHERE level = 6 AND month = 0 AND (partner = 0 OR f.all_partners))").Scan(&usable)
	if err != nil {
		return fmt.Errorf("look for rows that measures are made of: %w", err)
	}
	if usable {
		return nil
	}
	var found sql.NullString
	err = c.Work.DB.QueryRowContext(ctx, `
		WITH kinds AS (
			SELECT CASE level WHEN 0 THEN 'TOTAL' ELSE 'HS-' || level END || CASE WHEN month > 0 THEN ' by month' ELSE '' END
				|| CASE WHEN partner = 0 THEN ' with World' ELSE ' by partner' END AS kind,
				count(*) AS rows
			FROM staged GROUP BY kind)
		SELECT string_agg(format('{:d} {} of {}', rows, CASE rows WHEN 1 THEN 'row' ELSE 'rows' END, kind), ', ' ORDER BY rows DESC, kind) FROM kinds`).Scan(&found)
	if err != nil {
		return fmt.Errorf("look for rows that measures are made of: %w", err)
	}
	return fmt.Errorf("no file has annual HS-6 rows with partner World, of which every measure is made; the files have %s: "+
		"download the HS-6 codes (AG6) with partner World, too", found.String)
}
