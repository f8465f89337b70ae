package fetch_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"entrepot/fetch"
	"entrepot/fixtures/fake"
	"entrepot/pipeline/usage"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// A fetch makes as many calls as its plan says, and a second one none with the key.
func TestFirstLoadAndNothingNew(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.options.Measures = []string{"import_dependence", "dominance"} // parts by partner are never equal, so that some are divided again
	plan, err := fetch.Look(t.Context(), b.options)
	if err != nil {
		t.Fatal(err)
	}
	if b.fake.Keyed() != 0 || len(files(t, b.options.Data)) != 0 {
		t.Fatalf("a plan made %d calls with the key, and left %d files", b.fake.Keyed(), len(files(t, b.options.Data)))
	}
	result := b.whole()
	if result.Calls != plan.CallsPlanned || b.fake.Keyed() != plan.CallsPlanned || plan.CallsPlanned < 6 {
		t.Errorf("%d calls were planned, %d counted, %d arrived", plan.CallsPlanned, result.Calls, b.fake.Keyed())
	}
	found := files(t, b.options.Data)
	if len(found) != len(years)*(len(reporters)+1) || len(plan.New) != len(years)*len(reporters) {
		t.Errorf("%d files, %d datasets new", len(found), len(plan.New))
	}
	before := b.fake.Keyed()
	again := b.whole()
	if b.fake.Keyed() != before || again.Cells != 0 || again.Plan.Unchanged != len(years)*len(reporters) {
		t.Errorf("the second fetch made %d calls with the key; plan %+v", b.fake.Keyed()-before, again.Plan)
	}
	b.same(found, files(t, b.options.Data))
	b.checkLog()
	v, err := fetch.Verify(t.Context(), b.options)
	if err != nil || v.Files != len(found) || len(v.Differ) != 0 {
		t.Errorf("verified %+v, %v", v, err)
	}
}

// The same data give the same files, whatever the order of rows and the size of answers.
func TestLimits(t *testing.T) {
	t.Parallel()
	want := undisturbed(t, func(o *fake.Options) { o.Keys = map[string]fake.Tier{secret: {Rows: 100_000}} })
	for name, c := range map[string]struct{ server, client int }{
		"as expected": {200, 200}, "the server's is lower": {150, 200}, "much lower": {70, 200}, "higher": {1000, 300},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(o *fake.Options) { o.Keys = map[string]fake.Tier{secret: {Rows: c.server}} })
			b.options.RecordsPerCall = c.client
			result := b.run()
			if c.server < c.client {
				// The limit of the server is not known to the client: it sees answers of
				// fewer rows than it asked for, which may be whole. What tells is the count.
				for _, r := range b.fake.Log() {
					if r.Keyed && r.Rows == c.server && len(result.Failed) == 0 && !t.Failed() {
						t.Errorf("request %d brought %d rows, as many as the server gives, and was kept", r.Number, r.Rows)
					}
				}
				return
			}
			b.same(want, files(t, b.options.Data))
		})
	}
}

// An answer that is as long as an answer may be is not kept; halves of it are asked for.
func TestHalving(t *testing.T) {
	t.Parallel()
	want := undisturbed(t, nil)
	b := newBench(t, nil)
	b.options.Fill = 1 // so that calls are planned that come out too large
	counts := maps.Clone(b.options.Reports.Codes)
	for revision := range counts {
		counts[revision] = 20 // and reporters are taken for smaller than they are
	}
	b.options.Reports.Codes = counts
	b.whole()
	b.same(want, files(t, b.options.Data))
	cut := 0
	for _, r := range b.fake.Log() {
		if r.Keyed && r.Rows >= 200 {
			cut++
		}
	}
	if cut == 0 {
		t.Error("no answer was cut: the test shows nothing")
	}
}

// A year's world exports enter as a whole, or not at all.
func TestYearEntersWhole(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.options.Measures, b.options.Fill = []string{"dominance"}, 0.4 // one reporter a call
	b.whole()
	want := files(t, b.options.Data)
	b.options.Data = t.TempDir()
	b.fake.SetScenario(fake.Scenario{Faults: []fake.Fault{{Path: "/data/v1/get", Call: 3, Times: 3, Do: "500"}}})
	result := b.run()
	if len(result.Failed) != 1 || len(result.Waiting) != 1 {
		t.Fatalf("failed %v, waiting %v", result.Failed, result.Waiting)
	}
	held := 0
	for _, year := range years {
		switch n := len(reported(files(t, b.options.Data), year)); n {
		case 0:
			held++
		case len(reporters):
		default:
			t.Errorf("%d of %d reporters of %d are in the folder", n, len(reporters), year)
		}
	}
	if held != 1 {
		t.Errorf("%d years are held, want one", held)
	}
	calls := b.fake.Keyed()
	b.whole()
	b.same(want, files(t, b.options.Data))
	if n := b.fake.Keyed() - calls; n > 2 {
		t.Errorf("the second fetch made %d calls, though one had failed", n)
	}
}

