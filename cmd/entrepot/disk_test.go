package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/fixtures"
	"entrepot/pipeline/runlog"
)

// A disk that is full, which a limit on the size of files stands for, fails each
// stage with the place and the way out. What was published stays whole, nothing
// half is left behind, and the run that has room again gives the bytes of one that
// was never disturbed.
func TestFullDisk(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell to set a limit with")
	}
	small, large := filepath.Join(publishedSample(t), "at30"), t.TempDir()
	writeLarge(t, filepath.Join(large, "large.csv"))
	entrepot := func(limit int, args ...string) (string, error) {
		// Without the trap the signal would end the process before it can say why.
		script := fmt.Sprintf("trap '' XFSZ; ulimit -f %d; exec entrepot \"$@\"", limit)
		if limit == 0 {
			script = `exec entrepot "$@"`
		}
		text, err := exec.Command("sh", append([]string{"-c", script, "sh"}, args...)...).CombinedOutput()
		return string(text), err
	}
	must := func(args ...string) {
		t.Helper()
		text, err := entrepot(0, args...)
		var ended *exec.ExitError
		if errors.As(err, &ended) && ended.ExitCode() == exitIncomplete { // the reporters of the sample are gone then
			return
		}
		if err != nil {
			t.Errorf("%v: %v\n%s", args, err, text)
		}
	}
	run := func(command, data, out string) []string {
		return []string{command, "--quiet", "--data", data, "--out", out, "--allow-fewer-reporters"}
	}
	calm := filepath.Join(t.TempDir(), "calm")
	must(run("run", large, calm)...)
	want := published(t, calm)
	for _, tt := range []struct {
		stage  string
		blocks int // of 512 bytes; opening the workspace takes 40
	}{{"extract", 200}, {"transform", 200}, {"load", 60}} {
		t.Run(tt.stage, func(t *testing.T) {
			out := copyOf(t, small)
			before := published(t, out)
			for _, stage := range []string{"extract", "transform"} {
				if stage == tt.stage {
					break
				}
				must(run(stage, large, out)...)
			}
			metrics := filepath.Join(t.TempDir(), "m.prom")
			text, err := entrepot(tt.blocks, append(run(tt.stage, large, out), "--metrics-file", metrics)...)
			var failed *exec.ExitError
			if !errors.As(err, &failed) || failed.ExitCode() != exitFailed {
				t.Fatalf("with a full disk %s ends with %v:\n%s", tt.stage, err, text)
			}
			if !strings.Contains(text, out) || !strings.Contains(text, "the disk of the output folder is full: free some space and run again") {
				t.Errorf("the error does not name the place and the way out:\n%s", text)
			}
			said, metricsErr := os.ReadFile(metrics)
			if status, err := runlog.ReadStatus(out); err != nil || status.State != runlog.Failed || !strings.Contains(status.Error, out) {
				t.Errorf("the status says %+v, %v", status, err)
			}
			if metricsErr != nil || !strings.Contains(string(said), `outcome="failed",release=""`) {
				t.Errorf("the metrics say %v:\n%s", metricsErr, said)
			}
			for name, sum := range published(t, out) {
				if before[name] != sum {
					t.Errorf("%s of the current release changed", name)
				}
			}
			if left, _ := filepath.Glob(filepath.Join(out, "releases", ".unfinished-*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			must(run("run", large, out)...)
			got := published(t, out)
			for name, sum := range want {
				if got[name] != sum {
					t.Errorf("%s differs from that of an undisturbed run", name)
				}
			}
		})
	}
}

// writeLarge writes rows enough for Parquet files that are larger than the limit.
func writeLarge(t *testing.T, path string) {
	t.Helper()
	var rows []fixtures.Row
	n := int64(0)
	for _, year := range []int{2015, 2016, 2017, 2018, 2019} {
		for reporter := range 40 {
			for _, code := range []string{"854231", "854232", "854239", "848620", "880240", "880230", "870390", "901890", "300220", "850231"} {
				for _, flow := range []string{"X", "M"} {
					n++
					rows = append(rows, fixtures.Row{Year: year, Reporter: []int{156, 842, 276, 392, 410, 251, 826, 381, 702, 458, 36, 40, 56, 76, 124, 152, 203, 208, 246, 300,
						348, 360, 372, 376, 484, 528, 554, 579, 604, 608, 616, 620, 642, 643, 699, 703, 710, 724, 752, 757}[reporter],
						Flow: flow, Revision: "H4", Code: code, Mills: n * 7_919_317 % 1_000_003_000})
				}
			}
		}
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(fixtures.WriteComtrade(file, fixtures.API, rows), file.Close()); err != nil {
		t.Fatal(err)
	}
}
