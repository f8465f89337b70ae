// Package parquet writes Parquet files as text, with DuckDB, for readers of text.
package parquet

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"entrepot/schemas/sqltext"
	"entrepot/sources/decode"

	"github.com/duckdb/duckdb-go/v2"
)

//go:embed columns.sql
var columnsSQL string

// checkEach is how often the size of what was written is looked at.
const checkEach = 50 * time.Millisecond

// errTooLarge is why the writing was stopped.
var errTooLarge = errors.New("too large")

// CSV writes the rows of a Parquet file to another file, as CSV with a header: each on a
// line, in their order. What is damaged, or would take more than most bytes, gives a
// *decode.Refusal.
func CSV(ctx context.Context, path, to string, most int64) error {
	db, err := open(ctx, filepath.Dir(to))
	if err != nil {
		return err
	}
	defer db.Close()
	from := sqltext.Parquet(path)
	columns, err := columnsOf(ctx, db, from)
	if err != nil {
		return refusal(ctx, db, path, err)
	}
	writing, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go watch(writing, to, most, stop)
	_, err = db.ExecContext(writing, "COPY (SELECT "+strings.Join(columns, ", ")+" FROM "+from+") TO "+sqltext.Literal(to)+" (FORMAT csv, HEADER, DELIMITER ',', USE_TMP_FILE false)")
	if errors.Is(context.Cause(writing), errTooLarge) || err == nil && size(to) > most {
		return decode.TooLarge()
	}
	return refusal(ctx, db, path, err)
}

// open gives a database in memory that spills to the folder temp.
func open(ctx context.Context, temp string) (*sql.DB, error) {
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		return nil, fmt.Errorf("start DuckDB: %w", err)
	}
	db := sql.OpenDB(connector)
	for _, set := range []string{"autoinstall_known_extensions = false", "autoload_known_extensions = false", "memory_limit = '1GB'",
		"temp_directory = " + sqltext.Literal(filepath.Join(temp, "parquet"))} {
		if _, err := db.ExecContext(ctx, "SET "+set); err != nil {
			return nil, errors.Join(fmt.Errorf("set up DuckDB: %w", err), db.Close())
		}
	}
	return db, nil
}

// columnsOf lists the columns as what is to be written of each: a value on one line, and
// nothing for what is no number.
func columnsOf(ctx context.Context, db *sql.DB, from string) ([]string, error) {
	rows, err := db.QueryContext(ctx, strings.ReplaceAll(columnsSQL, "{{from}}", from))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var columns []string
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			return nil, err
		}
		value := sqltext.Name(name)
		switch kind {
		case "FLOAT", "DOUBLE":
			value = "nullif(" + value + ", 'nan')"
		case "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "DATE":
		default:
			value = "translate(CAST(" + value + " AS VARCHAR), chr(10) || chr(13), '  ')"
		}
		columns = append(columns, value+" AS "+sqltext.Name(strings.NewReplacer("\n", " ", "\r", " ").Replace(name)))
	}
	return columns, rows.Err()
}

// watch stops the writing when the file has become too large.
func watch(ctx context.Context, path string, most int64, stop context.CancelCauseFunc) {
	ticker := time.NewTicker(checkEach)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if size(path) > most {
				stop(errTooLarge)
			}
		}
	}
}

func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// refusal tells a damaged file from a fault of the machine.
func refusal(ctx context.Context, db *sql.DB, path string, err error) error {
	var e *duckdb.Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &e) && e.Type != duckdb.ErrorTypeOutOfMemory && (e.Type != duckdb.ErrorTypeIO || damaged(ctx, db, path)):
		first, _, _ := strings.Cut(e.Msg, "\n")
		return decode.Refuse("is a Parquet file that can't be read: %s; write it again", first)
	}
	return fmt.Errorf("read a Parquet file: %w", err)
}

// damaged tells whether DuckDB can't read a file that the machine can: DuckDB says "IO
// error" of much that is wrong in a file, as of a disk that is full.
func damaged(ctx context.Context, db *sql.DB, path string) bool {
	_, err := db.ExecContext(ctx, "SELECT count(COLUMNS(*)) FROM "+sqltext.Parquet(path))
	return err != nil && ctx.Err() == nil && readable(path)
}

func readable(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	_, err = io.Copy(io.Discard, f)
	return err == nil
}