// A year is let in without the reporter that fails for good when that is asked for.
func TestAcceptPartial(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.options.Measures, b.options.Years = []string{"dominance"}, []int{2023}
	b.options.Fill = 0.4 // one reporter a call
	b.fake.SetScenario(fake.Scenario{Faults: []fake.Fault{{Path: "/data/v1/get", Call: 2, Times: 3, Do: "500"}}})
	if result := b.run(); len(result.Failed) != 1 || len(files(t, b.options.Data)) != 0 {
		t.Fatalf("failed %v", result.Failed)
	}
	b.fake.SetScenario(fake.Scenario{Faults: []fake.Fault{{Path: "/data/v1/get", Times: -1, Do: "500"}}})
	b.options.Accept = []string{"2023"}
	b.run()
	if n := len(reported(files(t, b.options.Data), 2023)); n != len(reporters)-1 {
		t.Errorf("%d reporters are in, want all but one", n)
	}
}

// A revision replaces the files of its dataset and no others, and rows that were deleted
// are gone.
func TestRevision(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.whole()
	before := files(t, b.options.Data)
	old := lines(t, b.options.Data, "C-A-HS_76_2023_X_W_")
	b.clock.move(100 * time.Hour)
	calls := b.fake.Keyed()
	b.fake.Revise(fake.Revise{Reporter: own, Year: 2023})
	deleted := 0
	for try := 0; deleted == 0 && try < 30; try++ { // until a revision deletes one of the few codes of the test
		result := b.whole()
		if len(result.Plan.Revised) != 1 || result.Plan.Revised[0].Reporter != own || result.Plan.Revised[0].Period != "2023" {
			t.Fatalf("revised %+v", result.Plan.Revised)
		}
		now := lines(t, b.options.Data, "C-A-HS_76_2023_X_W_")
		if deleted = len(old) - len(now); deleted == 0 {
			b.clock.move(100 * time.Hour)
			b.fake.Revise(fake.Revise{Reporter: own, Year: 2023})
			calls = b.fake.Keyed()
		}
	}
	if deleted <= 0 {
		t.Error("no revision deleted a row")
	}
	if n := b.fake.Keyed() - calls; n < 2 || n > 6 {
		t.Errorf("the revision took %d calls", n)
	}
	after := files(t, b.options.Data)
	for name, sum := range before {
		if strings.HasPrefix(name, "C-A-HS_76_2023_") {
			if _, still := after[name]; still {
				t.Errorf("%s is still there", name)
			}
			delete(before, name)
			continue
		}
		if after[name] != sum {
			t.Errorf("%s changed, of another dataset", name)
		}
	}
	if len(after) != len(before)+2 {
		t.Errorf("%d files, want %d of other datasets and 2", len(after), len(before))
	}
	superseded, err := os.ReadDir(filepath.Join(b.options.Data, ".fetch", "superseded"))
	if err != nil || len(superseded) != 2 {
		t.Errorf("%d superseded files are kept, want one for each cell: %v", len(superseded), err)
	}
}

// What else can become of a dataset.
func TestOtherChanges(t *testing.T) {
	t.Parallel()
	t.Run("checksum", func(t *testing.T) { // released anew, and no row changed
		t.Parallel()
		b := newBench(t, nil)
		b.whole()
		rows := lines(t, b.options.Data, "C-A-HS_842_2022_X_W_")
		b.fake.Revise(fake.Revise{Reporter: 842, Year: 2022, Kind: "checksum"})
		if result := b.whole(); result.Cells != 1 || !slices.Equal(rows, lines(t, b.options.Data, "C-A-HS_842_2022_X_W_")) {
			t.Errorf("%d files came", result.Cells)
		}
	})
	t.Run("withdrawn", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, nil)
		b.whole()
		before := files(t, b.options.Data)
		b.fake.Revise(fake.Revise{Reporter: 392, Year: 2022, Kind: "withdrawn"})
		if result := b.whole(); !slices.Equal(result.Plan.Gone, []string{"392/2022"}) {
			t.Errorf("gone %v", result.Plan.Gone)
		}
		b.same(before, files(t, b.options.Data))
	})
	t.Run("another revision of the HS", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, nil)
		b.whole()
		b.fake.Revise(fake.Revise{Reporter: 392, Year: 2022, Kind: "revision"})
		b.whole()
		if row := lines(t, b.options.Data, "C-A-HS_392_2022_X_W_")[1]; !strings.Contains(row, ",H4,") {
			t.Errorf("row %s", row)
		}
	})
	t.Run("a reporter more", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, nil)
		b.whole()
		b.fake.Revise(fake.Revise{Reporter: 410, Year: 2023, Kind: "new"})
		if result := b.whole(); result.Cells != 1 || len(result.Plan.New) != 1 {
			t.Errorf("%d files, new %v", result.Cells, result.Plan.New)
		}
	})
	t.Run("half of the listing", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, nil)
		b.whole()
		b.fake.SetScenario(fake.Scenario{Faults: []fake.Fault{{Path: "getDA", Times: -1, Do: "half-list"}}})
		if _, err := fetch.Run(t.Context(), b.options); err == nil || !strings.Contains(err.Error(), "not whole") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("released while others are fetched", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, nil)
		b.fake.SetScenario(fake.Scenario{Revise: []fake.Revise{{After: 9, Reporter: 842, Year: 2022}}})
		b.whole()
		before := b.fake.Keyed()
		if b.whole(); b.fake.Keyed() != before {
			t.Error("the dataset that was released meanwhile was not fetched anew in the same fetch")
		}
	})
}

