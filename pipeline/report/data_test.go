package report_test

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"entrepot/fixtures"
	"entrepot/fixtures/sample"
	"entrepot/pipeline"
	"entrepot/pipeline/config"
	"entrepot/schemas"
)

var update = flag.Bool("update", false, "rewrite the golden files; look at the pictures before you commit them")

// publish runs the pipeline on a data folder and returns the output folder.
// Settings are pairs of a key and a value.
func publish(t *testing.T, data, out string, settings ...string) {
	t.Helper()
	c := config.New()
	c.IsWhole = func(string) bool { return true } // a few rows stand for all
	c.Data, c.Out = data, out
	c.MaxRejects, c.AllowFewerReporters = "100%", true
	for i := 0; i < len(settings); i += 2 {
		found := false
		for _, s := range config.Settings() {
			if s.Key != settings[i] {
				continue
			}
			found = true
			if err := c.Set(s, settings[i+1], "test"); err != nil {
				t.Fatal(err)
			}
		}
		if !found {
			t.Fatalf("there is no setting %s", settings[i])
		}
	}
	if _, err := pipeline.Run(t.Context(), c, slog.New(slog.NewTextHandler(io.Discard, nil))); err != nil {
		t.Fatal(err)
	}
}

// sampleData publishes the built-in sample. Without settings, tests share it and must not change it.
func sampleData(t *testing.T, settings ...string) (out string) {
	t.Helper()
	if len(settings) > 0 {
		return publishSample(t, t.TempDir(), settings...)
	}
	shared.sample.Do(func() { publishSample(t, filepath.Join(sharedFolder(t), "sample")) })
	return filepath.Join(sharedFolder(t), "sample", "out")
}

func publishSample(t *testing.T, dir string, settings ...string) (out string) {
	t.Helper()
	if err := sample.Write(filepath.Join(dir, "data")); err != nil {
		t.Fatal(err)
	}
	publish(t, filepath.Join(dir, "data"), filepath.Join(dir, "out"), settings...)
	return filepath.Join(dir, "out")
}

// rawMaterials publishes the built-in sample of raw materials and returns the output folder.
func rawMaterials(t *testing.T) (out string) {
	t.Helper()
	dir := t.TempDir()
	file, err := sample.WriteNamed(sample.RawMaterials, filepath.Join(dir, "sample"))
	if err != nil {
		t.Fatal(err)
	}
	c := config.New()
	if err := c.ReadFile(file); err != nil {
		t.Fatal(err)
	}
	c.Out = filepath.Join(dir, "out")
	if _, err := pipeline.Run(t.Context(), c, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	return c.Out
}

// TestMain removes what the tests share.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if err := os.RemoveAll(shared.dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

var shared struct {
	folder, rich, sample sync.Once
	dir                  string
}

// sharedFolder is the folder of what the tests share.
func sharedFolder(t *testing.T) string {
	t.Helper()
	shared.folder.Do(func() {
		dir, err := os.MkdirTemp("", "entrepot-report-")
		if err != nil {
			t.Fatal(err)
		}
		shared.dir = dir
	})
	return shared.dir
}

// rich is an output folder of data with what the sample lacks: more years than a
// figure compares, a year that China has not reported (2019), a year of low
// coverage (2023, without the United States), months with a gap (March 2023),
// sizes of markets, and the origin of value added. The current release counts codes in H4; beside it there are
// families, H6 and as-reported. Tests share it and must not change it.
func rich(t *testing.T) (out string) {
	t.Helper()
	dir := filepath.Join(sharedFolder(t), "rich")
	shared.rich.Do(func() {
		data := filepath.Join(dir, "data")
		if err := os.MkdirAll(data, 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(data, "rows.csv"), richRows(t))
		affiliates := filepath.Join(dir, "affiliates.csv")
		if err := os.WriteFile(affiliates, []byte("year,sales_usd,source\n2015,400000000,BEA\n2023,500000000,BEA\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		markets := filepath.Join(dir, "markets.csv")
		if err := os.WriteFile(markets, []byte("sector,year,market_usd,source\npower,2015,9000000000,Yearbook 2016 p. 3\npower,2023,20000000000,Yearbook 2024 p. 3\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		tiva := filepath.Join(dir, "tiva.csv")
		values := "MEASURE,VALUE_ADDED_SOURCE_AREA,VALUE_ADDED_SOURCE_ACTIVITY,Value added origin industry,FINAL_DEMAND_AREA,FINAL_DEMAND_ACTIVITY,Final demand industry,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,UNIT_MULT\n" +
			"FD_VA,W,_T,Total,CHN,C26,Electronics,USD,2015,500,6\nFD_VA,OECD,_T,Total,CHN,C26,Electronics,USD,2015,100,6\n" +
			"FD_VA,W,_T,Total,CHN,C26,Electronics,USD,2018,600,6\nFD_VA,OECD,_T,Total,CHN,C26,Electronics,USD,2018,90,6\n" +
			"FD_VA,W,_T,Total,CHN,_T,Total,USD,2018,9000,6\nFD_VA,OECD,_T,Total,CHN,_T,Total,USD,2018,650,6\n"
		if err := os.WriteFile(tiva, []byte(values), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, mode := range []string{"families", "H6", "as-reported", "H4"} {
			publish(t, data, filepath.Join(dir, "out"), "harmonize", mode, "markets", markets, "value_added", tiva, "affiliate_sales", affiliates)
		}
	})
	return filepath.Join(dir, "out")
}

func richRows(t *testing.T) []fixtures.Row {
	t.Helper()
	reference, err := schemas.Load(schemas.Files{})
	if err != nil {
		t.Fatal(err)
	}
	g := fixtures.Generator{Seed: 7, Presence: 0.6, Partners: []int{842, 276, 392, 704}, Codes: map[string][]string{}}
	for y := 2015; y <= 2023; y++ {
		g.Years = append(g.Years, y)
	}
	for _, s := range reference.Sectors {
		g.Codes[s.Revision] = append(g.Codes[s.Revision], s.HS6)
	}
	var all []fixtures.Row
	for _, reporter := range []int{156, 842, 276, 392, 410, 250} {
		g.Rows(reporter, func(r fixtures.Row) {
			if r.Reporter == 156 && r.Year == 2019 || r.Reporter == 842 && r.Year == 2023 {
				return
			}
			all = append(all, r)
			if r.Reporter == 156 && r.Year >= 2022 && r.Partner == 0 {
				for month := 1; month <= 12; month++ {
					if r.Year == 2023 && month == 3 {
						continue
					}
					m := r
					m.Month, m.Mills = month, r.Mills/int64(8+month%5)
					all = append(all, m)
				}
			}
		})
	}
	if len(all) < 5000 {
		t.Fatalf("%d rows; the generator makes less than it should", len(all))
	}
	return all
}

func write(t *testing.T, path string, rows []fixtures.Row) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := fixtures.WriteComtrade(file, fixtures.API, rows); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, parts ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
