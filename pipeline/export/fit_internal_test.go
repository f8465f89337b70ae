package export

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"entrepot/pipeline/release"
	"entrepot/pipeline/report"
	"entrepot/pipeline/usage"
	"entrepot/schemas"

	"github.com/xuri/excelize/v2"
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

// A release of several reporters is not called after the first alone.
func TestWhoIsMeasured(t *testing.T) {
	all := []release.MeasuredEntry{{Code: 156, Name: "China"}, {Code: 842, Name: "USA"}, {Code: 276, Name: "Germany"}, {Code: 392, Name: "Japan"}}
	for reporters, want := range []string{"China", "China", "China, USA", "China, USA, Germany", "China and 3 other reporters"} {
		m := &release.Manifest{Release: "4f1c0a9be27d", Version: "1", Measured: all[:reporters]}
		e := &exporter{release: &release.Release{Manifest: m}, about: &report.About{Country: "China"}}
		var text strings.Builder
		if err := e.writeAbout(&text); err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{"Measures of the trade of " + want + "\n===", "Entrepot: Measures of the trade of " + want + ", release"} {
			if !strings.Contains(text.String(), line) {
				t.Errorf("%d reporters: nothing says %q:\n%s", reporters, line, text.String())
			}
		}
		if said := strings.Contains(text.String(), "of the first, China"); said != (reporters > 1) {
			t.Errorf("%d reporters: that the charts are of the first is said: %t", reporters, said)
		}
		if d := e.dataset(schemas.Output{Name: "checks"}, nil, 0); !strings.Contains(strings.Join(d.Notes, "\n"), "trade of "+want+", release") {
			t.Errorf("%d reporters: notes %q", reporters, d.Notes)
		}
	}
}

// Numbers look as their units ask: an index is no percentage, and cheap goods have more decimals.
func TestLooksOfColumns(t *testing.T) {
	b := &book{File: excelize.NewFile(), styles: map[string]int{}}
	if err := b.addStyles(); err != nil {
		t.Fatal(err)
	}
	for column, want := range map[string]string{
		"unit_values.net_weight_kg": "kilograms", "unit_values.median_usd_per_kg": "US dollars per kilogram", "unit_values.guarded_share": "share of 1",
		"strategic_dependencies.concentration": schemas.Index, "exporter_concentration.concentration": schemas.Index,
		"supplier_concentration.largest_share": "share of 1", "intra_industry_trade.grubel_lloyd": schemas.Index,
		"strategic_dependencies.dependency": "flag", "growth.change": "share of 1", "growth.year": "number", "suppliers.rank": "counted",
	} {
		table, name, _ := strings.Cut(column, ".")
		o, err := schemas.Outputs().Lookup(table)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(o.Columns, func(c schemas.Column) bool { return c.Name == name })
		if got := b.styleOf(o.Columns[i]); got != b.styles[want] {
			t.Errorf("%s has style %d, want that of %s, %d", column, got, want, b.styles[want])
		}
	}
}