// Rows that change shortly after a release, without another entry in the listing, are
// found by counting them once more.
func TestSettling(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.options.Measures = []string{"dominance"}
	for _, kind := range []string{"rows", "quiet"} {
		for _, year := range years {
			for _, reporter := range reporters {
				b.fake.Revise(fake.Revise{Reporter: reporter, Year: year, Kind: kind})
			}
		}
		b.clock.move(2 * time.Hour)
		before := b.fake.Keyed()
		if b.whole(); b.fake.Keyed() == before {
			t.Errorf("%s: nothing was fetched", kind)
		}
	}
	calls := b.fake.Keyed()
	b.clock.move(2 * time.Hour)
	if b.whole(); b.fake.Keyed() != calls {
		t.Error("it comes to no end")
	}
	got := b.options.Data
	b.options = b.optionsFor(t.TempDir())
	b.options.Measures = []string{"dominance"}
	b.whole()
	differed := false
	for _, reporter := range reporters {
		for _, year := range years {
			name := fmt.Sprintf("C-A-HS_%d_%d_X_W_", reporter, year)
			now := lines(t, b.options.Data, name)
			if had := lines(t, got, name); len(had) != len(now) {
				t.Errorf("%s has %d rows, and the server has %d", name, len(had), len(now))
			}
			differed = differed || len(now) < codesOfTest
		}
	}
	if !differed || calls < 5 {
		t.Errorf("%d calls: the test shows nothing", calls)
	}
}

// errKilled is what a step panics with in the place of a kill.
var errKilled = errors.New("killed")

// runUntil runs a fetch that is killed at its n-th step; false when it has no so many.
func (b *bench) runUntil(n int) (stopped bool) {
	b.Helper()
	o := b.options
	o.At = func(string) {
		if n--; n == 0 {
			panic(errKilled)
		}
	}
	defer func() {
		if r := recover(); r != nil {
			if r != errKilled {
				panic(r)
			}
			stopped = true
		}
	}()
	if _, err := fetch.Run(b.Context(), o); err != nil {
		b.Fatal(err)
	}
	return false
}

// seen is the folder as whoever reads it sees it.
func (b *bench) seen() map[string]string {
	b.Helper()
	release, err := fetch.Reading(b.Context(), b.options.Data, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := release(); err != nil {
			b.Error(err)
		}
	}()
	return files(b.T, b.options.Data)
}

// A kill at any step of a revision leaves the folder as it was before or as it is after;
// what comes out in the end is the same.
func TestKillsInARevision(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.options.Years = []int{2023}
	b.whole()
	before := files(t, b.options.Data)
	kept := filepath.Join(t.TempDir(), "kept")
	if err := os.CopyFS(kept, os.DirFS(b.options.Data)); err != nil {
		t.Fatal(err)
	}
	b.clock.move(100 * time.Hour)
	b.fake.Revise(fake.Revise{Reporter: own, Year: 2023})
	b.whole()
	after := files(t, b.options.Data)
	one := func(m map[string]string, cell string) string {
		for name, sum := range m {
			if strings.HasPrefix(name, cell) {
				return name + sum
			}
		}
		return ""
	}
	steps := 0
	for n := 1; ; n++ {
		b.options.Data = filepath.Join(t.TempDir(), "data")
		if err := os.CopyFS(b.options.Data, os.DirFS(kept)); err != nil {
			t.Fatal(err)
		}
		if !b.runUntil(n) {
			break
		}
		steps++
		seen := b.seen()
		if len(seen) != len(before) {
			t.Errorf("killed at step %d, the folder has %d files and had %d", n, len(seen), len(before))
		}
		for _, cell := range []string{"C-A-HS_76_2023_X_W_", "C-A-HS_76_2023_M_P_"} {
			if now := one(seen, cell); now != one(before, cell) && now != one(after, cell) {
				t.Errorf("killed at step %d, %s is neither as before nor as after", n, cell)
			}
		}
		b.whole()
		b.same(after, files(t, b.options.Data))
	}
	if steps < 12 {
		t.Errorf("a revision has %d steps: are they told?", steps)
	}
}

