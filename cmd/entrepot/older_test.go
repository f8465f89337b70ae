package main

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/fixtures/sample"

	"github.com/klauspost/compress/zstd"
)

// olderRelease is the release that version 0.1.0 made of the sample that is made up, with the years 2021 only.
const olderRelease = "d325baaccfaa"

// olderFolder is an output folder with that release, beside the data that it was made of.
func olderFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	packed, err := os.Open("testdata/release-0.1.0.tar.zst")
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	unpacked, err := zstd.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	defer unpacked.Close()
	releases := filepath.Join(dir, "out", "releases")
	if err := os.MkdirAll(filepath.Join(releases, olderRelease), 0o755); err != nil {
		t.Fatal(err)
	}
	for all := tar.NewReader(unpacked); ; {
		header, err := all.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(all)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(releases, olderRelease, header.Name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join("releases", olderRelease), filepath.Join(dir, "out", "current")); err != nil {
		t.Fatal(err)
	}
	if _, err := sample.WriteNamed(sample.MadeUp, filepath.Join(dir, "data")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// What an older version published is read, drawn, exported, compared and judged, and the next run publishes after it.
func TestOlderRelease(t *testing.T) {
	t.Parallel()
	dir := olderFolder(t)
	for _, tt := range []struct {
		command string
		code    int
		says    []string
	}{
		{"verify --hashes", 0, []string{"Release " + olderRelease + " is intact: every file is what its manifest says."}},
		{"verify --quiet --data data", 1, []string{
			"datapackage.json                   intact",
			"dominance.parquet                  ok",
			"export_share_hs6.parquet           DIFFERS: computing it anew gives other values in 1 row",
			"Release " + olderRelease + " was made by entrepot 0.1.0, this is ",
			"whether the bytes come out again entrepot 0.1.0 alone can tell.",
			"entrepot: the release is what its version published, but this version computes other values; CHANGELOG.md says why figures may differ",
		}},
		{"show dominance", 0, []string{"9 rows, release " + olderRelease}},
		{"explain figure27 --sector rail --year 2021 --lines", 0, []string{"TradeData_4_17_2026_11_54_35.csv:"}},
		{"explain balance_of_trade", 2, []string{"release " + olderRelease + ", of version 0.1.0, has no table balance_of_trade"}},
		{"report", 0, []string{"index.html"}},
		{"export --format csv --to tables", 0, []string{"tables/dominance.csv: 9 rows"}},
		{"export --format csv --to tables suppliers", 2, []string{"it was published by entrepot 0.1.0; a new run makes it"}},
		{"history", 0, nil},
		{"run --quiet --data data --years 2021", 0, []string{"it was release " + olderRelease}},
		{"diff " + olderRelease, 0, []string{"min_product_coverage: 0.9, was not set", "balance_of_trade: only release "}},
		{"rollback", 0, []string{"out/current is release " + olderRelease + " now, was release "}},
	} {
		c := exec.Command("entrepot", append(strings.Fields(tt.command), "--out", "out")...)
		c.Dir = dir
		printed, err := c.CombinedOutput()
		ended := 0
		if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
			ended = failed.ExitCode()
		}
		if ended != tt.code {
			t.Errorf("%s ended with %d, expected %d:\n%s", tt.command, ended, tt.code, printed)
		}
		for _, says := range tt.says {
			if !strings.Contains(string(printed), says) {
				t.Errorf("%s does not say %q:\n%s", tt.command, says, printed)
			}
		}
		if strings.Contains(string(printed), "built-in sample") {
			t.Errorf("%s speaks of the built-in sample:\n%s", tt.command, printed)
		}
	}
}
