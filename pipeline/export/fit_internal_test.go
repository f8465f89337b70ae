package export

import (
	"errors"
	"strings"
	"testing"

	"entrepot/pipeline/release"
	"entrepot/pipeline/usage"
	"entrepot/schemas"
)

// A table that a sheet can't hold is left out with a word, or refused when it was asked for.
func TestTooManyRowsForASheet(t *testing.T) {
	m := &release.Manifest{Files: []release.FileEntry{{Name: "lines.parquet", Rows: sheetRows}, {Name: "checks.parquet", Rows: sheetRows - 1}}}
	tables := []schemas.Output{{Name: "lines"}, {Name: "checks"}}
	e := &exporter{Options: Options{Format: "xlsx"}, release: &release.Release{Manifest: m}, tables: tables}
	if err := e.fit(); err != nil || len(e.tables) != 1 || e.tables[0].Name != "checks" || len(e.leftOut) != 1 || !strings.HasPrefix(e.leftOut[0], "lines has 1048576 rows") {
		t.Errorf("%v, %v, %v", e.tables, e.leftOut, err)
	}
	e = &exporter{Options: Options{Format: "xlsx", Tables: []string{"lines"}}, release: &release.Release{Manifest: m}, tables: tables[:1]}
	if err := e.fit(); err == nil || !errors.As(err, new(*usage.Error)) || !strings.Contains(err.Error(), "export it with --format csv") {
		t.Errorf("asked for: %v", err)
	}
	e = &exporter{Options: Options{Format: "csv"}, release: &release.Release{Manifest: m}, tables: tables}
	if err := e.fit(); err != nil || len(e.tables) != 2 {
		t.Errorf("CSV: %v, %v", e.tables, err)
	}
}

func TestCells(t *testing.T) {
	for _, c := range []struct {
		value any
		want  string
	}{
		{nil, ""}, {"", `""`}, {"plain", "plain"}, {"a,b", `"a,b"`}, {`say "no"`, `"say ""no"""`}, {"two\nlines", "\"two\nlines\""}, {" blank", `" blank"`},
		{"=1+1", "'=1+1"}, {"@x", "'@x"}, {"+a", "'+a"}, {"-5", "-5"}, {"-five", "'-five"}, {"\tx", "'\tx"}, {"010121", "010121"},
		{int64(-3), "-3"}, {0.1, "0.1"}, {1e21, "1000000000000000000000"}, {1e-7, "0.0000001"}, {true, "true"},
	} {
		if got := csvCell(c.value); got != c.want {
			t.Errorf("%v: %q, want %q", c.value, got, c.want)
		}
	}
}