// The same for a first load: no year is ever there in part.
func TestKillsInAFirstLoad(t *testing.T) {
	t.Parallel()
	want := undisturbed(t, nil)
	b := newBench(t, nil)
	steps := 0
	for n := 1; b.runUntil(n); n += 3 {
		steps++
		seen := b.seen()
		for _, year := range years {
			if here := len(reported(seen, year)); here != 0 && here != len(reporters) {
				t.Errorf("killed at step %d, %d reporters of %d are there", n, here, year)
			}
		}
		for name, sum := range seen {
			if want[name] != sum {
				t.Errorf("killed at step %d, %s is not what it should be", n, name)
			}
		}
	}
	if steps < 5 {
		t.Errorf("it was killed %d times", steps)
	}
	b.same(want, files(t, b.options.Data))
}

// What is no data is never taken for some: once, it is asked for again; always, nothing of
// it is in the folder.
func TestNoData(t *testing.T) {
	t.Parallel()
	want := undisturbed(t, nil)
	for _, fault := range []string{"html", "wrong-reporter", "duplicate", "error-text", "fewer-rows", "trailing", "cut-chunk", "cut-gzip",
		"bad-value", "reset", "500", "502", "503", "504", "429", "empty"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil)
			b.fake.SetScenario(fake.Scenario{Faults: []fake.Fault{{Path: "/data/v1/get", Call: 2, Do: fault}}})
			b.whole()
			b.same(want, files(t, b.options.Data))
			b.checkLog()

			b = newBench(t, nil)
			b.fake.SetScenario(fake.Scenario{Faults: []fake.Fault{{Path: "/data/v1/get", Times: -1, Do: fault}}})
			result, err := fetch.Run(t.Context(), b.options)
			if fault == "empty" {
				if n := len(files(t, b.options.Data)); n != 0 {
					t.Errorf("%d files came of empty answers", n)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), "three calls one after another failed") {
				t.Errorf("error %v, want that it gives up", err)
			}
			if len(files(t, b.options.Data)) != 0 || len(result.Failed) != 3 {
				t.Errorf("failed %v", result.Failed)
			}
			b.checkLog()
		})
	}
}

// A listing that is none is never taken for one: once, it is asked for again; always,
// nothing is brought, and nothing that is here is touched.
func TestNoListing(t *testing.T) {
	t.Parallel()
	want := undisturbed(t, nil)
	for _, fault := range []string{"html", "cut-chunk", "cut-gzip", "reset", "500", "502", "503", "504", "429"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil)
			b.fake.SetScenario(fake.Scenario{Faults: []fake.Fault{{Path: "getDA", Do: fault}}})
			b.whole()
			b.same(want, files(t, b.options.Data))
			calls := b.fake.Keyed()
			b.fake.SetScenario(fake.Scenario{Faults: []fake.Fault{{Path: "getDA", Times: -1, Do: fault}}})
			if _, err := fetch.Run(t.Context(), b.options); err == nil || !strings.Contains(err.Error(), "list the datasets") {
				t.Errorf("error %v", err)
			}
			b.same(want, files(t, b.options.Data))
			if b.fake.Keyed() != calls {
				t.Errorf("%d calls with the key were made without a listing", b.fake.Keyed()-calls)
			}
			b.checkLog()
		})
	}
}

// An answer with as many rows as one may have, to the row, is never kept, though it may be
// whole: once, parts of it are asked for; always, nothing of it is in the folder.
func TestExactlyFull(t *testing.T) {
	t.Parallel()
	want := undisturbed(t, nil)
	b := newBench(t, nil)
	b.fake.SetScenario(fake.Scenario{Faults: []fake.Fault{{Path: "/data/v1/get", Call: 2, Do: "full"}}})
	b.whole()
	b.same(want, files(t, b.options.Data))

	b = newBench(t, nil)
	b.fake.SetScenario(fake.Scenario{Faults: []fake.Fault{{Path: "/data/v1/get", Times: -1, Do: "full"}}})
	result, err := fetch.Run(t.Context(), b.options)
	if err == nil && len(result.Failed) == 0 {
		t.Error("nothing failed")
	}
	b.same(map[string]string{}, files(t, b.options.Data))
	b.checkLog()
}

// A key that gives 500 rows, as calls without one do, ends the fetch with what to do, and
// none of what was cut is kept.
func TestKeyOfNoProduct(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *fake.Options) { o.Codes, o.Keys = 1200, map[string]fake.Tier{secret: {Rows: 500}} })
	b.options.RecordsPerCall = 100_000
	b.options.Measures = []string{"dominance"}
	_, err := fetch.Run(t.Context(), b.options)
	var wrong *usage.Error
	if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "stops at 500 rows") {
		t.Errorf("error %v", err)
	}
	for name := range files(t, b.options.Data) {
		if n := len(lines(t, b.options.Data, name)) - 1; n >= 500 {
			t.Errorf("%s has %d rows", name, n)
		}
	}
}

