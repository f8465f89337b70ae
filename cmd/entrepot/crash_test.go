package main

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"entrepot/fixtures/sample"
)

var (
	kills    = flag.Int("kills", 10, "how often TestKilledAtAnyMoment kills a process that is at work")
	killSeed = flag.Uint64("kills.seed", 1, "of its moments")
)

// The binary is killed at random moments of whatever it does: publishing, removing old
// releases, reporting, exporting, rolling back, verifying. What it has published is whole each time,
// byte for byte what an undisturbed run publishes, and the run that is left alone at last
// gives the same as one that was never disturbed.
func TestKilledAtAnyMoment(t *testing.T) {
	k := &killing{t: t, data: t.TempDir(), calm: filepath.Join(t.TempDir(), "calm"), wild: filepath.Join(t.TempDir(), "wild"),
		random: rand.New(rand.NewPCG(*killSeed, 2)), took: map[string]time.Duration{}, want: map[string]map[string][32]byte{}}
	if err := sample.Write(k.data); err != nil {
		t.Fatal(err)
	}
	shares := min(7, 2+*kills/20) // so that there is something to do
	for i := range shares {
		started := time.Now()
		k.finish("run", "--quiet", "--data", k.data, "--out", k.calm, "--dominance-share", fmt.Sprint(30+i, "%"))
		k.took["run"] = time.Since(started)
		id := k.current(k.calm)
		if k.want[id] = published(t, k.calm); i == 0 {
			k.first = id
		}
	}
	done := map[string]int{}
	for n := 0; n < *kills; {
		name, args := k.next(30 + k.random.IntN(shares))
		if k.kill(name, args...) { // else it has its turn again
			k.turns = k.turns[1:]
			n++
			if done[name]++; n%50 == 0 {
				t.Logf("%d kills: %v", n, done)
			}
		}
		k.look(n, name)
	}
	t.Logf("killed at work: %v", done)
	k.finish("run", "--quiet", "--data", k.data, "--out", k.wild, "--dominance-share", "30%")
	k.look(*kills, "the last run")
	for _, left := range []string{".unfinished-*", ".retired-*"} {
		if names, _ := filepath.Glob(filepath.Join(k.wild, "releases", left)); len(names) > 0 {
			t.Errorf("left behind: %v", names)
		}
	}
	if got, want := k.current(k.wild), k.first; got != want {
		t.Errorf("release %s was published at last, expected %s", got, want)
	}
}

// killing is two output folders of the same data: one in which every command ends, one in
// which none does.
type killing struct {
	t                *testing.T
	data, calm, wild string
	random           *rand.Rand
	turns            []int                          // whose turn is to come
	took             map[string]time.Duration       // by the command
	want             map[string]map[string][32]byte // the files of each release
	first            string                         // release of the first share
}

// next is what is to be killed next: of ten, each kind, and half of them runs. Every tenth time the workspace is gone before it.
func (k *killing) next(share int) (name string, args []string) {
	if k.random.IntN(10) == 0 {
		if err := os.RemoveAll(filepath.Join(k.wild, "work")); err != nil {
			k.t.Fatal(err)
		}
	}
	run := []string{"run", "--quiet", "--data", k.data, "--out", k.wild, "--dominance-share", fmt.Sprint(share, "%"), "--keep-releases", fmt.Sprint(1 + k.random.IntN(3))}
	if len(k.turns) == 0 {
		k.turns = k.random.Perm(10)
	}
	switch turn := k.turns[0]; {
	case turn < 5:
		return "run", run
	case turn == 5:
		return "run --force", append(run, "--force")
	case turn == 6:
		return "rollback", []string{"rollback", "--out", k.wild}
	case turn == 7:
		return "verify", []string{"verify", "--quiet", "--data", k.data, "--out", k.wild}
	case turn == 8:
		return "export", []string{"export", "--quiet", "--force", "--format", []string{"xlsx", "parquet"}[k.random.IntN(2)], "--out", k.wild}
	default:
		return "report", []string{"report", "--out", k.wild}
	}
}

// kill begins a command and kills it, and tells whether it was still at work.
func (k *killing) kill(name string, args ...string) bool {
	c := exec.Command("entrepot", args...)
	started := time.Now()
	if err := c.Start(); err != nil {
		k.t.Fatal(err)
	}
	most := k.took[name]
	if most == 0 {
		most = k.took["run"]
	}
	ended := make(chan struct{})
	go func() {
		_ = c.Wait() // the state tells how
		close(ended)
	}()
	select {
	case <-ended:
		k.took[name] = time.Since(started)
	case <-time.After(time.Duration(k.random.Int64N(int64(most)*9/8 + 1))):
		if err := c.Process.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
			k.t.Fatal(err)
		}
		<-ended
	}
	return c.ProcessState.ExitCode() == -1
}

// look reads what is published now.
func (k *killing) look(n int, after string) {
	if _, err := os.Stat(filepath.Join(k.wild, "current")); errors.Is(err, os.ErrNotExist) {
		return
	}
	id := k.current(k.wild)
	if want := k.want[id]; len(want) < 8 || !maps.Equal(want, published(k.t, k.wild)) {
		k.t.Errorf("after kill %d, of %s, release %s is not what an undisturbed run publishes", n, after, id)
	}
	for _, args := range [][]string{{"verify", "--hashes", "--out", k.wild}, {"explain", "figure27", "--sector", "power", "--year", "2021", "--out", k.wild}} {
		if text, err := exec.Command("entrepot", args...).CombinedOutput(); err != nil {
			k.t.Errorf("after kill %d, of %s, %s: %v: %s", n, after, args[0], err, text)
		}
	}
}

func (k *killing) finish(args ...string) {
	if text, err := exec.Command("entrepot", args...).CombinedOutput(); err != nil {
		k.t.Fatalf("%v: %s", err, text)
	}
}

func (k *killing) current(out string) string {
	target, err := os.Readlink(filepath.Join(out, "current"))
	if err != nil {
		k.t.Fatal(err)
	}
	return filepath.Base(target)
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
