// Package engine opens DuckDB and reads from it.
package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/duckdb/duckdb-go/v2"
)

// Options of a database. The zero value is DuckDB's own.
type Options struct {
	ReadOnly    bool
	Temp        string // folder to spill to
	MemoryLimit string // such as "2GiB"
	Threads     int    // 0: as many as there are processors
}

// Version is the version of DuckDB's library that the program is built with; "" when
// the build does not say it.
var Version = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, module := range info.Deps {
		if strings.HasPrefix(module.Path, "github.com/duckdb/duckdb-go-bindings") {
			return module.Version
		}
	}
	return ""
})

// Open opens the database in a file, or with path "" one in memory. A run must never
// reach for the network, so extensions are neither installed nor loaded.
func Open(ctx context.Context, path string, o Options) (_ *sql.DB, err error) {
	mode := ""
	if o.ReadOnly && path != "" {
		mode = "?access_mode=READ_ONLY"
	}
	connector, err := duckdb.NewConnector(path+mode, nil)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	for _, setting := range o.settings() {
		if _, err := db.ExecContext(ctx, setting); err != nil {
			return nil, fmt.Errorf("set up DuckDB: %w", err)
		}
	}
	return db, nil
}

// Query reads a whole small result.
func Query[T any](ctx context.Context, db Querier, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// Querier is a *sql.DB, a *sql.Conn or a *sql.Tx.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Scan reads a row of one column.
func Scan[T any](rows *sql.Rows) (value T, err error) { return value, rows.Scan(&value) }