// Many years are asked for in calls that the server takes: of 12 periods at most.
func TestManyYears(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *fake.Options) {
		o.Years = nil
		for year := 2001; year <= 2024; year++ {
			o.Years = append(o.Years, year)
		}
		o.Reporters, o.Codes = []int{76}, 5
	})
	b.options.Measures, b.options.Years = []string{"import_dependence"}, nil
	for year := 2001; year <= 2024; year++ {
		b.options.Years = append(b.options.Years, year)
	}
	for revision := range b.options.Reports.Codes {
		b.options.Reports.Codes[revision] = 5
	}
	result := b.whole()
	if result.Plan.CallsPlanned != 4 || result.Keyless != 2*2 {
		t.Errorf("%d calls, %d without the key", result.Plan.CallsPlanned, result.Keyless)
	}
	if n := len(files(t, b.options.Data)); n < 40 {
		t.Errorf("%d files", n)
	}
	for _, r := range b.fake.Log() {
		if r.Status != http.StatusOK {
			t.Errorf("request %d got %d", r.Number, r.Status)
		}
	}
}

// An answer that stops is given up after fetch_timeout, and asked for again.
func TestStalls(t *testing.T) {
	t.Parallel()
	want := undisturbed(t, nil)
	for _, fault := range []string{"stall-head", "stall-body"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil)
			b.options.Timeout = 200 * time.Millisecond
			b.fake.SetScenario(fake.Scenario{Faults: []fake.Fault{{Path: "/data/v1/get", Call: 1, Do: fault}}})
			b.whole()
			b.same(want, files(t, b.options.Data))
		})
	}
}

// When the quota is used up, what came is whole, no further call is made before the time
// that the server says, and then the rest comes.
func TestQuota(t *testing.T) {
	t.Parallel()
	want := undisturbed(t, nil)
	for name, c := range map[string]struct {
		tier     fake.Tier
		scenario fake.Scenario
		client   int
		hours    float64
	}{
		"the server's":        {tier: fake.Tier{Rows: 200, PerDay: 3, Window: 5 * time.Hour}, client: 500, hours: 5},
		"without Retry-After": {tier: fake.Tier{Rows: 200, PerDay: 3, Window: 5 * time.Hour}, scenario: fake.Scenario{NoRetryAfter: true}, client: 500, hours: 5},
		"for days":            {tier: fake.Tier{Rows: 200, PerDay: 3, Window: 80 * time.Hour}, scenario: fake.Scenario{NoRetryAfter: true}, client: 500, hours: 80},
		"the client's":        {tier: fake.Tier{Rows: 200}, client: 3, hours: 24},
		"of bytes":            {tier: fake.Tier{Rows: 200, Bytes: 8000, Window: 6 * time.Hour}, client: 500, hours: 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(o *fake.Options) { o.Keys, o.Scenario = map[string]fake.Tier{secret: c.tier}, c.scenario })
			b.options.CallsPerDay = c.client
			days := 0
			for ; ; days++ {
				result := b.run()
				var quota *fetch.QuotaError
				if !errors.As(result.Quota(), &quota) {
					break
				}
				until := quota.Until.Sub(b.clock.Now()).Hours()
				if until < c.hours-0.1 || until > c.hours+0.1 {
					t.Fatalf("the quota is free again in %.2f hours, want %g", until, c.hours)
				}
				keyed := b.fake.Keyed()
				if again := b.run(); again.Quota() == nil || b.fake.Keyed() != keyed {
					t.Errorf("%d calls were made with a quota that is used up", b.fake.Keyed()-keyed)
				}
				b.clock.move(quota.Until.Sub(b.clock.Now()) + time.Second)
				if days > 10 {
					t.Fatal("it comes to no end")
				}
			}
			if days == 0 {
				t.Error("the quota was never used up: the test shows nothing")
			}
			b.same(want, files(t, b.options.Data))
			b.checkLog()
			for i, r := range b.fake.Log() {
				if r.Status == http.StatusForbidden && name == "the client's" {
					t.Errorf("request %d was refused, though the client counts", i+1)
				}
			}
		})
	}
}

// A key that is refused ends the fetch at once, and says what to do.
func TestKeyRefused(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"401", "rejected"} {
		b := newBench(t, nil)
		b.fake.SetScenario(fake.Scenario{Faults: []fake.Fault{{Path: "/data/v1/get", Times: -1, Do: fault}}})
		_, err := fetch.Run(t.Context(), b.options)
		if err == nil || !strings.Contains(err.Error(), fetch.KeyVariable) || b.fake.Keyed() != 1 {
			t.Errorf("%s: error %v after %d calls", fault, err, b.fake.Keyed())
		}
	}
}

