package portable_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"entrepot/schemas"
	"entrepot/schemas/sqltext"
	"entrepot/transforms"
	"entrepot/transforms/portable"

	"github.com/google/go-cmp/cmp"

	_ "github.com/duckdb/duckdb-go/v2"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// emptyWorkspace is a connection to a database with all tables of a workspace and no rows.
func emptyWorkspace(t *testing.T) *sql.Conn {
	t.Helper()
	db, err := sql.Open("duckdb", "?threads=1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := conn.ExecContext(t.Context(), schemas.Base{}.Workspace()); err != nil {
		t.Fatal(err)
	}
	for _, table := range transforms.All() {
		if err := emptyTable(t.Context(), conn, table); err != nil {
			t.Fatalf("%s: %v", table.Name, err)
		}
	}
	return conn
}

func emptyTable(ctx context.Context, conn *sql.Conn, t transforms.Transform) error {
	var bound []any
	for _, name := range t.Parameters {
		bound = append(bound, sql.Named(name, "1"))
	}
	_, err := conn.ExecContext(ctx, "CREATE OR REPLACE TABLE "+sqltext.Name(t.Name)+" AS\n"+t.SQL, bound...)
	return err
}

// bound are values for all parameters that heavy steps bind.
func bound() map[string]any {
	all := map[string]any{}
	for _, t := range transforms.All() {
		for _, name := range t.Parameters {
			all[name] = name
		}
	}
	return all
}

// written is what is written of all steps that look through the rows, by the table.
func written(t *testing.T, conn *sql.Conn, dialect string) map[string][]portable.Statement {
	t.Helper()
	w, err := portable.NewWriter(t.Context(), conn, schemas.Base{}.Workspace(), portable.Options{Dialect: dialect, Bound: bound(), Lake: true})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]portable.Statement{}
	for _, table := range transforms.All() {
		heavy, err := w.ReadsRows(t.Context(), conn, table)
		if err != nil {
			t.Fatal(err)
		}
		if !heavy {
			continue
		}
		if all[table.Name], err = w.Write(t.Context(), conn, table); err != nil {
			t.Errorf("%s: %v", dialect, err)
		}
	}
	return all
}

// What only DuckDB understands, or what engines understand in different ways.
var forbidden = map[string]*regexp.Regexp{
	"GROUP BY ALL":         regexp.MustCompile(`\bGROUP BY ALL\b`),
	"SEMI or ANTI JOIN":    regexp.MustCompile(`\b(SEMI|ANTI|ASOF) JOIN\b`),
	"* with changes":       regexp.MustCompile(`\*\s*(REPLACE|EXCLUDE)\b|\.\*|SELECT (DISTINCT )?\*`),
	"QUALIFY":              regexp.MustCompile(`\bQUALIFY\b`),
	"a leading FROM":       regexp.MustCompile(`(^|\()\s*FROM\b`),
	"USING":                regexp.MustCompile(`\bUSING\s*\(`),
	"a cast by ::":         regexp.MustCompile(`::`),
	"a parameter":          regexp.MustCompile(`\$[a-z]`),
	"an ENUM":              regexp.MustCompile(`\b(trade_flow|row_origin)\b|AS (revision|valuation)\b`),
	"a comparison of rows": regexp.MustCompile(`\([^()]*, [^()]*\) (=|IN) \(`),
}

// duckdbOnly is forbidden in what other engines run.
var duckdbOnly = map[string]*regexp.Regexp{
	"HUGEINT":        regexp.MustCompile(`\b(HUGEINT|UBIGINT|TINYINT|USMALLINT)\b`),
	"//":             regexp.MustCompile(`//`),
	"hash":           regexp.MustCompile(`\bhash\(`),
	"list functions": regexp.MustCompile(`\blist_\w+\(|\bstring_split\(`),
	"left()":         regexp.MustCompile(`\bleft\(`),
}

// What is written has no construct that the engines don't share, and reads no WITH twice.
func TestWrittenSQLIsPortable(t *testing.T) {
	t.Parallel()
	conn := emptyWorkspace(t)
	for _, dialect := range []string{"duckdb", "trino", "spark"} {
		all := written(t, conn, dialect)
		if len(all) < 15 {
			t.Errorf("%s: only %d steps look through the rows", dialect, len(all))
		}
		for _, statements := range all {
			for _, s := range statements {
				for what, pattern := range forbidden {
					if found := pattern.FindString(s.Select); found != "" {
						t.Errorf("%s: %s has %s: %q", dialect, s.Table, what, found)
					}
				}
				for what, pattern := range duckdbOnly {
					if found := pattern.FindString(s.Select); found != "" && dialect != "duckdb" {
						t.Errorf("%s: %s has %s: %q", dialect, s.Table, what, found)
					}
				}
				for _, m := range withName.FindAllStringSubmatch(s.Select, -1) {
					if reads := strings.Count(s.Select, m[1]) - 1; strings.Count(s.Select, "FROM "+m[1])+strings.Count(s.Select, "JOIN "+m[1]) > 1 {
						t.Errorf("%s: %s reads the WITH %s %d times", dialect, s.Table, m[1], reads)
					}
				}
			}
		}
	}
}

