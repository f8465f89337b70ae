package runlog

import (
	"errors"
	"path/filepath"
	"slices"
	"time"

	"entrepot/pipeline/release"
	"entrepot/pipeline/release/store"
	"entrepot/pipeline/workspace"

	"github.com/prometheus/client_golang/prometheus"
)

// gauges are the metrics of one output folder, by which each is labelled.
type gauges struct {
	registry *prometheus.Registry
	out      string
}

func (g gauges) set(name, help string, value float64, labels prometheus.Labels) {
	all := prometheus.Labels{"out": g.out}
	for label, text := range labels {
		all[label] = text
	}
	gauge := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "entrepot", Name: name, Help: help, ConstLabels: all})
	gauge.Set(value)
	g.registry.MustRegister(gauge) // fails only when a name stands twice
}

// writeMetrics writes what the last run did and found, how the steps are, and where
// current points, for the textfile collector of Prometheus' node exporter: a file that is
// replaced in one rename. The history knows the last run, and a run that just ended is
// said beside it, for the history may be the place that can't be written.
func (b *Book) writeMetrics(status Status, ended ...Record) error {
	if b.MetricsFile == "" {
		return nil
	}
	all, _ := History(b.Out) // where it can't be read, that is said of the history
	if n := len(all); len(ended) > 0 && (n == 0 || all[n-1].RunID != ended[0].RunID) {
		all = append(all, ended[0])
	}
	out, err := filepath.Abs(b.Out)
	if err != nil {
		return err
	}
	g := gauges{prometheus.NewRegistry(), out}
	began := b.started
	for _, last := range slices.Backward(all) {
		if last.IsRun() {
			g.lastRun(last, all)
			g.rows(last)
			if began.IsZero() {
				began = last.Started
			}
			break
		}
	}
	if !began.IsZero() {
		g.set("last_run_began_timestamp_seconds", "When the last run began: later than when the last run ended while one is at work, or when it was killed.", seconds(began), nil)
	}
	g.runs(all)
	g.steps(status.Steps)
	g.published()
	err = g.current(all)
	return errors.Join(err, prometheus.WriteToTextfile(b.metricsPath(), g.registry))
}

// metricsPath is the file of the metrics.
func (b *Book) metricsPath() string { return workspace.MetricsPath(b.MetricsFile, "", b.Out) }

func (g gauges) lastRun(last Record, all []Record) {
	ended := last.Started.Add(time.Duration(last.Seconds * float64(time.Second)))
	g.set("last_run_timestamp_seconds", "When the last run ended.", seconds(ended), nil)
	g.set("last_run_duration_seconds", "How long the last run took.", last.Seconds, nil)
	g.set("last_run_success", "1 when the last run did what it should, 0 when it failed.", flag(last.Succeeded()), nil)
	g.set("last_run_incomplete", "1 when the last run published a release that lacks rows, files or reporters (exit code 3).", flag(last.Short), nil)
	g.set("last_run_info", "How the last run ended.", 1, prometheus.Labels{"outcome": last.Outcome, "release": last.Release, "version": last.Version})
	for stage, took := range last.StageSeconds {
		g.set("last_run_stage_seconds", "How long the stage took in the last run.", took, prometheus.Labels{"stage": stage})
	}
	if at := lastSuccess(last, all); !at.IsZero() {
		g.set("last_success_timestamp_seconds", "When the last run that succeeded began.", seconds(at), nil)
	}
}

// runs counts the runs of the history.
func (g gauges) runs(all []Record) {
	counts := map[string]int{}
	for _, r := range all {
		counts[r.Outcome]++
	}
	for outcome, n := range counts {
		g.set("history_records", "Runs, rollbacks and unpins in the history, by outcome.", float64(n), prometheus.Labels{"outcome": outcome})
	}
}

// stageTotals adds up the steps of a stage.
type stageTotals struct {
	files                  int
	rowsIn, rowsOut, bytes int64
	seconds                float64
}

