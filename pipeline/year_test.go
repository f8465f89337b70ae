package pipeline_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"entrepot/pipeline"
	"entrepot/pipeline/config"
	"entrepot/pipeline/job"
	"entrepot/pipeline/release/store"
	"entrepot/pipeline/runlog"
	"entrepot/pipeline/workspace"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

var (
	yearNights = flag.Int("year.nights", 6, "nights of TestYear")
	yearSeed   = flag.Uint64("year.seed", 1, "what TestYear draws the events of its nights from")
)

// A run each night, for a year with -year.nights 400: files that change and come back,
// nights without news, failures, interruptions, kills, a folder that another run holds,
// rollbacks and pins. After each, history, status and metrics say what happened.
func TestYear(t *testing.T) {
	t.Parallel()
	y := &year{t: t, random: rand.New(rand.NewPCG(*yearSeed, 2)), log: slog.New(slog.DiscardHandler), counts: map[string]int{}}
	y.config = configure(t, t.TempDir(), "keep_releases", "4", "max_rejects", "1%", "metrics_file", filepath.Join(t.TempDir(), "m.prom"))
	y.write(0)
	y.night("run", y.run)
	nights := []struct {
		name   string
		weight int
		do     func()
	}{
		{"nothing new", 30, y.run}, {"a file changed", 25, func() { y.write(y.random.IntN(6)); y.run() }}, {"bad rows", 5, y.badRows},
		{"no disk", 5, y.noDisk}, {"wrong setting", 5, y.wrongSetting}, {"wrong flag", 3, y.wrongFlag}, {"a check fails", 3, y.checkFails},
		{"interrupted", 5, y.interrupted}, {"killed", 4, y.killed}, {"held", 4, y.held}, {"rollback", 6, y.rollback}, {"pin", 5, y.pin}, {"unpin", 6, y.unpin},
		{"a part", 4, y.part},
	}
	total := 0
	for _, n := range nights {
		total += n.weight
	}
	for range *yearNights {
		at := y.random.IntN(total)
		for _, n := range nights {
			if at -= n.weight; at < 0 {
				y.night(n.name, n.do)
				break
			}
		}
	}
	t.Logf("%d nights; the history has %v", *yearNights, y.counts)
}

// year is what happened so far, as far as who looks on knows it.
type year struct {
	t      *testing.T
	random *rand.Rand
	config *config.Config
	log    *slog.Logger

	current, pinned string
	last            string         // outcome of the last run
	counts          map[string]int // records of the history, by outcome
	newest          string         // outcome of the newest record
	switched, was   string         // the last switch: to which release, from which
}

// night does what a night brings, and compares what the places say with it.
func (y *year) night(name string, do func()) {
	y.t.Helper()
	do()
	if difference := y.compare(); difference != "" {
		y.t.Fatalf("after %q (%v) the places say (-happened +said):\n%s", name, y.counts, difference)
	}
}

// noted counts a record that the history must have.
func (y *year) noted(outcome string, isRun bool) {
	y.counts[outcome]++
	y.newest = outcome
	if isRun {
		y.last = outcome
	}
}

// move notes that current was pointed to another release.
func (y *year) move(to string) {
	if to != y.current {
		y.switched, y.was, y.current = to, y.current, to
	}
}

// write makes the data folder hold one of several states.
func (y *year) write(state int) {
	rows := guardHeader
	for _, flow := range []string{"M", "X"} {
		rows += fmt.Sprintf("2019,2019,156,%s,0,H5,880240,%d\n2019,2019,842,%s,0,H5,880240,%d\n", flow, 300+100*state, flow, 900)
	}
	writeFile(y.t, filepath.Join(y.config.Data, "trade.csv"), rows)
}

// run is a night's run that must succeed.
func (y *year) run() {
	y.t.Helper()
	before := filepath.Join(y.config.Out, "releases")
	s, err := pipeline.Run(y.t.Context(), y.config, y.log)
	if err != nil {
		y.t.Fatalf("the run says %v; %s has %v", err, before, y.counts)
	}
	y.succeeded(s)
}

