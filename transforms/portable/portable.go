// Package portable writes the SQL of transforms so that other engines run it: Trino,
// Spark, and DuckDB on the same rows in a lake. There is one text of each rule, the file
// of the transform; what is written here follows from DuckDB's parse of it.
//
// DuckDB's own words become plain ones: SEMI and ANTI JOIN become EXISTS, USING becomes
// ON, GROUP BY ALL names its columns, QUALIFY a query around it, * its columns, an alias
// that is used beside its definition the definition. Views and macros of the workspace
// stand where they are named, and ENUM is text. What engines name in different ways is in
// one table (dialects.go).
//
// An engine such as Trino computes a WITH anew wherever it is read, so what is read more
// than once is a table of its own, unless the transform says NOT MATERIALIZED: a transform
// is one statement or several. What can't be written is an error that says where.
package portable

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"entrepot/transforms"
)

// Statement makes one table of others.
type Statement struct {
	Table     string   // that it makes
	Transform string   // that it is a part of; the last one makes its table
	Select    string   // the SQL of its rows
	Columns   []Column // of the table
	Reads     []string // the tables that it reads, sorted: those of other statements, of the workspace and of the lake
}

// Column is one of a table. Type is as DuckDB names it; "" where only the engine can tell.
type Column struct{ Name, Type string }

// Writer writes the SQL of transforms.
type Writer struct {
	dialect dialect
	tables  map[string][]Column
	views   map[string]node
	macros  map[string]macro
	enums   map[string][]string
	bound   map[string]any
	lake    bool
}

// macro is one of the workspace.
type macro struct {
	parameters []string
	body       node
}

// Options say what a Writer writes for.
type Options struct {
	Dialect string         // "duckdb", "trino" or "spark"
	Bound   map[string]any // the values of parameters, which become literals
	Lake    bool           // staged rows are read from the lake (lake.go)
}

// NewWriter reads what the workspace's tables, views and macros are from a DuckDB database
// that has the tables of a workspace, whether they have rows or not. workspaceSQL is the
// text that made it.
func NewWriter(ctx context.Context, conn *sql.Conn, workspaceSQL string, o Options) (*Writer, error) {
	d, found := dialects[o.Dialect]
	if !found {
		return nil, fmt.Errorf("there is no dialect %q; there are %s", o.Dialect, strings.Join(Dialects(), ", "))
	}
	w := &Writer{dialect: d, bound: o.Bound, lake: o.Lake, tables: map[string][]Column{}, views: map[string]node{}, macros: map[string]macro{}, enums: map[string][]string{}}
	w.dialect.writer = w
	text := lineComment.ReplaceAllString(workspaceSQL, "")
	if err := w.readEnums(ctx, conn); err != nil {
		return nil, err
	}
	if err := w.readTables(ctx, conn); err != nil {
		return nil, err
	}
	for _, m := range createView.FindAllStringSubmatch(text, -1) {
		tree, err := parse(ctx, conn, m[2])
		if err != nil {
			return nil, fmt.Errorf("the view %s: %w", m[1], err)
		}
		w.views[m[1]] = tree
	}
	for _, m := range createMacro.FindAllStringSubmatch(text, -1) {
		tree, err := parse(ctx, conn, "SELECT "+m[3])
		if err != nil { // of messages, whose text may look like a comment: no other engine writes any
			continue
		}
		w.macros[m[1]] = macro{strings.Split(strings.ReplaceAll(m[2], " ", ""), ","), tree.list("select_list")[0]}
	}
	return w, nil
}

var (
	lineComment = regexp.MustCompile(`--[^\n]*`)
	createView  = regexp.MustCompile(`CREATE VIEW (\w+) AS\s+([^;]+);`)
	createMacro = regexp.MustCompile(`CREATE MACRO (\w+)\(([^)]*)\) AS\s+([^;]+);`)
	quoted      = regexp.MustCompile(`'([^']*)'`)
)

// Binding is the Writer with other values of parameters.
func (w *Writer) Binding(bound map[string]any) *Writer {
	other := *w
	other.bound, other.dialect.writer = bound, &other
	return &other
}

