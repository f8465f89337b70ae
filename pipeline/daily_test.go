package pipeline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"entrepot/fixtures"
	"entrepot/pipeline"
	"entrepot/pipeline/config"
	"entrepot/pipeline/job"
	"entrepot/pipeline/release"
)

var (
	dailySteps = flag.Int("daily.steps", 14, "steps of the random daily work: of 14, one of each kind")
	dailyEach  = flag.Int("daily.each", 2, "after how many of them what is published is compared")
	dailySeed  = flag.Uint64("daily.seed", 1, "its seed")
)

// Whatever somebody does with a folder day by day, what is published is what a run from
// nothing publishes, to the byte: files are edited, revised, deleted, copied, restored,
// renamed, moved, touched, runs are interrupted, settings and the user's own measures change,
// releases are rolled back. 'just daily' does hundreds of steps, and compares after each.
func TestDailyWork(t *testing.T) {
	t.Parallel()
	d := newDaily(t, *dailySeed)
	for step := range *dailySteps {
		did := d.step()
		if (step+1)%*dailyEach != 0 && step+1 < *dailySteps {
			continue
		}
		if err := d.compare(); err != nil {
			t.Fatalf("seed %d, step %d, after %s: %v\nso far: %s", *dailySeed, step, did, err, strings.Join(d.history, "; "))
		}
	}
}

// daily is a data folder in use.
type daily struct {
	t       *testing.T
	random  *rand.Rand
	config  *config.Config
	clean   string // parent of the output folders of clean runs
	runs    int
	names   int
	next    []int // the kinds of steps whose turn is to come
	history []string
	earlier map[string][]byte // content that files had, to be restored
}

func newDaily(t *testing.T, seed uint64) *daily {
	d := &daily{t: t, random: rand.New(rand.NewPCG(seed, 0)), clean: t.TempDir(), earlier: map[string][]byte{}}
	d.config = configure(t, t.TempDir())
	d.config.KeepReleases = 3
	d.config.MeasuresFolder, d.config.ChecksFolder = t.TempDir(), t.TempDir()
	for range 3 {
		d.add()
	}
	return d
}

func (d *daily) files() []string {
	var files []string
	err := filepath.WalkDir(d.config.Data, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return files
}

func (d *daily) pick(files []string) string { return files[d.random.IntN(len(files))] }

// step does something, and returns what. Each kind has its turn once before any comes again.
func (d *daily) step() string {
	files := d.files()
	actions := []func([]string) string{d.edit, d.revise, d.remove, d.copy, d.restore, d.rename, d.move, d.touch, d.interrupt, d.change, d.own, d.rollBack, d.addOne, d.force}
	if len(d.next) == 0 {
		d.next = d.random.Perm(len(actions))
	}
	did := actions[d.next[0]](files)
	d.next = d.next[1:]
	if len(d.files()) < 2 {
		did += ", and " + d.addOne(nil)
	}
	d.history = append(d.history, did)
	return did
}

// name is a name that no file had before, with or without a date.
func (d *daily) name(ending string) string {
	d.names++
	if d.random.IntN(3) > 0 {
		return fmt.Sprintf("file%d%s", d.names, ending)
	}
	return fmt.Sprintf("file%d 2024-%02d-%02d%s", d.names, 1+d.random.IntN(12), 1+d.random.IntN(28), ending)
}

func (d *daily) addOne([]string) string { return "add " + d.add() }

func (d *daily) add() string {
	if d.random.IntN(4) == 0 {
		path := filepath.Join(d.config.Data, fmt.Sprintf("BACI_HS12_Y%d_V2024%02d.csv", 2018+d.random.IntN(2), 1+d.random.IntN(2)))
		d.write(path, d.baci())
		return filepath.Base(path)
	}
	path := filepath.Join(d.config.Data, d.name(".csv"))
	d.write(path, d.comtrade())
	return filepath.Base(path)
}

func (d *daily) write(path string, content []byte) {
	if before, err := os.ReadFile(path); err == nil {
		d.earlier[path] = before
	}
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, content, 0o644)); err != nil {
		d.t.Fatal(err)
	}
}

