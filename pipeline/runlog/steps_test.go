package runlog_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"entrepot/pipeline/runlog"
)

// The steps are written when they changed and when what is there is not whole, and are there
// while a run goes on.
func TestStepsAreKept(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	file := filepath.Join(out, "work", "steps.json")
	end := func(steps ...runlog.StepStatus) {
		t.Helper()
		b, _ := book(t, out)
		if err := b.Begin(); err != nil {
			t.Fatal(err)
		}
		b.Holds()
		b.End(runlog.End{Record: runlog.Record{Outcome: runlog.Unchanged, Stages: []string{}}, Steps: steps})
		s, err := runlog.ReadStatus(out)
		if err != nil || !slices.EqualFunc(s.Steps, steps, func(a, b runlog.StepStatus) bool {
			return a.Step == b.Step && a.RowsIn == b.RowsIn && a.Finished.Equal(b.Finished)
		}) {
			t.Errorf("the status has %+v, %v; expected %+v", s, err, steps)
		}
	}
	step := runlog.StepStatus{Stage: "extract", Step: "a.csv", State: "done", RowsIn: 3, Finished: time.Unix(5, 6).UTC()}
	end(step)
	was, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	isAsItWas := func() bool {
		now, err := os.Stat(file)
		return err == nil && os.SameFile(was, now)
	}
	end(step)
	if !isAsItWas() {
		t.Error("steps that are as they were are written again")
	}
	for _, change := range []func(*runlog.StepStatus){
		func(s *runlog.StepStatus) { s.RowsIn++ },
		func(s *runlog.StepStatus) { s.Finished = s.Finished.Add(1) },
		func(s *runlog.StepStatus) { s.State, s.Reason = "refused", "it is empty" },
		func(s *runlog.StepStatus) { s.Queries = []string{"q"} },
	} {
		change(&step)
		end(step)
		if isAsItWas() {
			t.Errorf("%+v was not written", step)
		}
		if was, err = os.Stat(file); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(file, was.Size()-1); err != nil {
		t.Fatal(err)
	}
	end(step)
	running, _ := book(t, out)
	if err := running.Begin(); err != nil {
		t.Fatal(err)
	}
	running.Holds()
	if s, err := runlog.ReadStatus(out); err != nil || len(s.Steps) != 1 {
		t.Errorf("while a run goes on the status has %+v, %v", s, err)
	}
}
