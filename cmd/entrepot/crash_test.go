package main

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"entrepot/fixtures/sample"
)

// The binary is killed at random moments. What it has published is whole each
// time, and the run that is left alone at last gives the same bytes as one that
// was never disturbed. ENTREPOT_KILLS sets the number of kills.
func TestKilledAtAnyMoment(t *testing.T) {
	kills := 20
	if text := os.Getenv("ENTREPOT_KILLS"); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	data := t.TempDir()
	if err := sample.Write(data); err != nil {
		t.Fatal(err)
	}
	command := func(out string, share int) *exec.Cmd {
		return exec.Command("entrepot", "run", "--quiet", "--data", data, "--out", out, "--dominance-share", fmt.Sprint(share, "%"))
	}
	finish := func(c *exec.Cmd) time.Duration {
		started := time.Now()
		if text, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		return time.Since(started)
	}
	calm, wild := filepath.Join(t.TempDir(), "calm"), filepath.Join(t.TempDir(), "wild")
	whole := finish(command(calm, 30))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range kills {
		share := 30 + i%7 // so that there is something to do
		if i%5 == 0 {
			if err := os.RemoveAll(filepath.Join(wild, "work")); err != nil {
				t.Fatal(err)
			}
		}
		c := command(wild, share)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(random.Int64N(int64(whole * 5 / 4))))
		_ = c.Process.Signal(syscall.SIGKILL) // it may have ended
		_ = c.Wait()
		if _, err := os.Stat(filepath.Join(wild, "current")); err == nil {
			if text, err := exec.Command("entrepot", "explain", "figure27", "--sector", "power", "--year", "2021", "--out", wild).CombinedOutput(); err != nil {
				t.Errorf("after kill %d the published release can't be read: %s", i, text)
			}
		}
	}
	finish(command(wild, 30))
	want, got := published(t, calm), published(t, wild)
	if len(want) < 8 {
		t.Errorf("only %d files were published", len(want))
	}
	for name, sum := range want {
		if got[name] != sum {
			t.Errorf("%s differs from that of an undisturbed run", name)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(wild, "releases", ".unfinished-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// published sums up the Parquet files of the current release.
func published(t *testing.T, out string) map[string][32]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(out, "current", "*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string][32]byte{}
	for _, f := range files {
		content, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		sums[filepath.Base(f)] = sha256.Sum256(content)
	}
	return sums
}
