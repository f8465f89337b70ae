package main

import (
	"crypto/sha256"
	"flag"
	"io/fs"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"entrepot/fetch"
	"entrepot/fixtures/fake"
)

var fetchKills = flag.Int("fetch.kills", 3, "how often TestFetchKilled kills a fetch that is at work")

// A fetch is killed at random moments. What is in the folder each time is what an
// undisturbed fetch brings, no year's exports are there in part, and in the end all is there.
func TestFetchKilled(t *testing.T) {
	server, err := fake.New(fake.Options{Seed: 5, Reporters: []int{156, 842, 276, 392, 410, 76}, Years: []int{2021, 2022, 2023}, Codes: 400,
		Public: fake.Tier{Rows: 500}, Keys: map[string]fake.Tier{fetchKey: {Rows: 1200}}})
	if err != nil {
		t.Fatal(err)
	}
	site := httptest.NewServer(server)
	t.Cleanup(site.Close)
	dir := t.TempDir()
	run := func(data string, within time.Duration) (ended bool) {
		c := exec.Command("entrepot", "fetch", "--quiet", "--data", data, "--years", "2021-2023", "--for", "import_dependence,dominance",
			"--fetch-url", site.URL, "--fetch-calls-per-second", "20", "--fetch-records-per-call", "1200")
		c.Env = append(os.Environ(), fetch.KeyVariable+"="+fetchKey)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		stop := time.AfterFunc(within, func() { _ = c.Process.Signal(syscall.SIGKILL) }) // it may have ended
		defer stop.Stop()
		return c.Wait() == nil
	}
	if !run(filepath.Join(dir, "calm"), 10*time.Minute) {
		t.Fatal("the undisturbed fetch failed")
	}
	want, calls := tradeFiles(t, filepath.Join(dir, "calm")), server.Keyed()
	random := rand.New(rand.NewPCG(1, 1))
	killed := 0
	for data, n := filepath.Join(dir, "wild"), 0; killed < *fetchKills && n < 4**fetchKills; n++ {
		if run(data, time.Duration(20+random.IntN(500))*time.Millisecond) {
			if err := os.RemoveAll(data); err != nil { // it came to its end: once more from nothing
				t.Fatal(err)
			}
			continue
		}
		killed++
		if _, err := os.Stat(data); err != nil {
			continue
		}
		checkAfterKill(t, data, want)
	}
	if killed < *fetchKills {
		t.Errorf("it was killed %d times", killed)
	}
	if !run(filepath.Join(dir, "wild"), 10*time.Minute) {
		t.Fatal("the fetch that was left alone failed")
	}
	got := tradeFiles(t, filepath.Join(dir, "wild"))
	for name, sum := range want {
		if got[name] != sum {
			t.Errorf("%s is not what an undisturbed fetch brings", name)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d files, want %d", len(got), len(want))
	}
	t.Logf("%d kills; %d calls undisturbed, %d in all after that", killed, calls, server.Keyed()-calls)
}

// checkAfterKill looks at a folder as a run would.
func checkAfterKill(t *testing.T, data string, want map[string][32]byte) {
	t.Helper()
	release, err := fetch.Reading(t.Context(), data, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := release(); err != nil {
			t.Error(err)
		}
	}()
	exporters := map[string]int{}
	for name, sum := range tradeFiles(t, data) {
		if want[name] != sum {
			t.Errorf("%s is not what it should be", name)
		}
		if year := strings.Split(name, "_")[2]; strings.Contains(name, "_X_W_") {
			exporters[year]++
		}
	}
	for year, n := range exporters {
		if n != 6 {
			t.Errorf("%d of 6 reporters of %s are there", n, year)
		}
	}
}

// tradeFiles are the files of a data folder that a run reads, by their names.
func tradeFiles(t *testing.T, data string) map[string][32]byte {
	t.Helper()
	found := map[string][32]byte{}
	err := filepath.WalkDir(data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if strings.HasPrefix(entry.Name(), ".") {
				return fs.SkipDir
			}
			return nil
		}
		content, err := os.ReadFile(path)
		found[entry.Name()] = sha256.Sum256(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