// succeeded notes what a run must have told, by what the onlooker knows.
func (y *year) succeeded(s *pipeline.Summary) {
	switch {
	case s.Fresh:
		y.noted("published", true)
	case y.pinned == "" && s.Release != y.current:
		y.noted("switched", true)
	default:
		y.noted("unchanged", true)
	}
	if y.pinned == "" {
		y.move(s.Release)
	}
}

// failing is a run that must fail, on a changed configuration.
func (y *year) failing(change func(*config.Config), outcome string) {
	y.t.Helper()
	c := *y.config
	change(&c)
	if s, err := pipeline.Run(y.t.Context(), &c, y.log); err == nil {
		y.t.Fatalf("the run should fail, and says %+v", s)
	}
	y.noted(outcome, true)
}

// withRow does something while the file has one more row.
func (y *year) withRow(row string, do func()) {
	y.t.Helper()
	path := filepath.Join(y.config.Data, "trade.csv")
	good, err := os.ReadFile(path)
	if err != nil {
		y.t.Fatal(err)
	}
	writeFile(y.t, path, string(good)+row)
	do()
	writeFile(y.t, path, string(good))
}

func (y *year) badRows() {
	y.withRow("2019,2019,156,M,0,H5,854231,many\n", func() { y.failing(func(*config.Config) {}, "failed") })
}

func (y *year) checkFails() {
	y.withRow("2019,2019,156,M,0,H5,880299,100\n", func() {
		y.failing(func(c *config.Config) { set(y.t, c, "checks", "unknown_codes=fail", "max_rejects", "100%") }, "checks failed")
	})
}

func (y *year) noDisk() { y.failing(func(c *config.Config) { c.Data += "-gone" }, "failed") }
func (y *year) wrongSetting() {
	y.failing(func(c *config.Config) { c.Sectors = "missing.csv" }, "failed")
}
func (y *year) wrongFlag() {
	pipeline.NoteFailure(y.config, errors.New("unknown flag: --no-such"), y.log)
	y.noted("failed", true)
}

func (y *year) interrupted() {
	y.write(y.random.IntN(6))
	ctx, stop := context.WithCancel(y.t.Context())
	defer stop()
	defer time.AfterFunc(time.Duration(y.random.IntN(400))*time.Millisecond, stop).Stop()
	s, err := pipeline.Run(ctx, y.config, y.log)
	switch {
	case err == nil:
		y.succeeded(s)
	case errors.Is(err, context.Canceled):
		y.noted("interrupted", true)
	default:
		y.noted("failed", true)
	}
	if target, err := os.Readlink(filepath.Join(y.config.Out, "current")); err == nil && filepath.Base(target) != y.current {
		y.t.Logf("the interrupted run had switched") // the end of the run was what was interrupted
		y.move(filepath.Base(target))
	}
}

// killed leaves what a run leaves that is killed, and does the next one.
func (y *year) killed() {
	dead := &runlog.Book{Out: y.config.Out, Data: y.config.Data, Version: job.Version, Log: y.log, Now: time.Now}
	if err := dead.Begin(); err != nil {
		y.t.Fatal(err)
	}
	dead.Holds()
	if s, err := runlog.ReadStatus(y.config.Out); err != nil || s.State != runlog.Killed {
		y.t.Fatalf("after the kill the status says %+v, %v", s, err)
	}
	y.noted("killed", true)
	y.run()
}

// held is a night on which another run has the folder: it is not noted.
func (y *year) held() {
	holder, err := workspace.Open(y.t.Context(), workspace.Options{Out: y.config.Out, Tables: y.config.Base.Workspace(), Log: y.log})
	if err != nil {
		y.t.Fatal(err)
	}
	if _, err := pipeline.Run(y.t.Context(), y.config, y.log); !errors.Is(err, workspace.ErrLocked) {
		y.t.Errorf("beside another run it says %v", err)
	}
	if err := holder.Close(); err != nil {
		y.t.Fatal(err)
	}
}

func (y *year) rollback() { y.goBack(false) }
func (y *year) pin()      { y.goBack(true) }

