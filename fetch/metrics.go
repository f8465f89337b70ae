package fetch

import (
	"path/filepath"
	"time"

	"entrepot/pipeline/workspace"

	"github.com/prometheus/client_golang/prometheus"
)

// writeMetrics writes how a fetch ended for Prometheus' textfile collector, beside the
// metrics of runs, which know other folders.
func (o Options) writeMetrics(r *Result, ended time.Time, failure error) error {
	if o.MetricsFile == "" {
		return nil
	}
	data, err := filepath.Abs(o.Data)
	if err != nil {
		return err
	}
	registry := prometheus.NewRegistry()
	set := func(name, help string, value float64) {
		gauge := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "entrepot", Subsystem: "fetch", Name: name, Help: help, ConstLabels: prometheus.Labels{"data": data}})
		gauge.Set(value)
		registry.MustRegister(gauge) // fails only when a name stands twice
	}
	success := 0.0
	if failure == nil && len(r.Failed) == 0 && r.quotaErr == nil {
		success = 1
	}
	set("last_timestamp_seconds", "When the last fetch ended.", seconds(ended))
	set("last_duration_seconds", "How long the last fetch took.", r.Seconds)
	set("last_success", "1 when the last fetch brought all that is listed, 0 when something lacks.", success)
	set("last_calls", "Calls with the key in the last fetch, those that failed among them.", float64(r.Calls))
	set("last_keyless_calls", "Calls without the key in the last fetch.", float64(r.Keyless))
	set("last_files", "Files that the last fetch brought.", float64(r.Cells))
	set("last_rows", "Rows that the last fetch brought.", float64(r.Rows))
	set("last_bytes", "Bytes of the answers of the last fetch, as they were sent.", float64(r.Bytes))
	set("last_failed", "Calls of the last fetch that failed for good.", float64(len(r.Failed)))
	set("waiting_periods", "Periods whose world exports wait for reporters that lack.", float64(len(r.Waiting)))
	set("calls_used", "Calls with the key in the last 24 hours.", float64(r.Used))
	if r.PerDay > 0 {
		set("calls_left", "Calls that the key has left for these 24 hours.", float64(max(0, r.PerDay-r.Used)))
	}
	if r.quotaErr != nil {
		set("quota_free_timestamp_seconds", "When the quota, which is used up, has calls again.", seconds(r.quotaErr.Until))
	}
	if !r.Success.IsZero() {
		set("last_success_timestamp_seconds", "When all that was listed was here last: alert when it is too long ago.", seconds(r.Success))
	}
	return prometheus.WriteToTextfile(workspace.MetricsPath(o.MetricsFile, "fetch", o.Data), registry)
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
