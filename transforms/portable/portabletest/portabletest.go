// Package portabletest compares what the written SQL of transforms makes with the tables
// that a run made.
package portabletest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"entrepot/schemas"
	"entrepot/schemas/sqltext"
	"entrepot/transforms"
	"entrepot/transforms/portable"

	_ "github.com/duckdb/duckdb-go/v2"
)

// Equal makes the tables of a workspace that look through all rows once more, by the SQL that
// is written for other engines, over rows as a lake has them, and fails where one is not what
// the workspace has. database is the DuckDB file of a workspace that no run is at work in.
// It returns how many tables it compared.
func Equal(t *testing.T, database string) (compared int) {
	t.Helper()
	return equal(t, database, nil)
}

// Engine is another engine over a lake, a folder.
type Engine struct {
	Dialect  string
	Lake     string
	External func(ctx context.Context, table string, columns []portable.Column, folder string) error
	Create   func(ctx context.Context, table, query string) error
	Files    func(ctx context.Context, table string) ([]string, error)
}

// EqualOn is Equal with what another engine makes of the same rows.
func EqualOn(t *testing.T, database string, other *Engine) (compared int) {
	t.Helper()
	return equal(t, database, other)
}

func equal(t *testing.T, database string, other *Engine) (compared int) {
	t.Helper()
	conn, done := Look(t, database)
	defer done()
	e := equality{conn: conn, other: other, parameters: map[string]map[string]any{}, there: map[string]bool{}}
	if err := e.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, table := range transforms.All() {
		bound, made := e.parameters[table.Name]
		if !made {
			continue
		}
		began := time.Now()
		differ, heavy, err := e.table(t.Context(), table, bound)
		if err != nil {
			t.Errorf("%s: %v", table.Name, err)
		}
		if differ > 0 {
			t.Errorf("%s: %d rows differ from what the run made", table.Name, differ)
		}
		if heavy {
			compared++
			if other != nil {
				t.Logf("%s: compared after %v", table.Name, time.Since(began).Round(time.Millisecond))
			}
		}
	}
	return compared
}

// Look opens a workspace to read it, until done is called.
func Look(t *testing.T, database string) (conn *sql.Conn, done func()) {
	t.Helper()
	db, err := sql.Open("duckdb", database+"?access_mode=read_only&threads=1")
	if err != nil {
		t.Fatal(err)
	}
	if conn, err = db.Conn(t.Context()); err != nil {
		t.Fatal(errors.Join(err, db.Close()))
	}
	return conn, func() {
		if err := errors.Join(conn.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	}
}

type equality struct {
	conn       *sql.Conn
	other      *Engine         // nil: DuckDB itself
	there      map[string]bool // tables that the other engine has
	writer     *portable.Writer
	foreign    *portable.Writer          // for the other engine
	database   string                    // as SQL names it
	parameters map[string]map[string]any // of the tables that were made, by their names
}

// prepare makes the rows of a lake of the workspace's, and reads what each table was made with.
func (e *equality) prepare(ctx context.Context) error {
	if err := e.conn.QueryRowContext(ctx, "SELECT current_database()").Scan(&e.database); err != nil {
		return err
	}
	var err error
	if e.writer, err = portable.NewWriter(ctx, e.conn, schemas.Base{}.Workspace(), portable.Options{Dialect: "duckdb", Lake: true}); err != nil {
		return err
	}
	if e.other != nil {
		if e.foreign, err = portable.NewWriter(ctx, e.conn, schemas.Base{}.Workspace(), portable.Options{Dialect: e.other.Dialect, Lake: true}); err != nil {
			return err
		}
	}
	columns, of := e.writer.LakeColumns()
	list := []string{"CAST(file_id AS VARCHAR) AS object"}
	for i, c := range columns {
		list = append(list, of[i]+" AS "+sqltext.Name(c.Name))
	}
	// A file that is not in force stands for those of earlier runs.
	if _, err := e.conn.ExecContext(ctx, "CREATE TEMP TABLE lake_rows AS SELECT "+strings.Join(list, ", ")+` FROM staged;
		INSERT INTO lake_rows SELECT * REPLACE ('stale' AS object) FROM lake_rows;
		CREATE TEMP TABLE objects_in_force AS SELECT file_id, CAST(file_id AS VARCHAR) AS object FROM files`); err != nil {
		return fmt.Errorf("make the rows of a lake: %w", err)
	}
	e.parameters, err = Parameters(ctx, e.conn)
	return err
}

// Parameters are what the tables of a workspace were made with, by table and name.
func Parameters(ctx context.Context, conn *sql.Conn) (map[string]map[string]any, error) {
	rows, err := conn.QueryContext(ctx, "SELECT name, parts FROM steps WHERE starts_with(name, 'transform ')")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]map[string]any{}
	for rows.Next() {
		var name, text string
		var parts []struct{ What, Value string }
		if err := rows.Scan(&name, &text); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(text), &parts); err != nil {
			return nil, fmt.Errorf("read what %s was made of: %w", name, err)
		}
		bound := map[string]any{}
		for _, p := range parts {
			if parameter, is := strings.CutPrefix(p.What, "parameter "); is {
				bound[parameter] = p.Value
				if number, err := strconv.ParseInt(p.Value, 10, 64); err == nil && parameter == "partner" {
					bound[parameter] = number // the only one that is no text
				}
			}
		}
		all[strings.TrimPrefix(name, "transform ")] = bound
	}
	return all, rows.Err()
}

