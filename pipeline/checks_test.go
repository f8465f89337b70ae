package pipeline

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/fixtures"
	"entrepot/fixtures/sample"
	"entrepot/pipeline/check"
	"entrepot/pipeline/config"
	"entrepot/transforms/checks"
)

// Each check finds the fault that was put into the rows, and nothing else.
func TestChecksFindTheirFault(t *testing.T) {
	t.Parallel()
	sound := []fixtures.Row{
		usd(2015, 156, "M", 0, "854231", 4_000_000), usd(2015, 156, "M", 410, "854231", 3_000_000), usd(2015, 156, "M", 490, "854231", 1_000_000),
		usd(2015, 156, "M", 0, "854232", 5_000_000), usd(2015, 156, "M", 410, "854232", 5_000_000),
		usd(2015, 156, "M", 0, "8542", 9_100_000), // 100,000 are confidential: legal
		usd(2015, 156, "M", 0, "85", 9_200_000), usd(2015, 156, "M", 0, "TOTAL", 10_000_000),
		usd(2015, 156, "X", 0, "854231", 2_000_000), usd(2015, 410, "X", 156, "854231", 2_800_000), usd(2015, 410, "X", 0, "854231", 2_800_000),
		usd(2016, 156, "X", 0, "854231", 3_000_000), usd(2016, 410, "X", 0, "854231", 2_000_000),
	}
	db := tablesOn(t, sound)
	if got := ask(t, db, "SELECT check_name, note FROM check_findings"); got != "" {
		t.Fatalf("findings in sound rows: %s", got)
	}
	got := ask(t, db, "SELECT check_name, examined FROM checks ORDER BY ALL")
	if want := "coverage 2\nduplicates 0\ngone_codes 0\nlevels 3\nlevels_short 1\nmirror 1\npartners 3\npartners_short 2\nproduct_coverage 36\nrows 1\nunconverted 6\nunknown_codes 13\nversions 0\nyear_on_year 2"; got != want {
		t.Errorf("examined:\n%s\nwant\n%s", got, want)
	}
	with := func(rows ...fixtures.Row) []fixtures.Row { return append(append([]fixtures.Row{}, sound...), rows...) }
	change := func(i int, dollars int64) []fixtures.Row {
		rows := with()
		rows[i].Mills = dollars * 1000
		return rows
	}
	h5 := usd(2016, 842, "X", 0, "300219", 5) // no newer code comes from it
	h5.Revision = "H5"
	h3 := usd(2016, 842, "X", 0, "291636", 5) // no newer code overlaps with it
	h3.Revision = "H3"
	for _, test := range []struct {
		name     string
		rows     []fixtures.Row
		settings []string
		want     string
	}{
		{"levels", change(5, 8_999_980), nil, "levels 2015 156 0 M 8542 9000000 8999980"},
		{"within a millionth", change(5, 8_999_992), nil, ""},
		{"levels, TOTAL", change(7, 8_000_000), nil, "levels 2015 156 0 M TOTAL 9000000 8000000"},
		{"levels_short", change(5, 9_500_000), nil, "levels_short 2015 156 0 M 8542 9000000 9500000"},
		{"levels by partner", with(usd(2015, 156, "M", 410, "8542", 7_999_000)), nil, "levels 2015 156 410 M 8542 8000000 7999000"},
		{"levels by partner, chapter", with(usd(2015, 156, "M", 410, "85", 7_000_000)), nil, "levels 2015 156 410 M 85 8000000 7000000"},
		{"levels by partner, TOTAL", with(usd(2015, 156, "M", 410, "TOTAL", 7_000_000)), nil, "levels 2015 156 410 M TOTAL 8000000 7000000"},
		{"confidential by partner is no fault", with(usd(2015, 156, "M", 410, "8542", 12_000_000), usd(2015, 156, "M", 490, "TOTAL", 12_000_000)), nil, ""},
		{"partners", change(1, 3_000_010), nil, "partners 2015 156 <nil> M 854231 4000010 4000000"},
		{"partners_short", change(1, 2_000_000), nil, "partners_short 2015 156 <nil> M <nil> 8000000 9000000"},
		{"year_on_year", change(11, 1_000_000), nil, "year_on_year 2016 156 0 X <nil> 1000000 2000000"},
		{"mirror", with(usd(2015, 490, "X", 0, "854231", 3_000_000), usd(2015, 490, "X", 156, "854231", 3_000_000), usd(2016, 490, "X", 0, "854231", 3_000_000)), nil,
			"mirror 2015 156 490 M <nil> 1000000 3000000"},
		{"duplicates", with(usd(2016, 410, "X", 0, "854231", 2_000_001)), nil, "duplicates 2016 410 0 X 854231 2000000 2000001"},
		{"pasted twice is no fault", with(usd(2016, 410, "X", 0, "854231", 2_000_000)), nil, ""},
		{"unknown_codes", with(usd(2016, 410, "X", 0, "854299", 1)), nil, "unknown_codes <nil> <nil> <nil> <nil> 854299 <nil> <nil>"},
		{"unconverted", with(h3), nil, "unconverted 2016 842 0 X 291636 5 <nil>"},
		{"unconverted forward", append(with(h5), usd(2015, 842, "X", 0, "854231", 5)), []string{"harmonize=H6"}, "unconverted 2016 842 0 X 300219 5 <nil>"},
		{"off", with(h3), []string{"checks=unconverted=off"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := tablesOn(t, test.rows, append(test.settings, "min_coverage=10%")...)
			got := ask(t, db, "SELECT check_name, year, reporter, partner, flow, code, value_usd, compared_usd FROM check_findings ORDER BY ALL")
			if got != test.want {
				t.Errorf("findings:\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// A failed check keeps the old release where it is.
func TestFailedCheckPublishesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := config.New()
	c.IsWhole = func(string) bool { return true } // a few rows stand for all
	c.Data, c.Out = filepath.Join(dir, "data"), filepath.Join(dir, "out")
	if err := sample.Write(c.Data); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	if _, err := Run(context.Background(), c, log); err != nil {
		t.Fatal(err)
	}
	before, err := os.Readlink(filepath.Join(c.Out, "current"))
	if err != nil {
		t.Fatal(err)
	}
	c.Checks = map[string]checks.Severity{"partners": checks.Fail}
	_, err = Run(context.Background(), c, log)
	var failed *check.Error
	if !errors.As(err, &failed) || len(failed.Failed) != 1 || failed.Failed[0].Name != "partners" {
		t.Fatalf("error %v, expected a *check.Error about partners", err)
	}
	if !strings.Contains(err.Error(), "TradeData_4_17_2026_11_54_35.csv:") {
		t.Errorf("the error does not name the file and line: %v", err)
	}
	if after, err := os.Readlink(filepath.Join(c.Out, "current")); err != nil || after != before {
		t.Errorf("current points at %s, before it was %s (%v)", after, before, err)
	}
	results, err := Check(context.Background(), c, log)
	if !errors.As(err, &failed) || len(results) != len(checks.All()) {
		t.Errorf("check: %d results and error %v", len(results), err)
	}
}
