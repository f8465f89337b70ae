package transforms

import (
	"database/sql"
	"strings"
	"testing"
)

// A user's SQL may call no function that DuckDB says answers otherwise each time, or within
// each query; error() alone only stops.
func TestChangingFunctionsAreKnown(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), `SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability <> 'CONSISTENT' AND function_name <> 'error'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := 0
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		if found++; !changing[name] {
			t.Errorf("%s() changes, and a user's SQL may call it", name)
		}
	}
	if rows.Err() != nil || found < 15 {
		t.Errorf("DuckDB has %d functions that change (%v)", found, rows.Err())
	}
}

// A table function reads what is outside, unless it is known not to.
func TestTableFunctions(t *testing.T) {
	for query, refusedBecause := range map[string]string{
		"SELECT * FROM unnest([1, 2])":                                      "",
		"SELECT * FROM range(3)":                                            "",
		"SELECT * FROM years, LATERAL (SELECT unnest([year]))":              "",
		"SELECT * FROM read_parquet('a.parquet')":                           "read_parquet() reads",
		"WITH a AS (SELECT * FROM glob('*')) SELECT * FROM a":               "glob() reads",
		"SELECT (SELECT max(content) FROM read_text('/etc/passwd')) AS a":   "read_text() reads",
		"SELECT * FROM query('SELECT 1')":                                   "query() reads",
		"SELECT * FROM query_table('years')":                                "query_table() reads",
		"SELECT * FROM years UNION ALL SELECT * FROM duckdb_settings()":     "duckdb_settings() reads",
		"SELECT * FROM main.years":                                          "name the table without main",
		"SELECT row_number() OVER () AS n FROM years":                       "row_number() depends",
		"SELECT row_number() OVER (ORDER BY year) AS n FROM years":          "",
		"SELECT first(year ORDER BY year) AS y FROM years":                  "",
		"SELECT string_agg(year, ',') AS y FROM years":                      "string_agg() depends",
		"SELECT * FROM (SELECT * FROM years LIMIT 1)":                       "LIMIT without ORDER BY",
		"SELECT * FROM (SELECT * FROM years ORDER BY year LIMIT 1) WHERE 1": "",
		"SUMMARIZE years":            "DESCRIBE, SHOW and SUMMARIZE",
		"SELECT getenv('HOME') AS a": "getenv() has another value",
	} {
		_, err := With([]Transform{{Name: "mine", Folder: "measures", SQL: query}})
		if refusedBecause == "" && err != nil || refusedBecause != "" && (err == nil || !strings.Contains(err.Error(), refusedBecause)) {
			t.Errorf("%s: error %v, want %q", query, err, refusedBecause)
		}
	}
}

// What stands in a YAML as an expression can be nothing else.
func TestExpression(t *testing.T) {
	for text, sound := range map[string]bool{
		"e.exports_usd": true, "e.a DESC NULLS LAST, e.b": true, "(e.traded AND r.year = 2000)::INT": true,
		"1; COPY a TO 'b'": false, "1 -- ": false, "1 LIMIT 1": false, "1) FROM (SELECT 1": false, "1 UNION SELECT 1": false,
		"(SELECT max(year) FROM years)": false, "random()": false, "": false,
	} {
		if err := Expression(text); (err == nil) != sound {
			t.Errorf("%s: error %v, want none: %v", text, err, sound)
		}
	}
}