var dailyCodes = []string{"880240", "880230", "854231", "854232", "270900"}

func (d *daily) comtrade() []byte {
	var rows []fixtures.Row
	revision := []string{"H4", "H5"}[d.random.IntN(2)]
	first := 2016 + d.random.IntN(4)
	for range 3 + d.random.IntN(8) {
		rows = append(rows, fixtures.Row{Year: first + d.random.IntN(2), Reporter: []int{156, 842, 276}[d.random.IntN(3)], Flow: []string{"M", "X"}[d.random.IntN(2)],
			Partner: []int{0, 0, 0, 842, 490}[d.random.IntN(5)], Revision: revision, Code: dailyCodes[d.random.IntN(len(dailyCodes))],
			Mills: int64(1+d.random.IntN(5)) * 100_000_000})
	}
	// A cell stands once in a file.
	slices.SortStableFunc(rows, func(a, b fixtures.Row) int { return strings.Compare(cellOf(a), cellOf(b)) })
	rows = slices.CompactFunc(rows, func(a, b fixtures.Row) bool { return cellOf(a) == cellOf(b) })
	var out bytes.Buffer
	if err := fixtures.WriteComtrade(&out, fixtures.API, rows); err != nil {
		d.t.Fatal(err)
	}
	return out.Bytes()
}

func cellOf(r fixtures.Row) string { return fmt.Sprint(r.Year, r.Reporter, r.Flow, r.Partner, r.Code) }

func (d *daily) baci() []byte {
	text := "t,i,j,k,v,q\n"
	for _, pair := range []string{"156,842", "842,156", "276,156"} {
		text += fmt.Sprintf("2018,%s,%s,%d.5,1\n", pair, dailyCodes[d.random.IntN(len(dailyCodes))], 1+d.random.IntN(9)*100)
	}
	return []byte(text)
}

func (d *daily) edit(files []string) string {
	path := d.pick(files)
	if strings.HasPrefix(filepath.Base(path), "BACI") {
		d.write(path, d.baci())
	} else {
		d.write(path, d.comtrade())
	}
	return "edit " + filepath.Base(path)
}

func (d *daily) revise(files []string) string {
	content, err := os.ReadFile(d.pick(files))
	if err != nil {
		d.t.Fatal(err)
	}
	path := filepath.Join(d.config.Data, d.name(".csv"))
	d.write(path, bytes.Replace(content, []byte("100000"), []byte("300000"), 1))
	return "revise as " + filepath.Base(path)
}

func (d *daily) remove(files []string) string {
	path := d.pick(files)
	d.write(path, nil) // keeps what it had
	if err := os.Remove(path); err != nil {
		d.t.Fatal(err)
	}
	return "remove " + filepath.Base(path)
}

func (d *daily) copy(files []string) string {
	from := d.pick(files)
	content, err := os.ReadFile(from)
	if err != nil {
		d.t.Fatal(err)
	}
	path := filepath.Join(d.config.Data, "copies", d.name(".csv"))
	d.write(path, content)
	return "copy " + filepath.Base(from) + " to " + filepath.Base(path)
}

func (d *daily) restore(files []string) string {
	paths := make([]string, 0, len(d.earlier))
	for path := range d.earlier {
		if strings.HasPrefix(path, d.config.Data) {
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 {
		return d.touch(files)
	}
	slices.Sort(paths)
	path := d.pick(paths)
	d.write(path, d.earlier[path])
	return "restore " + filepath.Base(path)
}

func (d *daily) renameTo(from, to string) {
	if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o755), os.Rename(from, to)); err != nil {
		d.t.Fatal(err)
	}
}