// Reload reads once more what tables there are: a run makes them one after the other.
func (w *Writer) Reload(ctx context.Context, conn *sql.Conn) error {
	clear(w.tables)
	return w.readTables(ctx, conn)
}

// readEnums finds the types that have few values.
func (w *Writer) readEnums(ctx context.Context, conn *sql.Conn) error {
	rows, err := conn.QueryContext(ctx, "SELECT type_name, unnest(labels) FROM duckdb_types() WHERE logical_type = 'ENUM' AND type_name <> 'enum'")
	if err != nil {
		return fmt.Errorf("read the types of the workspace: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return fmt.Errorf("read the types of the workspace: %w", err)
		}
		w.enums[name] = append(w.enums[name], value)
	}
	return rows.Err()
}

// readTables finds the columns of all tables.
func (w *Writer) readTables(ctx context.Context, conn *sql.Conn) error {
	rows, err := conn.QueryContext(ctx, `SELECT c.table_name, c.column_name, c.data_type
		FROM duckdb_columns() c JOIN duckdb_tables() t USING (table_oid) ORDER BY c.table_name, c.column_index`)
	if err != nil {
		return fmt.Errorf("read the columns of the workspace: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var table, name, kind string
		if err := rows.Scan(&table, &name, &kind); err != nil {
			return fmt.Errorf("read the columns of the workspace: %w", err)
		}
		w.tables[table] = append(w.tables[table], Column{name, w.typeNamed(kind)})
	}
	return rows.Err()
}

// typeNamed is the name of a type: DuckDB shows an ENUM by its values.
func (w *Writer) typeNamed(kind string) string {
	if !strings.HasPrefix(kind, "ENUM(") {
		return kind
	}
	var values []string
	for _, m := range quoted.FindAllStringSubmatch(kind, -1) {
		values = append(values, m[1])
	}
	for name, of := range w.enums {
		if slices.Equal(of, values) {
			return name
		}
	}
	return "VARCHAR"
}

// Name is a name as the dialect quotes it.
func (w *Writer) Name(name string) string { return w.dialect.name(name) }

// Table is what the Writer knows of a table: its columns, nil for none.
func (w *Writer) Table(name string) []Column { return w.tables[name] }

// ReadsRows tells whether a transform looks through the staged rows, itself or through views.
// These are the steps whose cost grows with all partners of all files.
func (w *Writer) ReadsRows(ctx context.Context, conn *sql.Conn, t transforms.Transform) (bool, error) {
	tree, err := parse(ctx, conn, t.SQL)
	if err != nil {
		return false, fmt.Errorf("%s/%s.sql: %w", t.Folder, t.Name, err)
	}
	return w.reachesRows(map[string]any(tree)), nil
}

func (w *Writer) reachesRows(value any) bool {
	switch value := value.(type) {
	case []any:
		return slices.ContainsFunc(value, w.reachesRows)
	case map[string]any:
		if name, _ := value["table_name"].(string); value["type"] == "BASE_TABLE" {
			if name == stagedRows || w.views[name] != nil && w.reachesRows(map[string]any(w.views[name])) {
				return true
			}
		}
		for _, child := range value {
			if w.reachesRows(child) {
				return true
			}
		}
	}
	return false
}

// Write is the statements of a transform, each behind those that it reads.
func (w *Writer) Write(ctx context.Context, conn *sql.Conn, t transforms.Transform) (_ []Statement, err error) {
	tree, err := parse(ctx, conn, t.SQL)
	if err != nil {
		return nil, fmt.Errorf("%s/%s.sql: %w", t.Folder, t.Name, err)
	}
	p := &plan{Writer: w, transform: t.Name}
	defer func() {
		// What can't be written is found deep in the tree.
		switch fault := recover().(type) {
		case nil:
		case unwritable:
			err = fmt.Errorf("%s/%s.sql: %w", t.Folder, t.Name, fault.error)
		default:
			panic(fault)
		}
	}()
	p.statement(t.Name, tree, nil)
	return p.statements, nil
}

// unwritable is an error of what no other engine runs.
type unwritable struct{ error }

func failf(format string, values ...any) { panic(unwritable{fmt.Errorf(format, values...)}) }
