package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// EachRow gives the rows of a large result one by one, as the driver gives them; the row is
// the same slice each time. Going around what database/sql does for each cell saves a third
// of the time that reading takes.
func EachRow(ctx context.Context, db *sql.DB, each func(row []driver.Value) error, query string) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	return errors.Join(conn.Raw(func(raw any) error {
		queryer, ok := raw.(driver.QueryerContext)
		if !ok {
			return fmt.Errorf("internal error: %T answers no query; please report it", raw)
		}
		rows, err := queryer.QueryContext(ctx, query, nil)
		if err != nil {
			return err
		}
		return errors.Join(eachOf(ctx, rows, each), rows.Close())
	}), conn.Close())
}

func eachOf(ctx context.Context, rows driver.Rows, each func([]driver.Value) error) error {
	row := make([]driver.Value, len(rows.Columns()))
	for {
		switch err := rows.Next(row); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := each(row); err != nil {
			return err
		}
	}
}