func (y *year) goBack(pin bool) {
	ids, err := store.Folder{Out: y.config.Out}.IDs()
	if err != nil {
		y.t.Fatal(err)
	}
	id := ids[y.random.IntN(len(ids))]
	_, err = pipeline.Rollback(y.t.Context(), y.config, id, pin, y.log)
	if refused := !pin && y.pinned != "" && y.pinned != id; refused != (err != nil) {
		y.t.Fatalf("rollback to %s, pinned to %q, says %v", id, y.pinned, err)
	} else if refused {
		return
	}
	y.noted("rolled back", false)
	y.move(id)
	if pin {
		y.pinned = id
	}
}

func (y *year) unpin() {
	u, err := pipeline.Unpin(y.config, y.log)
	if err != nil || u.Unpinned != (y.pinned != "") {
		y.t.Fatalf("unpin, pinned to %q, says %+v, %v", y.pinned, u, err)
	}
	if u.Unpinned {
		y.noted("unpinned", false)
	}
	y.pinned = ""
}

func (y *year) part() {
	y.write(y.random.IntN(6))
	if _, err := pipeline.RunStages(y.t.Context(), y.config, job.Selection{Only: job.StageExtract}, y.log); err != nil {
		y.t.Fatal(err)
	}
	y.noted("stopped before load", true)
}

// said is what happened, or what the places say.
type said struct {
	Counts                map[string]int
	Newest                string // outcome in the history
	State, Release, Pin   string // in the status
	Link                  string // current itself
	MetricLast            string
	MetricSuccess         float64
	MetricCurrent         string
	MetricPinned          float64
	MetricCounts          map[string]int
	MetricSwitch, MetricW string
}

func (y *year) compare() string {
	y.t.Helper()
	success, pinned := 0.0, 0.0
	switch y.last {
	case "published", "unchanged", "switched", "stopped before load":
		success = 1
	}
	if y.pinned != "" {
		pinned = 1
	}
	happened := said{Counts: y.counts, Newest: y.newest, State: y.last, Release: y.current, Pin: y.pinned, Link: y.current, MetricLast: y.last,
		MetricSuccess: success, MetricCurrent: y.current, MetricPinned: pinned, MetricCounts: y.counts, MetricSwitch: y.switched, MetricW: y.was}
	return cmp.Diff(happened, y.read())
}

// read reads all places.
func (y *year) read() said {
	y.t.Helper()
	s := said{Counts: map[string]int{}, MetricCounts: map[string]int{}}
	history, err := runlog.History(y.config.Out)
	if err != nil {
		y.t.Fatal(err)
	}
	for _, r := range history {
		s.Counts[r.Outcome]++
		s.Newest = r.Outcome
	}
	status, err := runlog.ReadStatus(y.config.Out)
	if err != nil {
		y.t.Fatal(err)
	}
	s.State, s.Release = status.State, status.Release
	if status.Pin != nil {
		s.Pin = status.Pin.Release
	}
	target, err := os.Readlink(filepath.Join(y.config.Out, "current"))
	if err != nil {
		y.t.Fatal(err)
	}
	s.Link = filepath.Base(target)
	file, err := os.Open(y.config.MetricsFile)
	if err != nil {
		y.t.Fatal(err)
	}
	defer file.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(file)
	if err != nil {
		y.t.Fatal(err)
	}
	s.MetricLast, s.MetricSuccess = label(families, "entrepot_last_run_info", "outcome"), gauge(families, "entrepot_last_run_success")
	s.MetricCurrent, s.MetricPinned = label(families, "entrepot_current_info", "release"), gauge(families, "entrepot_current_pinned")
	s.MetricSwitch, s.MetricW = label(families, "entrepot_last_switch_info", "release"), label(families, "entrepot_last_switch_info", "was")
	for _, m := range families["entrepot_history_records"].GetMetric() {
		for _, l := range m.GetLabel() {
			if l.GetName() == "outcome" {
				s.MetricCounts[l.GetValue()] = int(m.GetGauge().GetValue())
			}
		}
	}
	return s
}

func gauge(families map[string]*dto.MetricFamily, name string) float64 {
	for _, m := range families[name].GetMetric() {
		return m.GetGauge().GetValue()
	}
	return -1
}

func label(families map[string]*dto.MetricFamily, name, of string) string {
	for _, m := range families[name].GetMetric() {
		for _, l := range m.GetLabel() {
			if l.GetName() == of {
				return l.GetValue()
			}
		}
	}
	return ""
}