var withName = regexp.MustCompile(`(?m)(?:^WITH |^)("\w+"|` + "`\\w+`" + `) AS \($`)

// DuckDB runs what is written for it, and so the columns and types fit together.
func TestWrittenSQLRuns(t *testing.T) {
	t.Parallel()
	conn := emptyWorkspace(t)
	all := written(t, conn, "duckdb")
	if _, err := conn.ExecContext(t.Context(), "CREATE TABLE lake_rows AS "+lakeRows(t, conn)); err != nil {
		t.Fatal(err)
	}
	for _, table := range transforms.All() {
		for _, s := range all[table.Name] {
			if strings.Contains(s.Table, "__") {
				if _, err := conn.ExecContext(t.Context(), "CREATE TABLE "+sqltext.Name(s.Table)+" AS "+s.Select); err != nil {
					t.Errorf("%s: %v", s.Table, err)
				}
				continue
			}
			var names string
			if err := conn.QueryRowContext(t.Context(), "SELECT string_agg(column_name, ' ') FROM (DESCRIBE "+s.Select+")").Scan(&names); err != nil {
				t.Errorf("%s: %v", s.Table, err)
			}
			var want []string
			for _, c := range s.Columns {
				want = append(want, c.Name)
			}
			if got := strings.Fields(names); !slices.Equal(got, want) {
				t.Errorf("%s has the columns %v, and the statement says %v", s.Table, got, want)
			}
		}
	}
}

func lakeRows(t *testing.T, conn *sql.Conn) string {
	t.Helper()
	w, err := portable.NewWriter(t.Context(), conn, schemas.Base{}.Workspace(), portable.Options{Dialect: "duckdb"})
	if err != nil {
		t.Fatal(err)
	}
	columns, of := w.LakeColumns()
	list := []string{"CAST(file_id AS VARCHAR) AS object"}
	for i, c := range columns {
		list = append(list, of[i]+" AS "+sqltext.Name(c.Name))
	}
	return "SELECT " + strings.Join(list, ", ") + " FROM staged_rows"
}

// One step in each dialect, to be read by people.
func TestOneStepInEachDialect(t *testing.T) {
	t.Parallel()
	conn := emptyWorkspace(t)
	for _, dialect := range []string{"duckdb", "trino", "spark"} {
		var b strings.Builder
		for _, s := range written(t, conn, dialect)["code_sums"] {
			fmt.Fprintf(&b, "CREATE TABLE %s AS\n%s;\n", s.Table, s.Select)
		}
		file := filepath.Join("testdata", "code_sums."+dialect+".sql")
		if *update {
			if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), b.String()); diff != "" {
			t.Errorf("%s (-update rewrites it): %s", file, diff)
		}
	}
}

// What can't be written says what it is, and where.
func TestWhatCannotBeWritten(t *testing.T) {
	t.Parallel()
	conn := emptyWorkspace(t)
	w, err := portable.NewWriter(t.Context(), conn, schemas.Base{}.Workspace(), portable.Options{Dialect: "trino", Lake: true})
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"SELECT regexp_extract(code, 'a') FROM staged":     "measures/mine.sql: the function regexp_extract can't be written for Trino",
		"SELECT year / month AS x FROM staged":             "measures/mine.sql: a division of what is no DOUBLE can't be written",
		"SELECT code FROM staged WHERE year = $unheard_of": "measures/mine.sql: the parameter unheard_of has no value that can be written (<nil>, false)",
		"SELECT code FROM nowhere":                         "measures/mine.sql: there is no table nowhere",
		"SELECT code FROM staged ORDER BY code LIMIT 3":    "measures/mine.sql: a ORDER_MODIFIER can't be written",
		"SELECT code FROM staged INTERSECT FROM staged":    "measures/mine.sql: INTERSECT can't be written",
	} {
		_, err := w.Write(t.Context(), conn, transforms.Transform{Name: "mine", Folder: "measures", SQL: query})
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %q", query, err, want)
		}
	}
	if _, err := portable.NewWriter(t.Context(), conn, "", portable.Options{Dialect: "mysql"}); err == nil || !strings.Contains(err.Error(), "there are duckdb, spark, trino") {
		t.Errorf("a dialect that there is not: %v", err)
	}
}
