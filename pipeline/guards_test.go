package pipeline_test

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/pipeline"
	"entrepot/pipeline/release"
)

const guardHeader = "refYear,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue\n"

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// 3 of 300 rows can't be used: just as much as 1% or 3 allow, and more than 0.99% or 2 do.
func TestRejectBudget(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	good := strings.Repeat("2019,2019,156,M,0,H5,880240,600\n", 297)
	bad := strings.Repeat("2019,2019,156,M,0,H5,880240,much\n", 3)
	writeFile(t, filepath.Join(data, "a.csv"), guardHeader+good+bad)
	for _, tt := range []struct {
		budget  string
		allowed bool
	}{{"1%", true}, {"3", true}, {"0.99%", false}, {"2", false}, {"0", false}, {"0%", false}, {"100%", true}} {
		c := configure(t, data, "max_rejects", tt.budget)
		s, err := pipeline.Run(t.Context(), c, slog.New(slog.DiscardHandler))
		switch {
		case tt.allowed && err != nil:
			t.Errorf("with max_rejects %s: %v", tt.budget, err)
		case tt.allowed && (len(s.Shortfalls) != 1 || s.Shortfalls[0] != "3 rows were rejected"):
			t.Errorf("with max_rejects %s the shortfalls are %q", tt.budget, s.Shortfalls)
		case !tt.allowed && (err == nil || !strings.Contains(err.Error(), `3 of 300 rows, such as line 299: bad_value "much" in column primaryValue`)):
			t.Errorf("with max_rejects %s the error is %v", tt.budget, err)
		}
		if _, err := os.Stat(filepath.Join(c.Out, "current")); (err == nil) != tt.allowed {
			t.Errorf("with max_rejects %s: published is %v", tt.budget, err == nil)
		}
	}
}

// A reporter that the current release has and a new one has not keeps it from
// being published, unless that is allowed.
func TestFewerReporters(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	row := func(year, reporter string) string {
		return year + "," + year + "," + reporter + ",X,0,H5,880240,600\n" + year + "," + year + "," + reporter + ",M,0,H5,880240,900\n"
	}
	writeFile(t, filepath.Join(data, "china.csv"), guardHeader+row("2019", "156")+row("2020", "156"))
	writeFile(t, filepath.Join(data, "germany.csv"), guardHeader+row("2019", "276")+row("2020", "276"))
	c := configure(t, data, "allow_fewer_reporters", "false")
	first := run(t, c).Release
	if len(manifest(t, c.Out).Reporters["2020"]) != 2 {
		t.Errorf("the manifest has the reporters %v", manifest(t, c.Out).Reporters)
	}
	writeFile(t, filepath.Join(data, "germany.csv"), guardHeader+row("2019", "276"))
	_, err := pipeline.Run(t.Context(), c, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "2020: Germany") || strings.Contains(err.Error(), "2019") {
		t.Errorf("without Germany in 2020 the error is %v", err)
	}
	if m := manifest(t, c.Out); m.Release != first {
		t.Errorf("current is %s, expected %s as before", m.Release, first)
	}
	set(t, c, "allow_fewer_reporters", "true")
	s := run(t, c)
	if !s.Fresh || len(s.Shortfalls) != 1 || !strings.Contains(s.Shortfalls[0], "2020: Germany") {
		t.Errorf("when it is allowed, the run is fresh: %v, with the shortfalls %q", s.Fresh, s.Shortfalls)
	}
	if s := run(t, c); s.Fresh || len(s.Shortfalls) != 0 {
		t.Errorf("the next run is fresh: %v, with the shortfalls %q", s.Fresh, s.Shortfalls)
	}
	// More reporters, or another reporter to measure, are no loss.
	set(t, c, "allow_fewer_reporters", "false", "reporter", "DEU")
	writeFile(t, filepath.Join(data, "japan.csv"), guardHeader+row("2019", "392"))
	run(t, c)
}

// An empty data folder is a failure, unless that is allowed.
func TestEmptyFolder(t *testing.T) {
	t.Parallel()
	c := configure(t, t.TempDir())
	if _, err := pipeline.Run(t.Context(), c, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "no files in ") {
		t.Errorf("without files the error is %v", err)
	}
	set(t, c, "allow_empty", "true")
	if s := run(t, c); !s.Empty || s.Release != "" {
		t.Errorf("when it is allowed, the run says %v and release %q", s.Empty, s.Release)
	}
}

func manifest(t *testing.T, out string) *release.Manifest {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(out, "current", "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m release.Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return &m
}

// The manifest says how whole the years are and what the checks found.
func TestManifestCoverageAndChecks(t *testing.T) {
	t.Parallel()
	c, _ := publishedSample(t)
	m := manifest(t, c.Out)
	if len(m.Coverage) == 0 || len(m.Checks) < 8 {
		t.Fatalf("the manifest has %d years of coverage and %d checks", len(m.Coverage), len(m.Checks))
	}
	for _, check := range m.Checks {
		if check.Name == "partners" && check.Findings != 1 { // the trap of the sample
			t.Errorf("partners has %d findings, expected 1", check.Findings)
		}
	}
	for _, year := range m.Coverage {
		if year.Reporters != 4 {
			t.Errorf("%d has %d reporters, expected 4", year.Year, year.Reporters)
		}
	}
}

// A file that can't even be unpacked is named by the run that finds it.
func TestDamagedFileIsNamed(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	writeFile(t, filepath.Join(data, "cut.csv.gz"), "\x1f\x8b\x08\x00\x00")
	writeFile(t, filepath.Join(data, "good.csv"), guardHeader+"2019,2019,156,M,0,H5,880240,600\n")
	s := run(t, configure(t, data))
	if f := s.Files[0]; !strings.Contains(f.Refusal, "can't be unpacked") || len(s.Shortfalls) != 1 || !strings.Contains(s.Shortfalls[0], "cut.csv.gz") {
		t.Errorf("the run says %+v and the shortfalls %q", f, s.Shortfalls)
	}
}
