package pipeline_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entrepot/fixtures"
	"entrepot/pipeline"
	"entrepot/pipeline/config"
	"entrepot/pipeline/job"
	"entrepot/pipeline/release"

	"github.com/google/go-cmp/cmp"
)

// traced are measures by sector and year, whose changes are traced to lines.
var traced = []string{"import_dependence", "dominance", "export_share", "partner_group_share"}

// Each kind of change between two releases is told with its cause.
func TestDiff(t *testing.T) {
	t.Parallel()
	data, rows := t.TempDir(), base()
	write(t, filepath.Join(data, "TradeData_3_1_2026_8_0_0.csv"), fixtures.Web, append(rows[:4:4], rows[5]))
	write(t, filepath.Join(data, "usa.csv"), fixtures.API, rows[4:5])
	first := configure(t, data)
	first.Sectors = sectorList(t, "planes,H4,880240,x\n")
	before := run(t, first)
	for _, test := range []struct {
		name   string
		change func(t *testing.T, c *config.Config)
		want   []string
	}{
		{"nothing", func(*testing.T, *config.Config) {}, nil},
		{"a parameter", func(t *testing.T, c *config.Config) { set(t, c, "dependence_ratio", "3") }, []string{
			"import_dependence planes 2019: 0/1, was 1/1: 100% parameter dependence_ratio [880240]"}},
		{"a revised value", func(t *testing.T, c *config.Config) {
			rows := base()
			rows[3].Mills = 400 * usd // China's exports
			write(t, filepath.Join(c.Data, "TradeData_6_1_2026_8_0_0.csv"), fixtures.Web, rows[3:4])
		}, []string{
			"import_dependence planes 2019: 0/1, was 1/1: 100% revised values in TradeData_6_1_2026_8_0_0.csv [880240]",
			"dominance planes 2019: 1/1, was 0/1: 100% revised values in TradeData_6_1_2026_8_0_0.csv [880240]",
			"export_share planes 2019: 400/1150, was 250/1000: 100% revised values in TradeData_6_1_2026_8_0_0.csv [880240]"}},
		{"a reporter that went", func(t *testing.T, c *config.Config) {
			if err := os.Remove(filepath.Join(c.Data, "usa.csv")); err != nil {
				t.Fatal(err)
			}
		}, []string{
			"dominance planes 2019: 1/1, was 0/1: 100% reporter 842 went, with usa.csv [880240]",
			"export_share planes 2019: 250/250, was 250/1000: 100% reporter 842 went, with usa.csv [880240]"}},
		{"two causes", func(t *testing.T, c *config.Config) {
			rows := base()
			rows[3].Mills = 350 * usd // 100 more for China
			japan := rows[4]
			japan.Reporter, japan.Mills = 392, 300*usd
			write(t, filepath.Join(c.Data, "TradeData_6_1_2026_8_0_0.csv"), fixtures.Web, rows[3:4])
			write(t, filepath.Join(c.Data, "japan.csv"), fixtures.API, []fixtures.Row{japan})
		}, []string{
			"import_dependence planes 2019: 0/1, was 1/1: 100% revised values in TradeData_6_1_2026_8_0_0.csv [880240]",
			"export_share planes 2019: 350/1400, was 250/1000: 75% reporter 392 came, in japan.csv [880240] 25% revised values in TradeData_6_1_2026_8_0_0.csv [880240]"}},
		{"the sector list", func(t *testing.T, c *config.Config) {
			c.Sectors = sectorList(t, "planes,H4,880240,x\nplanes,H4,880220,y\nplanes,H4,030617,z\n")
		}, []string{
			"import_dependence planes 2019: 2/2, was 1/1: 100% sector list [030617]",
			"partner_group_share planes 2019: 400/610, was 400/600: 100% sector list [030617]"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := copyOf(t, first)
			test.change(t, c)
			after := run(t, c)
			d, err := release.Diff(t.Context(), release.Comparison{Out: c.Out, From: before.Release, Tables: traced})
			if err != nil {
				t.Fatal(err)
			}
			if d.To != after.Release {
				t.Errorf("compared with %s, expected the current release %s", d.To, after.Release)
			}
			var got []string
			for _, table := range d.Tables {
				for _, row := range table.Rows {
					if row.Ratio == nil {
						continue // part and whole are as they were
					}
					line := fmt.Sprintf("%s %v %v: %g/%g, was %g/%g:", table.Table, row.Key.Value("sector"), row.Key.Value("year"),
						*row.Ratio.ToPart, *row.Ratio.ToOf, *row.Ratio.FromPart, *row.Ratio.FromOf)
					for _, cause := range row.Causes {
						line += fmt.Sprintf(" %g%% %s %v", 100*cause.Share, cause.Reason, cause.Codes)
					}
					got = append(got, line)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func sectorList(t *testing.T, rows string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sectors.csv")
	if err := os.WriteFile(path, []byte("sector,hs_revision,hs6,reason\n"+rows), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// Of what another version published the values are compared, in the columns and with the
// checks that it had; what gives other values is told by table and number of rows.
func TestVerifyAnotherVersion(t *testing.T) {
	t.Parallel()
	c := configure(t, sampleData(t), "years", "2019,2021")
	s := run(t, c)
	manifest := filepath.Join(c.Out, "current", "manifest.json")
	text, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	old := strings.NewReplacer(`"version": "`+job.Version, `"version": "0.1.0`, ",versions=warn", ",gone=warn", `"corrected"`, `"proposed"`).Replace(string(text))
	for _, test := range []struct{ manifest, differs string }{
		{old, "checks check_findings"}, // the release has rows of a check that its manifest does not know
		{strings.Replace(old, `"dependence_ratio": "2"`, `"dependence_ratio": "3"`, 1), "import_dependence"},
	} {
		if err := os.WriteFile(manifest, []byte(test.manifest), 0o644); err != nil {
			t.Fatal(err)
		}
		v, err := pipeline.Verify(t.Context(), c, s.Release, log)
		if err != nil || v.By != "values" || v.Version != "0.1.0" || v.OK() {
			t.Fatalf("%+v, %v", v, err)
		}
		var differ []string
		for _, f := range v.Files {
			if table, ok := strings.CutSuffix(f.Name, ".parquet"); ok != f.Compared || !f.Intact || f.Reproduced != (f.Rows == 0) {
				t.Errorf("%+v", f)
			} else if f.Rows > 0 {
				differ = append(differ, table)
			}
		}
		if !strings.Contains(strings.Join(differ, " "), test.differs) || slices.Contains(differ, "dominance") {
			t.Errorf("these differ: %v, want %s", differ, test.differs)
		}
	}
}

// Verify tells an intact release from a damaged one, and does not judge a
// release whose inputs are gone.
func TestVerify(t *testing.T) {
	t.Parallel()
	data := sampleData(t)
	c := configure(t, data, "years", "2019,2021", "dominance_share", "25%")
	s := run(t, c)
	// The parameters come from the manifest, not from the configuration.
	set(t, c, "years", "all", "dominance_share", "40%")
	log := slog.New(slog.DiscardHandler)
	v, err := pipeline.Verify(t.Context(), c, s.Release, log)
	if err != nil || !v.OK() || len(v.Files) < 8 {
		t.Fatalf("an untouched release: %+v, %v", v, err)
	}
	damaged := filepath.Join(c.Out, "current", "dominance.parquet")
	content, err := os.ReadFile(damaged)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 1
	if err := os.WriteFile(damaged, content, 0o644); err != nil {
		t.Fatal(err)
	}
	v, err = pipeline.Verify(t.Context(), c, "", log)
	if err != nil || v.OK() {
		t.Errorf("a damaged release passes: %+v, %v", v, err)
	}
	for _, f := range v.Files {
		if f.Intact != (f.Name != "dominance.parquet") || !f.Reproduced {
			t.Errorf("%+v", f)
		}
	}
	if err := os.Remove(filepath.Join(data, "exporters.zip")); err != nil {
		t.Fatal(err)
	}
	if _, err = pipeline.Verify(t.Context(), c, "", log); err == nil {
		t.Error("a release whose inputs are gone is judged")
	}
	if left, _ := filepath.Glob(filepath.Join(c.Out, ".verify-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
