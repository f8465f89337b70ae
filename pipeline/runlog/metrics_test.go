package runlog_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"entrepot/pipeline/runlog"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// parse reads metrics as Prometheus does.
func parse(t *testing.T, text string) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("Prometheus' parser says %v of\n%s", err, text)
	}
	return families
}

// value is that of the metric with these labels, beside out.
func value(t *testing.T, families map[string]*dto.MetricFamily, name string, labels map[string]string) float64 {
	t.Helper()
	for _, m := range families[name].GetMetric() {
		found := 0
		for _, l := range m.GetLabel() {
			if labels[l.GetName()] == l.GetValue() {
				found++
			}
		}
		if found == len(labels) {
			return m.GetGauge().GetValue()
		}
	}
	t.Errorf("there is no %s%v", name, labels)
	return 0
}

// runOn notes a run on an output folder whose metrics are in a folder of many.
func runOn(t *testing.T, out, folder string) {
	t.Helper()
	b, _ := book(t, out)
	b.MetricsFile = folder
	if err := b.Begin(); err != nil {
		t.Fatal(err)
	}
	b.Holds()
	b.End(runlog.End{
		Record: runlog.Record{Outcome: runlog.Unchanged, Release: "0123456789ab", Stages: []string{"extract"}, Files: 2, Read: 30, Rows: 20, Rejected: 10,
			StageSeconds: map[string]float64{"extract": 1.5}},
		Steps: []runlog.StepStatus{
			{Stage: "extract", Step: "a.csv", State: "done", RowsIn: 30, RowsOut: 20, Bytes: 1000, Seconds: 0.5, Modified: time.Unix(1_700_000_000, 0)},
			{Stage: "extract", Step: "b.csv", State: "done", RowsIn: 3, RowsOut: 2, Bytes: 100, Seconds: 0.25, Modified: time.Unix(1_600_000_000, 0)},
			{Stage: "extract", Step: "c.csv", State: "refused", Bytes: 7, Modified: time.Unix(1_800_000_000, 0)},
			{Stage: "transform", Step: "dominance", State: "done", RowsIn: 22, RowsOut: 5, Seconds: 0.125},
		},
	})
}

// The files of many output folders can be collected together: each is valid, and no two
// have one metric with the same labels.
func TestMetricsOfManyFolders(t *testing.T) {
	dir, folder := t.TempDir(), t.TempDir()
	outs := []string{filepath.Join(dir, "a", "out"), filepath.Join(dir, "b", "out"), filepath.Join(dir, "a-b", "out"), filepath.Join(dir, `c "d"\`, "out")}
	for _, out := range outs {
		runOn(t, out, folder)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) != len(outs) {
		t.Fatalf("%d folders have the files %v, %v", len(outs), files, err)
	}
	seen, help := map[string]bool{}, map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if problems, err := promlint.New(strings.NewReader(string(text))).Lint(); err != nil || len(problems) > 0 {
			t.Errorf("%s: %+v, %v", file, problems, err)
		}
		for name, family := range parse(t, string(text)) {
			if help[name] != "" && help[name] != family.GetHelp() {
				t.Errorf("%s has two meanings", name)
			}
			help[name] = family.GetHelp()
			for _, m := range family.GetMetric() {
				key := name
				for _, l := range m.GetLabel() {
					key += "\x00" + l.String()
				}
				if seen[key] {
					t.Errorf("%s is there twice", key)
				}
				seen[key] = true
			}
		}
	}
}

// What went through each stage, how long it took, and how old the newest data are.
func TestMetricsOfStages(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "m.prom")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	runOn(t, filepath.Join(dir, "out"), file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	families := parse(t, string(text))
	for _, tt := range []struct {
		name   string
		labels map[string]string
		want   float64
	}{
		{"entrepot_stage_steps", map[string]string{"stage": "extract"}, 2},
		{"entrepot_stage_rows_in", map[string]string{"stage": "extract"}, 33},
		{"entrepot_stage_rows_out", map[string]string{"stage": "extract"}, 22},
		{"entrepot_stage_bytes", map[string]string{"stage": "extract"}, 1100},
		{"entrepot_stage_steps_seconds", map[string]string{"stage": "extract"}, 0.75},
		{"entrepot_stage_rows_out", map[string]string{"stage": "transform"}, 5},
		{"entrepot_step_seconds", map[string]string{"stage": "transform", "step": "dominance"}, 0.125},
		{"entrepot_last_run_stage_seconds", map[string]string{"stage": "extract"}, 1.5},
		{"entrepot_newest_input_timestamp_seconds", nil, 1_700_000_000},
		{"entrepot_rows", map[string]string{"state": "rejected"}, 10},
		{"entrepot_history_records", map[string]string{"outcome": "unchanged"}, 1},
		{"entrepot_current_pinned", nil, 0},
	} {
		if got := value(t, families, tt.name, tt.labels); got != tt.want {
			t.Errorf("%s%v is %v, expected %v", tt.name, tt.labels, got, tt.want)
		}
	}
}
