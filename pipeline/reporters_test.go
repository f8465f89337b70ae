package pipeline_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entrepot/fixtures"
	"entrepot/pipeline/release"
	"entrepot/schemas"

	"github.com/google/go-cmp/cmp"
)

// A reporter's rows are the same to the last cell whether its trade is measured alone, in a
// list or with that of everybody.
func TestSeveralReporters(t *testing.T) {
	t.Parallel()
	whole := t.TempDir()
	if _, err := (fixtures.Dataset{Format: "comtrade", Spelling: fixtures.Bulk, Files: 6, Seed: 11, Rows: 20_000, Bad: 0.01}).Write(t.Context(), whole); err != nil {
		t.Fatal(err)
	}
	parts := t.TempDir()
	write(t, filepath.Join(parts, "all.csv"), fixtures.API, newCoverageWorld(t, 20261127).rows)
	for _, tt := range []struct {
		name, data, several string
		reporters           []string
		settings            []string
	}{
		{"all", whole, "all", []string{"CHN", "USA", "DEU"}, nil},
		{"a list, codes as reported", whole, "USA, CHN", []string{"CHN", "USA"}, []string{"harmonize", "as-reported"}},
		{"files of a part of the codes", parts, "CHN, all", []string{"CHN", "USA"}, []string{"world", "mirrored"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			several := configure(t, tt.data, append([]string{"reporter", tt.several}, tt.settings...)...)
			run(t, several)
			for _, reporter := range tt.reporters {
				one := configure(t, tt.data, append([]string{"reporter", reporter}, tt.settings...)...)
				run(t, one)
				for _, o := range schemas.Outputs() {
					if !o.Measured() && o.Name != "product_coverage_hs6" {
						continue
					}
					query := fmt.Sprintf("SELECT * FROM '%%s/%s.parquet' WHERE reporter_iso3 = '%s' ORDER BY ALL", o.Name, reporter)
					want, got := published(t, one, query), published(t, several, query)
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("%s of %s (-alone +among others):\n%.2000s", o.Name, reporter, diff)
					}
					if all := published(t, one, fmt.Sprintf("SELECT count(*) FROM '%%s/%s.parquet'", o.Name)); fmt.Sprint(len(want)) != all[0] {
						t.Errorf("%s has %s rows of all and %d of %s, whose trade alone is measured", o.Name, all[0], len(want), reporter)
					}
				}
			}
		})
	}
}

// The manifest lists the reporters: those that were named as they were named, then the
// others by what they export.
func TestReportersInOrder(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ setting, want string }{
		{"CHN", "CHN"},
		{"DEU, CHN", "DEU CHN"},
		{"all", "USA CHN DEU JPN"},
		{"JPN, all", "JPN USA CHN DEU"},
	} {
		c := configure(t, sampleData(t), "reporter", tt.setting)
		run(t, c)
		r, err := release.Find(c.Out, "")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range r.Manifest.Measured {
			got = append(got, m.ISO3)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("reporter: %s measures %v, expected %s", tt.setting, got, tt.want)
		}
		if slices.Contains(got, "") {
			t.Errorf("reporter: %s measures a reporter without a code: %v", tt.setting, r.Manifest.Measured)
		}
	}
}