// steps says how much went through each stage, and how long each step took when it was
// last done. Files are many, so their times are one figure.
func (g gauges) steps(steps []StepStatus) {
	totals := map[string]*stageTotals{}
	var newest time.Time
	for _, s := range steps {
		t := totals[s.Stage]
		if t == nil {
			t = &stageTotals{}
			totals[s.Stage] = t
		}
		if s.State != "done" {
			continue
		}
		t.files++
		t.rowsIn, t.rowsOut, t.bytes, t.seconds = t.rowsIn+s.RowsIn, t.rowsOut+s.RowsOut, t.bytes+s.Bytes, t.seconds+s.Seconds
		if s.Modified.After(newest) {
			newest = s.Modified
		}
		if s.Stage == stageOfTables {
			g.set("step_seconds", "How long the step took when it was last done.", s.Seconds, prometheus.Labels{"stage": s.Stage, "step": s.Step})
		}
	}
	for stage, t := range totals {
		g.stage(stage, *t)
	}
	if !newest.IsZero() {
		g.set("newest_input_timestamp_seconds", "When the newest input file was modified: the age of the newest data.", seconds(newest), nil)
	}
}

func (g gauges) stage(name string, t stageTotals) {
	labels := prometheus.Labels{"stage": name}
	g.set("stage_steps", "Files that are read, tables that are made, or files that are published.", float64(t.files), labels)
	g.set("stage_rows_in", "Rows that went into the stage.", float64(t.rowsIn), labels)
	g.set("stage_rows_out", "Rows that came out of the stage.", float64(t.rowsOut), labels)
	g.set("stage_bytes", "Size of the files that are read or published.", float64(t.bytes), labels)
	g.set("stage_steps_seconds", "How long the steps of the stage took when they were last done, one after the other.", t.seconds, labels)
}

// published says how much the current release is, and to which year it goes.
func (g gauges) published() {
	current, err := release.Find(g.out, "")
	if err != nil {
		return // there is none, or the next run mends it
	}
	t := stageTotals{}
	for _, f := range current.Manifest.Files {
		t.files, t.rowsOut, t.bytes = t.files+1, t.rowsOut+f.Rows, t.bytes+f.Bytes
	}
	t.rowsIn = t.rowsOut
	g.stage("load", t)
	newest := 0
	for _, c := range current.Manifest.Coverage {
		newest = max(newest, c.Year)
	}
	if newest > 0 {
		g.set("newest_year", "The newest year with annual rows in the current release.", float64(newest), nil)
	}
}

// stageOfTables is the stage whose steps are tables.
const stageOfTables = "transform"

// rows are figures that a run which failed early does not know.
func (g gauges) rows(last Record) {
	if last.Files == 0 {
		return
	}
	for state, n := range map[string]int64{"read": last.Read, "staged": last.Rows, "rejected": last.Rejected, "left_out": last.LeftOut} {
		g.set("rows", "Rows of the input files, by what became of them.", float64(n), prometheus.Labels{"state": state})
	}
	g.set("inputs", "Input files.", float64(int64(last.Files)-last.Refused), prometheus.Labels{"state": "used"})
	g.set("inputs", "Input files.", float64(last.Refused), prometheus.Labels{"state": "refused"})
	g.set("tables_made", "Tables that the last run made anew.", float64(last.Tables), nil)
}

// current says where current points, since when, and whether it is pinned there.
func (g gauges) current(all []Record) error {
	folder := store.Folder{Out: g.out}
	id, err := folder.Current()
	pin, failed := folder.Pinned()
	g.set("current_info", "The release that current points to.", 1, prometheus.Labels{"release": id})
	g.set("current_pinned", "1 when current is pinned to its release, and runs publish beside it.", flag(pin != nil || failed != nil), nil)
	for _, r := range slices.Backward(all) {
		if r.Switched {
			g.set("last_switch_timestamp_seconds", "When the run, or the rollback, began that pointed current to its release.", seconds(r.Started), nil)
			g.set("last_switch_info", "How current came to its release.", 1,
				prometheus.Labels{"outcome": r.Outcome, "release": r.Release, "was": r.Was})
			break
		}
	}
	return errors.Join(err, failed)
}

// lastSuccess is when the last run that succeeded began; zero when none did. A run of a
// part of the stages is none that others wait for.
func lastSuccess(last Record, all []Record) time.Time {
	if last.Succeeded() {
		return last.Started
	}
	for _, earlier := range slices.Backward(all) {
		if earlier.Outcome == Published || earlier.Outcome == Unchanged || earlier.Outcome == Switched {
			return earlier.Started
		}
	}
	return time.Time{}
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
