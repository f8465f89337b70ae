package runlog

import (
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// writeMetrics writes what a run did and found for the textfile collector of
// Prometheus' node exporter: a file that is replaced in one rename. Figures that a
// failed run does not know are left out.
func (b *Book) writeMetrics(record Record) error {
	if b.MetricsFile == "" {
		return nil
	}
	registry := prometheus.NewRegistry()
	gauge := func(name, help string, value float64, labels prometheus.Labels) {
		all := prometheus.Labels{"out": b.Out}
		for label, text := range labels {
			all[label] = text
		}
		g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "entrepot", Name: name, Help: help, ConstLabels: all})
		g.Set(value)
		registry.MustRegister(g) // fails only when a name stands twice
	}
	gauge("last_run_timestamp_seconds", "When the last run ended.", seconds(b.Now()), nil)
	gauge("last_run_duration_seconds", "How long the last run took.", record.Seconds, nil)
	gauge("last_run_success", "1 when the last run did what it should, 0 when it failed.", flag(record.Succeeded()), nil)
	gauge("last_run_incomplete", "1 when the last run published a release that lacks rows, files or reporters (exit code 3).", flag(record.Short), nil)
	gauge("last_run_info", "How the last run ended.", 1, prometheus.Labels{"outcome": record.Outcome, "release": record.Release, "version": record.Version})
	if at, err := b.lastSuccess(record); err != nil {
		return err
	} else if !at.IsZero() {
		gauge("last_success_timestamp_seconds", "When the last run that succeeded began.", seconds(at), nil)
	}
	if record.Files > 0 {
		for state, n := range map[string]int64{"read": record.Read, "staged": record.Rows, "rejected": record.Rejected, "left_out": record.LeftOut} {
			gauge("rows", "Rows of the input files, by what became of them.", float64(n), prometheus.Labels{"state": state})
		}
		gauge("inputs", "Input files.", float64(int64(record.Files)-record.Refused), prometheus.Labels{"state": "used"})
		gauge("inputs", "Input files.", float64(record.Refused), prometheus.Labels{"state": "refused"})
		gauge("tables_made", "Tables that the last run made anew.", float64(record.Tables), nil)
	}
	if err := prometheus.WriteToTextfile(b.MetricsFile, registry); err != nil {
		return fmt.Errorf("write metrics_file: %w", err)
	}
	return nil
}

// lastSuccess is when the last run that succeeded began; zero when none did.
func (b *Book) lastSuccess(record Record) (time.Time, error) {
	if record.Succeeded() {
		return record.Started, nil
	}
	all, err := History(b.Out)
	if err != nil {
		return time.Time{}, err
	}
	for _, earlier := range slices.Backward(all) {
		if earlier.Outcome == Published || earlier.Outcome == Unchanged || earlier.Outcome == Switched {
			return earlier.Started, nil
		}
	}
	return time.Time{}, nil
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
