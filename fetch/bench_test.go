package fetch_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"entrepot/fetch"
	"entrepot/fixtures/fake"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
)

// secret is the key of the tests.
const secret = "5ec3e7f00d5ec3e7f00d5ec3e7f00d42"

// clock is moved by whoever sleeps.
type clock struct {
	lock sync.Mutex
	now  time.Time
}

func (c *clock) Now() time.Time {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.move(max(0, d))
	return ctx.Err()
}

func (c *clock) move(d time.Duration) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.now = c.now.Add(d)
}

// bench is a fake server, a data folder, and what is asked of the first for the second.
type bench struct {
	*testing.T
	fake    *fake.Server
	clock   *clock
	url     string
	options fetch.Options
	log     *bytes.Buffer
}

// own is the reporter whose imports by partner are fetched, a small one.
const own = 76

var (
	reporters = []int{156, 842, 276, 392, 76}
	years     = []int{2022, 2023}
)

// codesOfTest are those of each HS revision in the tests.
const codesOfTest = 60

func newBench(t *testing.T, change func(*fake.Options)) *bench {
	t.Helper()
	b := &bench{T: t, clock: &clock{now: time.Date(2026, 11, 26, 3, 14, 0, 0, time.UTC)}, log: &bytes.Buffer{}}
	o := fake.Options{Seed: 7, Reporters: reporters, Years: years, Codes: codesOfTest, Now: b.clock.Now,
		Keys: map[string]fake.Tier{secret: {Rows: 200, PerDay: 500, PerSecond: 5}}}
	if change != nil {
		change(&o)
	}
	var err error
	if b.fake, err = fake.New(o); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(b.fake)
	t.Cleanup(server.Close)
	server.Config.ErrorLog = nil
	b.url = server.URL
	b.options = b.optionsFor(t.TempDir())
	return b
}

// optionsFor asks for everything, with small answers.
func (b *bench) optionsFor(data string) fetch.Options {
	b.Helper()
	key, err := fetch.KeyOf(secret, "the test")
	if err != nil {
		b.Fatal(err)
	}
	counts := map[string]int{}
	for _, revision := range []string{"H0", "H1", "H2", "H3", "H4", "H5", "H6"} {
		counts[revision] = codesOfTest
	}
	var partners []int
	for p := 4; p < 900; p++ {
		partners = append(partners, p)
	}
	return fetch.Options{Data: data, URL: b.url, Key: key, Agent: "entrepot/test", Own: []int{own}, Years: years, Measures: fetch.Measures(),
		Reports: fetch.Reporting{Codes: counts, Partners: partners}, CallsPerDay: 500, RecordsPerCall: 200, KeepSuperseded: 1,
		CallsPerSecond: 1, Fill: 0.85, Timeout: 2 * time.Second, Codes: "TOTAL,AG6", Clock: b.clock,
		Log: slog.New(slog.NewTextHandler(b.log, nil))}
}

func (b *bench) run() *fetch.Result {
	b.Helper()
	result, err := fetch.Run(b.Context(), b.options)
	if err != nil {
		b.Fatal(err)
	}
	return result
}

// whole runs a fetch that must bring everything.
func (b *bench) whole() *fetch.Result {
	b.Helper()
	result := b.run()
	if len(result.Failed) > 0 || result.Quota() != nil || len(result.Waiting) > 0 {
		b.Fatalf("failed %v, quota %v, waiting %v", result.Failed, result.Quota(), result.Waiting)
	}
	return result
}

// files are the trade files of a data folder, as readers see them, with their content's hash.
func files(t *testing.T, data string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(data, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		content, err := os.ReadFile(path)
		sum := sha256.Sum256(content)
		found[filepath.Base(path)] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// lines are those of the one file whose name begins so.
func lines(t *testing.T, data, begins string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(data, "comtrade", "*", begins+"*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("files %v begin with %s: %v", found, begins, err)
	}
	file, err := os.Open(found[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if _, err := text.ReadFrom(unpacked); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")
}

func (b *bench) same(want, got map[string]string) {
	b.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		b.Errorf("the folder differs (-want +got):\n%s", diff)
	}
}

// undisturbed is what a fetch without any fault brings.
func undisturbed(t *testing.T, change func(*fake.Options)) map[string]string {
	t.Helper()
	b := newBench(t, change)
	b.whole()
	return files(t, b.options.Data)
}

// checkLog holds what is true of every log: the key is in no URL, and calls are no faster
// than they may be.
func (b *bench) checkLog() {
	b.Helper()
	var before time.Time
	for _, r := range b.fake.Log() {
		if strings.Contains(r.Query, secret) {
			b.Errorf("request %d has the key in its URL", r.Number)
		}
		if strings.HasPrefix(r.Path, "/public/") && r.Keyed {
			b.Errorf("request %d to %s has the key, which nobody asked for", r.Number, r.Path)
		}
		if !before.IsZero() && r.Time.Sub(before) < time.Second-time.Millisecond {
			b.Errorf("request %d came %s after the one before it", r.Number, r.Time.Sub(before))
		}
		before = r.Time
	}
}

// reported are the names of the files that hold a year's world exports.
func reported(found map[string]string, year int) []string {
	var names []string
	for name := range found {
		if strings.Contains(name, fmt.Sprintf("_%d_X_W_", year)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
