// Package portabletest compares what the written SQL of transforms makes with the tables
// that a run made.
package portabletest

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

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
	db, err := sql.Open("duckdb", database+"?access_mode=read_only&threads=1")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	e := equality{conn: conn, parameters: map[string]map[string]any{}}
	if err := e.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, table := range transforms.All() {
		bound, made := e.parameters[table.Name]
		if !made {
			continue
		}
		differ, heavy, err := e.table(t.Context(), table, bound)
		if err != nil {
			t.Errorf("%s: %v", table.Name, err)
		}
		if differ > 0 {
			t.Errorf("%s: %d rows differ from what the run made", table.Name, differ)
		}
		if heavy {
			compared++
		}
	}
	return compared
}

type equality struct {
	conn       *sql.Conn
	writer     *portable.Writer
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
	rows, err := e.conn.QueryContext(ctx, "SELECT name, parts FROM steps WHERE starts_with(name, 'transform ')")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, text string
		var parts []struct{ What, Value string }
		if err := rows.Scan(&name, &text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &parts); err != nil {
			return fmt.Errorf("read what %s was made of: %w", name, err)
		}
		bound := map[string]any{}
		for _, p := range parts {
			if parameter, is := strings.CutPrefix(p.What, "parameter "); is {
				bound[parameter] = p.Value
			}
		}
		e.parameters[strings.TrimPrefix(name, "transform ")] = bound
	}
	return rows.Err()
}

// table compares one table, if it looks through all rows. What it makes stands in front of the
// workspace's for those that are made of it.
func (e *equality) table(ctx context.Context, t transforms.Transform, bound map[string]any) (differ int, heavy bool, err error) {
	if heavy, err = e.writer.ReadsRows(ctx, e.conn, t); err != nil || !heavy {
		return 0, heavy, err
	}
	statements, err := e.writer.Binding(bound).Write(ctx, e.conn, t)
	if err != nil {
		return 0, heavy, err
	}
	for _, s := range statements {
		if _, err := e.conn.ExecContext(ctx, "CREATE OR REPLACE TEMP TABLE "+sqltext.Name(s.Table)+" AS\n"+s.Select); err != nil {
			return 0, heavy, fmt.Errorf("make %s: %w\n%s", s.Table, err, s.Select)
		}
	}
	query := fmt.Sprintf("SELECT (SELECT count(*) FROM (FROM %[1]s EXCEPT ALL FROM %[2]s)) + (SELECT count(*) FROM (FROM %[2]s EXCEPT ALL FROM %[1]s))",
		e.database+".main."+sqltext.Name(t.Name), "temp."+sqltext.Name(t.Name))
	err = e.conn.QueryRowContext(ctx, query).Scan(&differ)
	return differ, heavy, err
}