func (d *daily) rename(files []string) string {
	from := d.pick(files)
	to := filepath.Join(filepath.Dir(from), d.name(".csv"))
	d.renameTo(from, to)
	return "rename " + filepath.Base(from) + " to " + filepath.Base(to)
}

func (d *daily) move(files []string) string {
	from := d.pick(files)
	d.names++
	to := filepath.Join(d.config.Data, fmt.Sprintf("folder%d", d.names), filepath.Base(from))
	d.renameTo(from, to)
	return "move " + filepath.Base(from)
}

func (d *daily) touch(files []string) string {
	path := d.pick(files)
	if err := os.Chtimes(path, time.Now(), time.Now().Add(time.Hour)); err != nil {
		d.t.Fatal(err)
	}
	return "touch " + filepath.Base(path)
}

// interrupt changes a file and stops the run that reads it somewhere on its way.
func (d *daily) interrupt(files []string) string {
	did := d.edit(files)
	ctx, stop := context.WithTimeout(d.t.Context(), time.Duration(d.random.IntN(900))*time.Millisecond)
	defer stop()
	_, err := pipeline.Run(ctx, d.config, slog.New(slog.DiscardHandler))
	return fmt.Sprintf("%s, interrupted (%v)", did, err != nil)
}

func (d *daily) change([]string) string {
	settings := [][2]string{{"dominance_share", "30%"}, {"dominance_share", "55%"}, {"dependence_ratio", "2"}, {"dependence_ratio", "3"}, {"harmonize", "H4"},
		{"harmonize", "H5"}, {"harmonize", "families"}, {"harmonize", "as-reported"}, {"reporter", "156"}, {"reporter", "842"}, {"world", "mirrored"},
		{"world", "reported"}, {"source_order", "baci, comtrade"}, {"source_order", "comtrade, baci"}, {"years", "2018"}, {"years", "all"}}
	chosen := settings[d.random.IntN(len(settings))]
	set(d.t, d.config, chosen[0], chosen[1])
	return "set " + chosen[0] + " " + chosen[1]
}

// own writes, edits or removes a measure, one that reads it, and a check of the user's, or
// sets their parameter.
func (d *daily) own([]string) string {
	did := d.ownStep(d.random.IntN(5))
	return "own measures: " + did
}

func (d *daily) ownStep(what int) string {
	measures, checks := d.config.MeasuresFolder, d.config.ChecksFolder
	switch what {
	case 0:
		for _, file := range d.ownFiles() {
			if err := os.Remove(file); err != nil {
				d.t.Fatal(err)
			}
		}
		d.config.Parameters = nil
		return "remove all"
	case 1:
		if len(d.ownFiles()) > 0 {
			set(d.t, d.config, "parameters", fmt.Sprintf("floor=%d", d.random.IntN(4)*100_000))
			return "set floor"
		}
	}
	d.names++
	d.write(filepath.Join(measures, "large.sql"), fmt.Appendf(nil, "SELECT reporter, year, hs_revision, hs6, imports_usd + %d AS usd FROM import_dependence_hs6 WHERE imports_usd >= $floor", d.names%3))
	d.write(filepath.Join(measures, "large.yaml"), []byte("title: Large imports\nkey: [reporter, year, hs_revision, hs6]\n"+
		"columns: [hs6, hs_revision, year, reporter, {name: usd, type: double, unit: US dollars, description: Imports.}]\n"+
		"parameters: [{name: floor, type: integer, default: 1000, description: The least.}]\n"))
	d.write(filepath.Join(measures, "large_years.sql"), []byte("SELECT l.reporter, l.year, count(*) AS codes, sum(f.value_usd) AS usd FROM large l LEFT JOIN facts f ON f.hs6 = l.hs6 AND f.year = l.year GROUP BY ALL"))
	d.write(filepath.Join(measures, "large_years.yaml"), []byte("title: Large imports by year\nkey: [reporter, year]\ncolumns:\n  - reporter\n  - year\n"+
		"  - {name: codes, type: integer, description: Codes.}\n  - {name: usd, type: double, null: true, description: Their rows.}\n"))
	d.write(filepath.Join(checks, "few.sql"), []byte("SELECT year, reporter, codes FROM large_years WHERE codes > 1"))
	d.write(filepath.Join(checks, "few.yaml"), fmt.Appendf(nil, "title: at most one code is large (%d)\n", d.names%2))
	return "write"
}

