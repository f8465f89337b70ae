package pipeline_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"entrepot/fixtures"
	"entrepot/pipeline"
	"entrepot/sources"

	"github.com/google/go-cmp/cmp"
)

// What the generator says of its data sets is what the pipeline finds in them, to
// the row and to the tenth of a cent.
func TestDatasetAnswers(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]fixtures.Dataset{
		"bulk": {Spelling: fixtures.Bulk, Files: 20, Seed: 1},
		"api":  {Spelling: fixtures.API, Files: 10, Seed: 2},
		"web":  {Spelling: fixtures.Web, Files: 5, Seed: 3},
		"gzip": {Spelling: fixtures.Bulk, Files: 1, Seed: 4, Gzip: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d.Format, d.Rows, d.Bad = "comtrade", 100_000, 0.001
			data := filepath.Join(t.TempDir(), "data")
			want, err := d.Write(t.Context(), data)
			if err != nil {
				t.Fatal(err)
			}
			if want.Rows < 90_000 || want.Rows > 160_000 {
				t.Errorf("%d rows were made, about 100,000 are meant", want.Rows)
			}
			c := configure(t, data)
			c.Files = []sources.Settings{{Match: "*", Repeated: "last"}} // a later line of a file revises an earlier one
			s := run(t, c)
			var read, staged int64
			for _, f := range s.Files {
				read, staged = read+f.Read, staged+f.Staged
			}
			if read != want.Rows || staged != want.Staged || len(s.Files) != want.Files {
				t.Errorf("%d rows of %d files read, %d staged; expected %d of %d, %d", read, len(s.Files), staged, want.Rows, want.Files, want.Staged)
			}
			for what, counts := range map[string]struct {
				want map[string]int64
				got  []pipeline.ReasonCount
			}{"rejects": {want.Rejected, s.Rejects}, "left out": {want.LeftOut, s.LeftOut}, "superseded": {want.Superseded, s.Overlap}} {
				got := map[string]int64{}
				for _, r := range counts.got {
					got[r.Reason] = r.Rows
				}
				if diff := cmp.Diff(counts.want, got); diff != "" || len(got) == 0 {
					t.Errorf("%s (-generator +pipeline):\n%s", what, diff)
				}
			}
			var sectors, codes []string
			for _, a := range want.Sectors {
				sectors = append(sectors, fmt.Sprint(a.Sector, " ", a.Year, " ", a.Listed, " ", a.Traded, " ", a.Dependent, " ", a.Exported, " ", a.Dominated))
			}
			got := published(t, c, `SELECT sector, year, i.codes_listed, codes_traded, codes_dependent, codes_exported, codes_dominated
				FROM '%s/import_dependence.parquet' i JOIN '%s/dominance.parquet' USING (sector, year) ORDER BY sector, year`)
			if diff := cmp.Diff(sectors, got); diff != "" {
				t.Errorf("sectors (-generator +pipeline):\n%.2000s", diff)
			}
			for _, a := range want.Codes {
				codes = append(codes, fmt.Sprint(a.Code, " ", a.Year, " ", a.M, " ", a.X, " ", a.W))
			}
			got = published(t, c, `SELECT hs6, year, CAST(round(1000 * coalesce(imports_usd, 0)) AS BIGINT), CAST(round(1000 * coalesce(i.exports_usd, 0)) AS BIGINT),
					CAST(round(1000 * coalesce(world_exports_usd, 0)) AS BIGINT)
				FROM '%s/import_dependence_hs6.parquet' i FULL JOIN '%s/dominance_hs6.parquet' USING (hs6, year, sector)
				WHERE sector IS NOT NULL AND (imports_usd > 0 OR world_exports_usd > 0) ORDER BY hs6, year`)
			if diff := cmp.Diff(codes, got); diff != "" || len(got) < 200 {
				t.Errorf("%d codes (-generator +pipeline):\n%.2000s", len(got), diff)
			}
		})
	}
}
