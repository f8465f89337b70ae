package sqltext_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"entrepot/schemas/sqltext"

	_ "github.com/duckdb/duckdb-go/v2"
)

// What is quoted comes back as it was.
func TestQuoting(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, text := range []string{"", "plain", "it's", `say "no"`, "a\x00b", "línea\n2", "'; DROP TABLE x; --"} {
		var got string
		if err := db.QueryRow("SELECT " + sqltext.Literal(text)).Scan(&got); err != nil || got != text {
			t.Errorf("Literal(%q) comes back as %q, %v", text, got, err)
		}
	}
	for _, name := range []string{"plain", `a"b`, "select", "a b"} {
		var got int
		if err := db.QueryRow("SELECT " + sqltext.Name(name) + " FROM (SELECT 1 AS " + sqltext.Name(name) + ")").Scan(&got); err != nil {
			t.Errorf("Name(%q): %v", name, err)
		}
	}
	if got, want := sqltext.Names([]string{"a", `b"`}), `"a", "b"""`; got != want {
		t.Errorf("Names: %s, want %s", got, want)
	}
}

// A file whose name looks like a pattern is that file.
func TestFile(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, name := range []string{"a[1].csv", "it's.csv", "all*.csv", "what?.csv"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte("x\n7\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		var got int
		if err := db.QueryRow("SELECT x FROM read_csv([" + sqltext.File(path) + "], header = true)").Scan(&got); err != nil || got != 7 {
			t.Errorf("%s: %d, %v", name, got, err)
		}
	}
}