func (d *daily) ownFiles() []string {
	measures, err := filepath.Glob(filepath.Join(d.config.MeasuresFolder, "*"))
	checks, checksErr := filepath.Glob(filepath.Join(d.config.ChecksFolder, "*"))
	if err != nil || checksErr != nil {
		d.t.Fatal(err, checksErr)
	}
	return slices.Concat(measures, checks)
}

// A user's measures and checks come, change and go, and what is published is what a run
// from nothing publishes.
func TestDailyWorkWithOwnMeasures(t *testing.T) {
	t.Parallel()
	d := newDaily(t, *dailySeed)
	for _, what := range []int{2, 1, 0} {
		did := d.ownStep(what)
		if err := d.compare(); err != nil {
			t.Fatalf("after %s: %v", did, err)
		}
		d.edit(d.files())
	}
}

func (d *daily) rollBack([]string) string {
	m, err := release.Rollback(d.config.Out, "", false, time.Now())
	return fmt.Sprintf("roll back to %s (%v)", m.Release, err == nil)
}

func (d *daily) force([]string) string {
	_, err := pipeline.RunStages(d.t.Context(), d.config, job.Selection{Force: true}, slog.New(slog.DiscardHandler))
	return fmt.Sprintf("force (%v)", err == nil)
}

// compare runs on what is there and from nothing, and compares what is published.
func (d *daily) compare() error {
	d.runs++
	fresh := *d.config
	fresh.Out = filepath.Join(d.clean, fmt.Sprint(d.runs))
	defer os.RemoveAll(fresh.Out)
	fresh.KeepBytes = []int64{0, 1 << 30}[d.random.IntN(2)] // kept tables or copies: the result is the same
	now, err := pipeline.Run(d.t.Context(), d.config, slog.New(slog.DiscardHandler))
	want, cleanErr := pipeline.Run(d.t.Context(), &fresh, slog.New(slog.DiscardHandler))
	if err != nil || cleanErr != nil {
		if err != nil && cleanErr != nil && err.Error() == strings.ReplaceAll(cleanErr.Error(), fresh.Out, d.config.Out) {
			return nil
		}
		return fmt.Errorf("the run says %w, a clean run %w", orNone(err), orNone(cleanErr))
	}
	if now.Release != want.Release {
		return fmt.Errorf("release %s, a clean run publishes %s: %s", now.Release, want.Release, differing(d.t, d.config.Out, fresh.Out))
	}
	if different := differing(d.t, d.config.Out, fresh.Out); different != "" {
		return fmt.Errorf("release %s differs: %s", now.Release, different)
	}
	return nil
}

func orNone(err error) error {
	if err == nil {
		return errors.New("nothing")
	}
	return err
}

// differing lists the files of two current releases that are not the same.
func differing(t *testing.T, a, b string) string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(b, "current"))
	if err != nil {
		t.Fatal(err)
	}
	var different []string
	for _, e := range entries {
		if !bytes.Equal(publishedBytes(t, a, e.Name()), publishedBytes(t, b, e.Name())) {
			different = append(different, e.Name())
		}
	}
	return strings.Join(different, ", ")
}

// publishedBytes is the content of a published file; of a manifest without the part
// that says when and where it was made.
func publishedBytes(t *testing.T, out, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(out, "current", name))
	if err != nil {
		t.Fatal(err)
	}
	if name != "manifest.json" {
		return content
	}
	var m release.Manifest
	if err := json.Unmarshal(content, &m); err != nil {
		t.Fatal(err)
	}
	m.Run = release.RunEntry{}
	content, err = json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
