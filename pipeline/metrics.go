package pipeline

import (
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// writeMetrics writes what a run did and found for the textfile collector of
// Prometheus' node exporter: a file that is replaced in one rename. Figures that a
// failed run does not know are left out.
func (r *runner) writeMetrics(record RunRecord, s *Summary) error {
	if r.config.MetricsFile == "" {
		return nil
	}
	registry := prometheus.NewRegistry()
	gauge := func(name, help string, value float64, labels prometheus.Labels) {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "entrepot", Name: name, Help: help, ConstLabels: labels})
		g.Set(value)
		registry.MustRegister(g) // fails only when a name stands twice
	}
	succeeded := slices.Contains([]string{"published", "unchanged", "no files", "stopped before load"}, record.Outcome)
	gauge("last_run_timestamp_seconds", "When the last run ended.", seconds(r.now()), nil)
	gauge("last_run_duration_seconds", "How long the last run took.", record.Seconds, nil)
	gauge("last_run_success", "1 when the last run did what it should, 0 when it failed.", flag(succeeded), nil)
	gauge("last_run_incomplete", "1 when the last run published a release that lacks rows, files or reporters (exit code 3).", flag(s != nil && len(s.Shortfalls) > 0), nil)
	gauge("last_run_info", "How the last run ended.", 1, prometheus.Labels{"outcome": record.Outcome, "release": record.Release, "version": record.Version})
	if at, err := r.lastSuccess(succeeded); err != nil {
		return err
	} else if !at.IsZero() {
		gauge("last_success_timestamp_seconds", "When the last run that succeeded began.", seconds(at), nil)
	}
	if s != nil && !s.Empty {
		var read, leftOut, refused int64
		for _, f := range s.Files {
			read, leftOut = read+f.Read, leftOut+f.LeftOut
			if f.Refusal != "" {
				refused++
			}
		}
		for state, n := range map[string]int64{"read": read, "staged": record.Rows, "rejected": record.Rejected, "left_out": leftOut} {
			gauge("rows", "Rows of the input files, by what became of them.", float64(n), prometheus.Labels{"state": state})
		}
		gauge("inputs", "Input files.", float64(int64(len(s.Files))-refused), prometheus.Labels{"state": "used"})
		gauge("inputs", "Input files.", float64(refused), prometheus.Labels{"state": "refused"})
		gauge("tables_made", "Tables that the last run made anew.", float64(record.Tables), nil)
	}
	if err := prometheus.WriteToTextfile(r.config.MetricsFile, registry); err != nil {
		return fmt.Errorf("write metrics_file: %w", err)
	}
	return nil
}

// lastSuccess is when the last run that succeeded began; zero when none did.
func (r *runner) lastSuccess(succeeded bool) (time.Time, error) {
	if succeeded {
		return r.started, nil
	}
	all, err := History(r.config.Out)
	if err != nil {
		return time.Time{}, err
	}
	for _, record := range slices.Backward(all) {
		if record.Outcome == "published" || record.Outcome == "unchanged" {
			return record.Started, nil
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
