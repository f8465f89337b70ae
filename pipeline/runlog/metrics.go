package runlog

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"entrepot/pipeline/release/store"

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

// writeMetrics writes what the last run did and found, and where current points, for the
// textfile collector of Prometheus' node exporter: a file that is replaced in one rename.
func (b *Book) writeMetrics(last Record) error {
	if b.MetricsFile == "" {
		return nil
	}
	all, err := History(b.Out)
	if err != nil {
		all = []Record{last} // the run is known even so
	}
	g := gauges{prometheus.NewRegistry(), b.Out}
	g.lastRun(last, all)
	g.rows(last)
	err = errors.Join(err, g.current(all))
	if failed := prometheus.WriteToTextfile(b.MetricsFile, g.registry); failed != nil {
		err = errors.Join(err, fmt.Errorf("write metrics_file: %w", failed))
	}
	return err
}

func (g gauges) lastRun(last Record, all []Record) {
	ended := last.Started.Add(time.Duration(last.Seconds * float64(time.Second)))
	g.set("last_run_timestamp_seconds", "When the last run ended.", seconds(ended), nil)
	g.set("last_run_duration_seconds", "How long the last run took.", last.Seconds, nil)
	g.set("last_run_success", "1 when the last run did what it should, 0 when it failed.", flag(last.Succeeded()), nil)
	g.set("last_run_incomplete", "1 when the last run published a release that lacks rows, files or reporters (exit code 3).", flag(last.Short), nil)
	g.set("last_run_info", "How the last run ended.", 1, prometheus.Labels{"outcome": last.Outcome, "release": last.Release, "version": last.Version})
	if at := lastSuccess(last, all); !at.IsZero() {
		g.set("last_success_timestamp_seconds", "When the last run that succeeded began.", seconds(at), nil)
	}
}

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
