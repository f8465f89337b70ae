package transforms

import (
	"database/sql"
	"maps"
	"slices"
	"strings"
	"testing"

	"entrepot/schemas"

	"github.com/google/go-cmp/cmp"
)

// What a query reads is found however it is written, and what its WITH defines is no
// table.
func TestTablesRead(t *testing.T) {
	tests := []struct{ query, want string }{
		{"SELECT 1", ""},
		{"FROM a", "a"},
		{"FROM a, b JOIN c USING (x)", "a b c"},
		{"SELECT * FROM a SEMI JOIN b USING (x) ANTI JOIN c USING (x) ASOF JOIN d USING (x) POSITIONAL JOIN e", "a b c d e"},
		{"SELECT (SELECT max(x) FROM a) FROM b WHERE x IN (FROM c) AND EXISTS (SELECT 1 FROM d WHERE d.x = b.x) ORDER BY (SELECT x FROM e)", "a b c d e"},
		{"FROM a UNION ALL BY NAME FROM b EXCEPT (FROM c INTERSECT FROM d)", "a b c d"},
		{"FROM a, LATERAL (SELECT count(*) FROM b WHERE b.x = a.x)", "a b"},
		{"SELECT whole(part(x, $lo, $hi, $n)) FROM a WHERE y = $y", "a"},
		{"SELECT from_code FROM a WHERE text = 'FROM b' -- JOIN c", "a"},
		{"FROM (PIVOT a ON x IN (1, 2) USING sum(y))", "a"},
		{"WITH w AS (FROM a) FROM w", "a"},
		{"WITH w AS MATERIALIZED (FROM a), v AS NOT MATERIALIZED (FROM w, b) FROM v, c", "a b c"},
		{"FROM a, (WITH w AS (FROM b) FROM w) x", "a b"},
		{"WITH a AS (FROM a) FROM a", "a"},                                                   // the one inside is the table
		{"WITH w AS (FROM v), v AS (FROM a) FROM w", "a v"},                                  // v is not defined yet
		{"FROM (WITH w AS (FROM a) FROM w) x, w", "a w"},                                     // w is defined in the parentheses only
		{"WITH w AS (WITH v AS (FROM a) FROM v) SELECT * FROM w WHERE x IN (FROM v)", "a v"}, // as v is
		{"WITH RECURSIVE w AS (SELECT x FROM a UNION ALL SELECT x + 1 FROM w, b) FROM w", "a b"},
		{"VALUES ((SELECT max(x) FROM a))", "a"},
	}
	var queries []string
	for _, test := range tests {
		queries = append(queries, test.query)
	}
	read, err := tablesRead(t.Context(), queries)
	if err != nil {
		t.Fatal(err)
	}
	if len(read) != len(tests) {
		t.Fatalf("%d answers to %d queries", len(read), len(tests))
	}
	for i, test := range tests {
		if got := strings.Join(read[i].tables, " "); got != test.want || read[i].err != nil {
			t.Errorf("%s\nreads %q (%v), want %q", test.query, got, read[i].err, test.want)
		}
	}
}

// A mistake in a file is told with the file's name, not taken for a file that reads
// nothing.
func TestMistakesInTransforms(t *testing.T) {
	for _, test := range []struct{ sql, want string }{
		{"SELEKT 1", "measures/mine.sql: syntax error at or near \"SELEKT\""},
		{"SELECT 1; SELECT 2", "measures/mine.sql: 2 statements, want one SELECT"},
		{"CREATE TABLE a (b INTEGER)", "measures/mine.sql: Only SELECT statements can be serialized to json!"},
		{"FROM years, no_such_table", "measures/mine.sql: there is no table no_such_table"},
	} {
		mine := []Transform{newTransform("world/years.sql", "SELECT 1"), newTransform("measures/mine.sql", test.sql)}
		mine = append(mine, filled("partner_sums", "superseded", "code_sums")...)
		if err := addReads(mine, readerOf(t, mine)); err == nil || err.Error() != test.want {
			t.Errorf("%s: error %v, want %s", test.sql, err, test.want)
		}
	}
}

// readerOf knows the views of the workspace and some transforms.
func readerOf(t testing.TB, found []Transform) reader {
	t.Helper()
	views, err := viewsRead()
	if err != nil {
		t.Fatal(err)
	}
	return reader{views: views, transforms: namesOf(found)}
}

// filled makes transforms that read nothing, of tables that views of the workspace read.
func filled(names ...string) []Transform {
	var all []Transform
	for _, name := range names {
		all = append(all, newTransform("facts/"+name+".sql", "SELECT 1"))
	}
	return all
}

// The views are those that DuckDB makes of the workspace's SQL, and of every table it is
// known where its rows come from.
func TestOriginsAreWhole(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), schemas.Base{}.Workspace()); err != nil {
		t.Fatal(err)
	}
	names := func(query string) []string {
		var list []string
		rows, err := db.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				t.Fatal(err)
			}
			list = append(list, name)
		}
		return list
	}
	views := names("SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY ALL")
	if diff := cmp.Diff(views, slices.Sorted(maps.Keys(workspaceViews()))); diff != "" {
		t.Errorf("views (-DuckDB +found): %s", diff)
	}
	known := append(slices.Collect(maps.Keys(origins)), "steps", "step_queries") // the pipeline's diary
	for _, transform := range All() {
		if slices.Contains(known, transform.Name) {
			t.Errorf("%s is made by a transform and filled by the pipeline", transform.Name)
		}
		known = append(known, transform.Name)
	}
	tables := names("SELECT table_name FROM duckdb_tables() ORDER BY ALL")
	for _, table := range tables {
		if !slices.Contains(known, table) {
			t.Errorf("nothing says where the rows of %s come from", table)
		}
	}
	for table := range origins {
		if !slices.Contains(tables, table) {
			t.Errorf("the workspace has no table %s", table)
		}
	}
}

// Data go one way: from facts by way of codes and the world to measures, and from all
// of them to checks.
func TestFoldersGoOneWay(t *testing.T) {
	way := []string{"facts", "codes", "world", "measures", "checks"}
	folder := map[string]string{}
	for _, transform := range All() {
		if !slices.Contains(way, transform.Folder) {
			t.Errorf("%s stands in the folder %s, which has no place on the way", transform.Name, transform.Folder)
		}
		for _, need := range transform.Needs {
			if slices.Index(way, folder[need]) > slices.Index(way, transform.Folder) {
				t.Errorf("%s/%s reads %s/%s, which comes later", transform.Folder, transform.Name, folder[need], need)
			}
			if folder[need] == "" {
				t.Errorf("%s stands before %s, which it needs", transform.Name, need)
			}
		}
		folder[transform.Name] = transform.Folder
	}
	for _, name := range way {
		if !slices.Contains(slices.Collect(maps.Values(folder)), name) {
			t.Errorf("the folder %s is empty", name)
		}
	}
}

func BenchmarkAll(b *testing.B) {
	for b.Loop() {
		found, err := embedded()
		if err != nil {
			b.Fatal(err)
		}
		if err := addReads(found, readerOf(b, found)); err != nil {
			b.Fatal(err)
		}
	}
}
