package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var damages = flag.Int("damages", 1, "in how many ways TestDamagedWorkspaces damages the workspace")

// The file of the workspace, or the log beside it, is damaged: bytes are turned, it is cut,
// pages are lost as after a power cut. Commands that look leave it where it is and say what
// to do; the run gives the figures of a sound one, or says what to do; none gives a wrong one.
func TestDamagedWorkspaces(t *testing.T) {
	common := publishedSample(t)
	data, base, calm := filepath.Join(common, "data"), filepath.Join(common, "at30"), filepath.Join(common, "at31")
	run := func(out, share string) (string, error) {
		text, err := exec.Command("entrepot", "run", "--quiet", "--data", data, "--out", out, "--dominance-share", share).CombinedOutput()
		return string(text), err
	}
	logged := base
	if *damages > 2 { // else none begins with a log
		logged = withLog(t, base, data)
	}
	want, before := published(t, calm), published(t, base)
	random := rand.New(rand.NewPCG(7, 7))
	for i := range *damages {
		from := base
		if i%3 == 2 {
			from = logged
		}
		out := copyOf(t, from)
		what := damage(t, random, filepath.Join(out, "work", "entrepot.duckdb"), i)
		there := listed(t, filepath.Join(out, "work"))
		for _, look := range [][]string{{"plan", "--data", data}, {"rejects"}, {"status"}, {"sources", "conflicts"}} {
			text, err := exec.Command("entrepot", append(look, "--out", out)...).CombinedOutput()
			if err != nil && !strings.Contains(string(text), "entrepot run") {
				t.Errorf("%s: %s fails and does not say what to do: %s", what, look[0], text)
			}
		}
		if after := listed(t, filepath.Join(out, "work")); after != there {
			t.Errorf("%s: looking changed the workspace from\n%s to\n%s", what, there, after)
		}
		text, err := run(out, "31%")
		switch got := published(t, out); {
		case err == nil && maps.Equal(got, want):
		case err != nil && maps.Equal(got, before) && strings.Contains(text, "run again"):
		default:
			t.Errorf("%s: a run ends with %v, and what is published is not that of a sound workspace: %s", what, err, text)
		}
		if text, err := run(out, "31%"); err != nil || !maps.Equal(published(t, out), want) {
			t.Errorf("%s: a second run ends with %v: %s", what, err, text)
		}
	}
}

// withLog is a copy of an output folder in which a run was killed, so that a log stands
// beside the workspace's file; without one the copy has none.
func withLog(t *testing.T, base, data string) string {
	t.Helper()
	for try := range 8 {
		out := copyOf(t, base)
		c := exec.Command("entrepot", "run", "--quiet", "--force", "--data", data, "--out", out)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(300+200*try) * time.Millisecond)
		if err := c.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
		_ = c.Wait() // it was killed
		if info, err := os.Stat(filepath.Join(out, "work", "entrepot.duckdb.wal")); err == nil && info.Size() > 0 {
			return out
		}
	}
	t.Log("no killed run left a log")
	return base
}

// damage damages the file of a workspace in the i-th way, and says how.
func damage(t *testing.T, random *rand.Rand, db string, i int) string {
	t.Helper()
	path := db
	if info, err := os.Stat(db + ".wal"); err == nil && info.Size() > 0 {
		path = db + ".wal"
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	name, size := filepath.Base(path), len(content)
	at := random.IntN(size)
	var what string
	switch kind := random.IntN(6); {
	case i < 3: // the headers
		at = []int{0, 4100, 8200}[i] % size
		content[at] ^= 0xff
		what = fmt.Sprintf("byte %d of %s turned", at, name)
	case kind < 2:
		content[at] ^= byte(1 << random.IntN(8))
		what = fmt.Sprintf("a bit of byte %d of %s turned", at, name)
	case kind == 2:
		content = content[:at]
		what = fmt.Sprintf("%s cut to %d bytes", name, at)
	case kind == 3:
		at -= at % 4096
		clear(content[at:min(at+4096, size)])
		what = fmt.Sprintf("a page of %s at %d without content", name, at)
	case kind == 4:
		content = append(content, make([]byte, 8192)...)
		what = name + " with 8 KiB of nothing at its end"
	default:
		for j := range min(512, size-at) {
			content[at+j] = byte(random.Uint32())
		}
		what = fmt.Sprintf("a sector of %s at %d overwritten", name, at)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return what
}

// listed are the files of a folder with their sizes, but for what a lock leaves.
func listed(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, "lock") {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			fmt.Fprintf(&b, "%s %d\n", strings.TrimPrefix(path, dir), info.Size())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
