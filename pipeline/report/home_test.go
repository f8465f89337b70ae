package report

import (
	"reflect"
	"testing"

	"entrepot/pipeline/release"
	"entrepot/schemas"
)

// Checks with findings come first, and are counted as warnings.
func TestChecksOf(t *testing.T) {
	t.Parallel()
	got := checksOf(&release.Manifest{Checks: []release.CheckEntry{{Name: "a", Examined: 5}, {Name: "b_c", Examined: 7, Findings: 2}, {Name: "d"}}})
	want := checksMade{Passed: 2, Warned: 1, Rows: []checkRow{{"b c", 7, 2}, {"a", 5, 0}, {"d", 0, 0}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// A change is told by what it is of, what it was and why.
func TestRowChange(t *testing.T) {
	t.Parallel()
	x := func(v float64) *float64 { return &v }
	row := func(change string, r *release.RatioChange, reasons ...string) release.RowChange {
		c := release.RowChange{Key: release.Row{{Column: "sector", Value: "power"}, {Column: "year", Value: int16(2023)}, {Column: "reporter", Value: int16(842)}}, Change: change, Ratio: r}
		for _, reason := range reasons {
			c.Causes = append(c.Causes, release.Cause{Reason: reason})
		}
		return c
	}
	one := &book{source: &source{Release: &release.Release{Manifest: &release.Manifest{}}, sectors: map[string]string{"power": "Power equipment"},
		areas: map[int]string{842: "USA"}, reference: &schemas.Reference{}}}
	several := &book{source: &source{Release: &release.Release{Manifest: &release.Manifest{Measured: []release.MeasuredEntry{{Code: 156}, {Code: 842}}}}, sectors: one.sectors, areas: one.areas, reference: one.reference}}
	for _, test := range []struct {
		b    *book
		row  release.RowChange
		want string
	}{
		{one, row("changed", &release.RatioChange{FromPart: x(1), FromOf: x(4), ToPart: x(2), ToOf: x(4)}, "revised", "other"), "Power equipment, 2023: 50.0%, was 25.0% (revised)"},
		{several, row("new", &release.RatioChange{ToPart: x(1), ToOf: x(8)}), "USA, power equipment, 2023: new, 12.5%"},
		{one, row("gone", &release.RatioChange{FromPart: x(1), FromOf: x(0)}), "Power equipment, 2023: gone, was no data"},
		{one, row("changed", nil), "Power equipment, 2023: changed"},
	} {
		if got := test.b.rowChange(test.row); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
	causes := causesOf(&release.Difference{Inputs: []release.InputChange{{Change: "new"}, {Change: "gone"}, {Change: "new"}},
		Parameters: []release.ValueChange{{Name: "dependence_ratio", From: "2", To: "3"}}, Reference: []string{"areas"}})
	if want := []string{"2 new input files", "1 gone input file", "dependence_ratio 3, was 2", "reference table areas"}; !reflect.DeepEqual(causes, want) {
		t.Errorf("%q, want %q", causes, want)
	}
}
