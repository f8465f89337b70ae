package release

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/schemas"

	_ "github.com/duckdb/duckdb-go/v2"
)

// Two rows of one key are no table: neither side by side nor with a null in the key.
func TestDoubleKeys(t *testing.T) {
	t.Parallel()
	o := schemas.Output{Name: "pairs", SortBy: []string{"year", "code"}, Columns: []schemas.Column{
		{Name: "code", Type: schemas.Text, Nullable: true, Description: "d"},
		{Name: "year", Type: schemas.SmallInt, Description: "d"},
		{Name: "share", Type: schemas.Double, Description: "d"},
	}}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, tt := range []struct{ rows, want string }{
		{"(2019, 'a b', 1), (2019, 'a', 2), (2020, 'a', 3), (2020, NULL, 4), (2021, NULL, 4)", ""},
		{"(2020, 'a', 3), (2019, 'a', 1), (2020, 'a', 4)", "table pairs has two rows for 2020 a (year, code)"},
		{"(2020, NULL, 3), (2020, NULL, 4)", "table pairs has two rows for 2020 <nil> (year, code)"},
		{"(NULL, 'a', 1)", "column year has a null"},
	} {
		if _, err := db.ExecContext(t.Context(), "CREATE OR REPLACE TABLE pairs AS FROM (VALUES "+tt.rows+") v(year, code, share)"); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "pairs.parquet")
		rows, err := (Draft{DB: db}).writeParquet(t.Context(), o, "true", path)
		if tt.want == "" {
			if want := int64(strings.Count(tt.rows, "(")); err != nil || rows != want {
				t.Errorf("%s: %d rows, %v; expected %d", tt.rows, rows, err, want)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, expected an error with %q", tt.rows, err, tt.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Draft{DB: db}).writeParquet(ctx, o, "true", filepath.Join(t.TempDir(), "pairs.parquet")); !errors.Is(err, context.Canceled) {
		t.Errorf("written after the context was cancelled: %v", err)
	}
}