// table compares one table, if it looks through all rows. What it makes stands in front of the
// workspace's for those that are made of it.
func (e *equality) table(ctx context.Context, t transforms.Transform, bound map[string]any) (differ int, heavy bool, err error) {
	writer := e.writer
	if e.other != nil {
		writer = e.foreign
	}
	statements, err := e.written(ctx, writer, t, bound)
	if heavy = len(statements) > 0; err != nil || !heavy {
		return 0, heavy, err
	}
	for _, s := range statements {
		if e.other != nil {
			if err := e.elsewhere(ctx, s); err != nil {
				return 0, heavy, err
			}
			continue
		}
		if _, err := e.conn.ExecContext(ctx, "CREATE OR REPLACE TEMP TABLE "+sqltext.Name(s.Table)+" AS\n"+s.Select); err != nil {
			return 0, heavy, fmt.Errorf("make %s: %w\n%s", s.Table, err, s.Select)
		}
	}
	if e.other != nil {
		if err := e.fetch(ctx, statements[len(statements)-1]); err != nil {
			return 0, heavy, err
		}
	}
	query := fmt.Sprintf("SELECT (SELECT count(*) FROM (FROM %[1]s EXCEPT ALL FROM %[2]s)) + (SELECT count(*) FROM (FROM %[2]s EXCEPT ALL FROM %[1]s))",
		e.database+".main."+sqltext.Name(t.Name), "temp."+sqltext.Name(t.Name))
	err = e.conn.QueryRowContext(ctx, query).Scan(&differ)
	return differ, heavy, err
}

// memory has what was written of transforms. To parse and write them takes half of the time that
// comparing few rows takes, and hangs on no row: of a hundred workspaces most of it is the same.
var memory sync.Map // of []portable.Statement

// written is what is written of a transform, nothing for one that does not look through all rows.
func (e *equality) written(ctx context.Context, writer *portable.Writer, t transforms.Transform, bound map[string]any) ([]portable.Statement, error) {
	var columns []string
	for _, table := range t.Reads {
		columns = append(columns, fmt.Sprint(table, writer.Table(table)))
	}
	key := fmt.Sprint(e.dialect(), t.Name, t.SQL, bound, columns) // fmt sorts maps
	if known, found := memory.Load(key); found {
		return known.([]portable.Statement), nil
	}
	heavy, err := e.writer.ReadsRows(ctx, e.conn, t)
	if err != nil {
		return nil, err
	}
	var statements []portable.Statement
	if heavy {
		if statements, err = writer.Binding(bound).Write(ctx, e.conn, t); err != nil {
			return nil, err
		}
	}
	memory.Store(key, statements)
	return statements, nil
}

func (e *equality) dialect() string {
	if e.other != nil {
		return e.other.Dialect
	}
	return "duckdb"
}

// elsewhere makes a table in the other engine, after bringing there what it reads.
func (e *equality) elsewhere(ctx context.Context, s portable.Statement) error {
	for _, table := range s.Reads {
		if err := e.bring(ctx, table); err != nil {
			return fmt.Errorf("bring %s: %w", table, err)
		}
	}
	if err := e.other.Create(ctx, s.Table, s.Select); err != nil {
		return fmt.Errorf("make %s: %w\n%s", s.Table, err, s.Select)
	}
	e.there[s.Table] = true
	return nil
}

// bring writes a table into the lake, unless it is there.
func (e *equality) bring(ctx context.Context, table string) error {
	if e.there[table] {
		return nil
	}
	columns, of := e.writer.PlainColumns(table)
	switch table {
	case portable.LakeRows:
		columns, of = e.writer.LakeColumns()
		columns, of = append(columns, portable.Column{Name: portable.ObjectColumn, Type: "VARCHAR"}), append(of, portable.ObjectColumn)
		for i := range of {
			of[i] = sqltext.Name(columns[i].Name) // which are plain already
		}
	case portable.ObjectsInForce:
		columns = []portable.Column{{Name: portable.ObjectColumn, Type: "VARCHAR"}, {Name: "file_id", Type: "INTEGER"}}
		of = []string{portable.ObjectColumn, "file_id"}
	}
	folder := filepath.Join("brought", table)
	if err := os.MkdirAll(filepath.Join(e.other.Lake, folder), 0o755); err != nil {
		return err
	}
	var list []string
	for i, c := range columns {
		list = append(list, of[i]+" AS "+sqltext.Name(c.Name))
	}
	if _, err := e.conn.ExecContext(ctx, fmt.Sprintf("COPY (SELECT %s FROM %s) TO %s (FORMAT parquet)", strings.Join(list, ", "), sqltext.Name(table),
		sqltext.Literal(filepath.Join(e.other.Lake, folder, "rows.parquet")))); err != nil {
		return err
	}
	e.there[table] = true
	return e.other.External(ctx, table, columns, filepath.ToSlash(folder))
}

// fetch reads what the other engine made.
func (e *equality) fetch(ctx context.Context, s portable.Statement) error {
	files, err := e.other.Files(ctx, s.Table)
	if err != nil {
		return err
	}
	var names []string
	for _, c := range s.Columns {
		names = append(names, c.Name)
	}
	from := "SELECT * FROM " + sqltext.Name(s.Table) + " LIMIT 0"
	if len(files) > 0 {
		from = "SELECT " + sqltext.Names(names) + " FROM " + sqltext.Parquet(files...)
	}
	if _, err := e.conn.ExecContext(ctx, "CREATE OR REPLACE TEMP TABLE "+sqltext.Name(s.Table)+" AS "+from); err != nil {
		return fmt.Errorf("fetch %s: %w", s.Table, err)
	}
	return nil
}
