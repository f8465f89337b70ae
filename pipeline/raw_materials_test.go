package pipeline_test

import (
	"compress/gzip"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"entrepot/fixtures/sample"
	"entrepot/pipeline/config"

	"github.com/google/go-cmp/cmp"
)

// rawMaterials is the configuration of the built-in sample of raw materials.
func rawMaterials(t *testing.T) *config.Config {
	t.Helper()
	folder := t.TempDir()
	file, err := sample.WriteNamed(sample.RawMaterials, folder)
	if err != nil {
		t.Fatal(err)
	}
	c := config.New()
	if err := c.ReadFile(file); err != nil {
		t.Fatal(err)
	}
	c.Out = filepath.Join(t.TempDir(), "out")
	return c
}

// The real sample gives, in every cell, what another program worked out of the same data.
func TestRawMaterials(t *testing.T) {
	t.Parallel()
	c := rawMaterials(t)
	c.MemoryLimit = "256MiB" // for each of many exporters, something is known of each code: that must not be kept in lists
	run(t, c)
	asReference(t, c, "testdata/raw-materials.csv", 432)
	got := published(t, c, `SELECT year, sum(codes_traded), sum(codes_dependent) FROM '%s/import_dependence.parquet' GROUP BY year ORDER BY year`)
	want := []string{"2005 73 33", "2010 72 41", "2015 71 38", "2019 71 36", "2023 71 45", "2024 71 44"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("codes that China trades, and that it depends on imports for (-want +got):\n%s", diff)
	}
}

var allYears = flag.Bool("raw-materials.all", false, "compare all thirty years of the excerpt of raw materials, too")

// The same of all thirty years, where the whole excerpt is at hand: 'just raw-materials'.
func TestRawMaterialsOfAllYears(t *testing.T) {
	t.Parallel()
	if !*allYears {
		t.Skip("-raw-materials.all compares all thirty years")
	}
	const excerpt, reference = "../../shared/sample/baci_hs92_74codes_1995_2024.csv.gz", "../../shared/sample/reference_china_by_code.csv"
	packed, err := os.Open(excerpt)
	if err != nil {
		t.Skip("the excerpt of all years is not at hand: " + excerpt)
	}
	defer packed.Close()
	c := rawMaterials(t)
	c.Data = t.TempDir()
	byYear(t, packed, c.Data)
	c.MemoryLimit = "500MiB"
	run(t, c)
	asReference(t, c, reference, 2183)
}

// byYear writes the rows of an excerpt into a file for each year, as BACI comes.
func byYear(t *testing.T, packed io.Reader, folder string) {
	t.Helper()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	header, rows, _ := strings.Cut(string(text), "\n")
	years := map[string]*strings.Builder{}
	for row := range strings.Lines(rows) {
		year, _, _ := strings.Cut(row, ",")
		if years[year] == nil {
			years[year] = &strings.Builder{}
			years[year].WriteString(header + "\n")
		}
		years[year].WriteString(row)
	}
	for year, rows := range years {
		if err := os.WriteFile(filepath.Join(folder, "BACI_HS92_Y"+year+".csv"), []byte(rows.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// asReference compares what was published with a reference, cell by cell.
func asReference(t *testing.T, c *config.Config, reference string, codes int) {
	t.Helper()
	const query = `
		WITH reference AS (FROM read_csv($1, types = {'hs92': 'VARCHAR'})),
		ours AS (
			SELECT i.hs6, i.year, i.imports_usd, i.exports_usd, d.world_exports_usd, d.export_share, i.dependent, d.dominated, g.group_share
			FROM '%s/import_dependence_hs6.parquet' i
			LEFT JOIN '%s/dominance_hs6.parquet' d USING (year, hs6)
			LEFT JOIN '%s/partner_group_share_hs6.parquet' g USING (year, hs6)
		)
		SELECT count(*),
		       count(*) FILTER (abs(imports_usd - 1000 * china_imports_kusd) < 0.5),
		       count(*) FILTER (abs(exports_usd - 1000 * china_exports_kusd) < 0.5),
		       count(*) FILTER (abs(world_exports_usd - 1000 * world_exports_kusd) < 0.5),
		       count(*) FILTER (abs(export_share - china_share_of_world_exports) < 0.000001),
		       count(*) FILTER (dependent = (dependent_M_ge_2X = 1)),
		       count(*) FILTER (dominated = (dominated_gt_30pct = 1)),
		       count(*) FILTER (group_share IS NULL AND oecd_share_of_imports IS NULL OR abs(group_share - oecd_share_of_imports) < 0.000001)
		FROM reference r
		LEFT JOIN ours o ON o.hs6 = r.hs92 AND o.year = r.year`
	got := published(t, c, query, reference)
	n := strconv.Itoa(codes)
	if want := strings.Join([]string{n, n, n, n, n, n, n, n}, " "); len(got) != 1 || got[0] != want {
		t.Errorf("codes and years, and of these equal in imports, exports, world exports, share, dependence, dominance and the OECD's share: %v, expected %s", got, want)
	}
}