// Where the listing without a key is closed, it is asked for with the key.
func TestKeylessClosed(t *testing.T) {
	t.Parallel()
	want := undisturbed(t, nil)
	b := newBench(t, nil)
	b.fake.SetScenario(fake.Scenario{Faults: []fake.Fault{{Path: "/public/v1/getDA", Times: -1, Do: "rejected"}}})
	b.whole()
	b.same(want, files(t, b.options.Data))
}

// The key goes to no other host, and is in no text that is written.
func TestKeyGoesNowhere(t *testing.T) {
	t.Parallel()
	var got []http.Header
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Clone())
		http.Error(w, "what is "+r.Header.Get("Ocp-Apim-Subscription-Key")+secret, http.StatusInternalServerError)
	}))
	defer other.Close()
	b := newBench(t, nil)
	b.fake.SetScenario(fake.Scenario{Faults: []fake.Fault{{Path: "/data/v1/get", Times: -1, Do: "redirect", To: other.URL}}})
	result, err := fetch.Run(t.Context(), b.options)
	if len(got) == 0 {
		t.Fatal("nothing was redirected: the test shows nothing")
	}
	for _, header := range got {
		for name, values := range header {
			if strings.Contains(strings.Join(values, " "), secret) {
				t.Errorf("the other host got the key in %s", name)
			}
		}
	}
	texts := map[string]string{"the log": b.log.String(), "the error": fmt.Sprint(err), "the options": fmt.Sprintf("%v %+v %#v", b.options, b.options, b.options.Key),
		"the result": fmt.Sprintf("%+v", result)}
	walked := filepath.WalkDir(b.options.Data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		texts[path] = string(content)
		return err
	})
	if walked != nil {
		t.Fatal(walked)
	}
	for where, text := range texts {
		if strings.Contains(text, secret) {
			t.Errorf("the key is in %s", where)
		}
	}
	b.checkLog()
}

// A file of ours that somebody changed stays as it is; one that somebody removed comes
// again; files that are not ours are not touched.
func TestUsersFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.whole()
	want := files(t, b.options.Data)
	find := func(begins string) string {
		found, err := filepath.Glob(filepath.Join(b.options.Data, "comtrade", "*", begins+"*"))
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		return found[0]
	}
	if err := os.Remove(find("C-A-HS_842_2022_X_W_")); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(b.options.Data, "comtrade", "2022", "mine.csv")
	if err := os.WriteFile(mine, []byte("a,b\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	b.whole()
	got := files(t, b.options.Data)
	if got["mine.csv"] == "" {
		t.Error("a file of the user's is gone")
	}
	delete(got, "mine.csv")
	b.same(want, got)

	edited := find("C-A-HS_842_2023_X_W_")
	if err := os.WriteFile(edited, []byte("typeCode\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	b.fake.Revise(fake.Revise{Reporter: 842, Year: 2023})
	result := b.whole()
	content, err := os.ReadFile(edited)
	if err != nil || string(content) != "typeCode\n" || len(result.Plan.Edited) != 1 {
		t.Errorf("the changed file has %q, edited %v: %v", content, result.Plan.Edited, err)
	}
	v, err := fetch.Verify(t.Context(), b.options)
	if err != nil || len(v.Differ) != 1 {
		t.Errorf("verified %+v, %v", v, err)
	}
}

// Another fetch is told that one is at work, and a reader that files are coming.
func TestLock(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.options.At = func(string) {
		b.options.At = nil
		if _, err := fetch.Run(t.Context(), b.options); err == nil || !strings.Contains(err.Error(), "another run") {
			t.Errorf("a second fetch: %v", err)
		}
		if s, err := fetch.ReadStatus(b.options); err != nil || s.Used == 0 {
			t.Errorf("the status while a fetch is at work: %+v, %v", s, err)
		}
		if _, err := fetch.Reading(t.Context(), b.options.Data, 0); err == nil {
			t.Error("a reader was let in")
		}
	}
	b.whole()
}

// Where nothing was fetched, the status says so and makes nothing.
func TestStatusOfNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.options.Data = filepath.Join(t.TempDir(), "nothing")
	s, err := fetch.ReadStatus(b.options)
	if err != nil || len(s.Years) != 0 || s.Used != 0 {
		t.Errorf("status %+v, %v", s, err)
	}
	if _, err := os.Stat(b.options.Data); err == nil {
		t.Error("the data folder was made")
	}
}

// A fetch that is interrupted says so, and leaves nothing half.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	want := undisturbed(t, nil)
	b := newBench(t, nil)
	ctx, stop := context.WithCancel(t.Context())
	b.options.At = func(string) { stop() }
	if _, err := fetch.Run(ctx, b.options); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	b.options.At = nil
	b.whole()
	b.same(want, files(t, b.options.Data))
}

// A plan leaves nothing behind: no folder where there was none, nothing in one that is
// there, nothing in the folder for temporary files.
func TestPlanLeavesNothing(t *testing.T) {
	b := newBench(t, nil)
	b.fake.SetFiles(fake.Files{Version: "202601", BACI: map[string][]byte{"BACI_HS22_V202601.zip": []byte("zip")},
		Comext: map[string][]byte{"full_v2_202352.7z": []byte("7z")}, Modified: b.clock.Now()})
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	b.options.BACI, b.options.BACIURL, b.options.ComextURL = "HS22", b.url+"/baci", b.url+"/eurostat/api/dissemination"
	missing, empty := filepath.Join(t.TempDir(), "data"), t.TempDir()
	for _, b.options.Data = range []string{missing, empty} {
		plan, err := fetch.Look(t.Context(), b.options)
		if err != nil || plan.CallsPlanned == 0 {
			t.Errorf("plan %+v, %v", plan, err)
		}
		baci, err := fetch.LookBACI(t.Context(), b.options)
		if err != nil || len(baci.Missing) != 1 {
			t.Errorf("plan of BACI %+v, %v", baci, err)
		}
		comext, err := fetch.LookComext(t.Context(), b.options)
		if err != nil || len(comext.Missing) != 1 {
			t.Errorf("plan of Comext %+v, %v", comext, err)
		}
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("the data folder was made")
	}
	for _, dir := range []string{empty, temp} {
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%v is left: %v", left, err)
		}
	}
}

// What was released anew is told with its reason, by the plan, by the status until it is
// here, and by the state; that the reason can't be had keeps nothing from coming.
func TestReasonsOfRevisions(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]string{"": "Revised data", "500": "released anew", "html": "released anew", "rejected": "released anew"} {
		b := newBench(t, nil)
		b.whole()
		used := b.fake.Keyed()
		b.fake.Revise(fake.Revise{Reporter: 842, Year: 2023})
		if fault != "" {
			b.fake.SetScenario(fake.Scenario{Faults: []fake.Fault{{Path: "getMetadata", Times: -1, Do: fault}}})
		}
		b.options.CallsPerDay = used // all are made
		result := b.run()
		if result.Quota() == nil || len(result.Plan.Revised) != 1 || result.Plan.Revised[0].Why != want {
			t.Fatalf("%s: revised %+v, quota %v", fault, result.Plan.Revised, result.Quota())
		}
		s, err := fetch.ReadStatus(b.options)
		if err != nil || len(s.Revised) != 1 || s.Revised[0].Reporter != 842 || s.Revised[0].Why != want {
			t.Errorf("%s: to be fetched again %+v, %v", fault, s.Revised, err)
		}
		b.options.CallsPerDay = 500
		b.whole()
		s, err = fetch.ReadStatus(b.options)
		if err != nil || len(s.Revised) != 0 {
			t.Errorf("%s: still to be fetched again %+v, %v", fault, s.Revised, err)
		}
		for _, e := range s.Entries {
			if again := e.Dataset.Reporter == 842 && e.Dataset.Period == "2023"; (e.Why == want) != again {
				t.Errorf("%s: %v was fetched again: %q", fault, e.Cell, e.Why)
			}
		}
		b.checkLog()
	}
}

// A fetch writes its metrics, whatever its end, in a form that Prometheus reads.
func TestMetrics(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	dir := t.TempDir()
	b.options.MetricsFile = filepath.Join(dir, "entrepot.prom")
	read := func() map[string]float64 {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(dir, "entrepot-fetch.prom"))
		if err != nil {
			t.Fatal(err)
		}
		if problems, err := promlint.New(bytes.NewReader(text)).Lint(); err != nil || len(problems) > 0 {
			t.Errorf("promlint: %v %v", problems, err)
		}
		parser := expfmt.NewTextParser(model.UTF8Validation)
		families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		values := map[string]float64{}
		for name, family := range families {
			values[strings.TrimPrefix(name, "entrepot_fetch_")] = family.GetMetric()[0].GetGauge().GetValue()
			if label := family.GetMetric()[0].GetLabel()[0]; label.GetName() != "data" || label.GetValue() != b.options.Data {
				t.Errorf("label %v", label)
			}
		}
		return values
	}
	result := b.whole()
	got := read()
	for name, want := range map[string]float64{"last_success": 1, "last_calls": float64(result.Calls), "last_rows": float64(result.Rows), "last_bytes": float64(result.Bytes),
		"last_files": float64(result.Cells), "last_failed": 0, "calls_used": float64(result.Calls), "calls_left": float64(500 - result.Calls),
		"last_timestamp_seconds": float64(b.clock.Now().UnixMilli()) / 1000, "last_success_timestamp_seconds": float64(b.clock.Now().Unix())} {
		if got[name] != want {
			t.Errorf("%s is %f, want %f", name, got[name], want)
		}
	}
	when := got["last_success_timestamp_seconds"]
	b.fake.Revise(fake.Revise{Reporter: 842, Year: 2023})
	b.options.CallsPerDay = result.Calls
	b.run()
	if got = read(); got["last_success"] != 0 || got["calls_left"] != 0 || got["last_success_timestamp_seconds"] != when || got["quota_free_timestamp_seconds"] == 0 {
		t.Errorf("into the quota: %v", got)
	}
	b.fake.SetScenario(fake.Scenario{Faults: []fake.Fault{{Path: "getDA", Times: -1, Do: "500"}}})
	if _, err := fetch.Run(t.Context(), b.options); err == nil {
		t.Error("a fetch without a listing is no failure")
	}
	if got = read(); got["last_success"] != 0 || got["last_calls"] != 0 || got["last_success_timestamp_seconds"] != when {
		t.Errorf("without a listing: %v", got)
	}
}

// A state that was lost or can't be read is made anew from the files, so that nothing is
// fetched again but what was released since; a file that was changed is not noted.
func TestRebuild(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(file string) error{
		"lost": os.Remove, "cut": func(file string) error { return os.Truncate(file, 100) }, "sound": func(string) error { return nil },
	} {
		b := newBench(t, nil)
		b.whole()
		want := files(t, b.options.Data)
		state := filepath.Join(b.options.Data, ".fetch", "state.json")
		if err := damage(state); err != nil {
			t.Fatal(err)
		}
		if _, err := fetch.Run(t.Context(), b.options); name == "cut" && (err == nil || !strings.Contains(err.Error(), "--rebuild")) {
			t.Errorf("%s: error %v", name, err)
		} else if name == "lost" {
			if err := os.Remove(state); err != nil { // which that fetch has made
				t.Fatal(err)
			}
		}
		noted, differ, err := fetch.Rebuild(t.Context(), b.options)
		if err != nil || noted != len(want) || len(differ) != 0 {
			t.Fatalf("%s: noted %d of %d, %v, %v", name, noted, len(want), differ, err)
		}
		calls := b.fake.Keyed()
		if b.whole(); b.fake.Keyed() != calls {
			t.Errorf("%s: %d calls were made for what is here", name, b.fake.Keyed()-calls)
		}
		b.same(want, files(t, b.options.Data))
		v, err := fetch.Verify(t.Context(), b.options)
		if err != nil || v.Files != len(want) || len(v.Differ) != 0 {
			t.Errorf("%s: verified %+v, %v", name, v, err)
		}
		b.fake.Revise(fake.Revise{Reporter: 842, Year: 2023})
		if result := b.whole(); len(result.Plan.Revised) != 1 || result.Cells != 1 {
			t.Errorf("%s: a revision brought %d files, revised %v", name, result.Cells, result.Plan.Revised)
		}
	}
	b := newBench(t, nil)
	b.whole()
	found, err := filepath.Glob(filepath.Join(b.options.Data, "comtrade", "2022", "C-A-HS_842_*"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	other, err := filepath.Glob(filepath.Join(b.options.Data, "comtrade", "2022", "C-A-HS_392_*"))
	if err != nil || len(other) != 1 {
		t.Fatal(other, err)
	}
	content, err := os.ReadFile(other[0])
	if err != nil {
		t.Fatal(err)
	}
	var short bytes.Buffer
	packed := gzip.NewWriter(&short)
	if _, err := packed.Write([]byte("a,b\n1,2\n")); errors.Join(err, packed.Close()) != nil {
		t.Fatal(err)
	}
	for _, changed := range [][]byte{content, short.Bytes()} {
		if err := errors.Join(os.WriteFile(found[0], changed, 0o644), os.Remove(filepath.Join(b.options.Data, ".fetch", "state.json"))); err != nil {
			t.Fatal(err)
		}
		if _, differ, err := fetch.Rebuild(t.Context(), b.options); err != nil || len(differ) != 1 || !strings.Contains(differ[0].Why, "was changed") {
			t.Errorf("differ %v, %v", differ, err)
		}
	}
}

// What FindKey takes, and what it refuses without showing it.
func TestFindKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	for _, c := range []struct {
		text, environment, fault string
		mode                     fs.FileMode
	}{
		{text: secret + "\n", mode: 0o600}, {text: secret, mode: 0o644, fault: "chmod 600"}, {text: "two " + secret, mode: 0o600, fault: "one word"},
		{text: "", mode: 0o600, fault: "empty"}, {text: "other", mode: 0o644, environment: secret},
	} {
		t.Setenv(fetch.KeyVariable, c.environment)
		if err := os.WriteFile(file, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, c.mode); err != nil {
			t.Fatal(err)
		}
		key, err := fetch.FindKey(file)
		if (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) || err == nil && !key.Given() {
			t.Errorf("%q %s: error %v", c.text, c.mode, err)
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Error("the error shows the key")
		}
	}
}
