package pipeline

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"entrepot/pipeline/check"
	"entrepot/pipeline/config"
	"entrepot/pipeline/extract"
	"entrepot/pipeline/job"
	"entrepot/pipeline/release"
	"entrepot/pipeline/runlog"
	"entrepot/pipeline/usage"
	"entrepot/pipeline/workspace"
	"entrepot/transforms"
)

// NoteFailure notes a run that failed before it was one: its settings can't be read. Of
// the configuration, only the places where runs are noted need be right.
func NoteFailure(c *config.Config, failure error, log *slog.Logger) {
	book := newBook(c, log)
	if err := book.Begin(); err != nil {
		log.Warn("the failure can't be noted", "error", err)
		return
	}
	book.End(runlog.End{Record: runlog.Record{Outcome: runlog.Failed, Stages: []string{}}, Failure: failure})
}

// newBook is where a run, or what somebody does by hand, is noted.
func newBook(c *config.Config, log *slog.Logger) *runlog.Book {
	return &runlog.Book{Out: c.Out, Data: cmp.Or(c.Data, c.Lake), MetricsFile: c.MetricsFile,
		Lineage: runlog.Lineage{File: c.OpenLineageFile, URL: c.OpenLineageURL, Copy: c.Publish},
		Version: job.Version, RunID: c.RunID, Log: log, Now: time.Now}
}

// noted does the run, a second time if the workspace turns out to be damaged, and notes
// how it ended.
func (r *run) noted(ctx context.Context, c *config.Config, log *slog.Logger) (*Summary, error) {
	if err := r.book.Begin(); err != nil {
		return nil, err
	}
	s, err := r.do(ctx, c, log)
	if err != nil && ctx.Err() == nil && workspace.Damaged(err) {
		s, err = r.again(ctx, c, log, err)
	}
	if errors.Is(err, workspace.ErrLocked) {
		return nil, err // the other run's notes are not ours to change
	}
	if isMistyped(r.selection, err) {
		r.book.TakeBack(err) // a typing error is no run
		return nil, err
	}
	if err == nil {
		err = r.hook(ctx, s)
	}
	r.book.End(r.end(s, err))
	if err != nil && !hasPublished(err) {
		return nil, err
	}
	return s, err
}

// isMistyped tells whether somebody named a step that does not exist.
func isMistyped(selection job.Selection, err error) bool {
	var wrong *usage.Error
	return len(selection.Steps) > 0 && errors.As(err, &wrong)
}

// end is what the run's log should say of it.
func (r *run) end(s *Summary, failure error) runlog.End {
	e := runlog.End{Record: runlog.Record{Outcome: outcome(s, failure), Stages: r.stageNames(), StageSeconds: r.seconds}, Steps: r.steps, Failure: failure}
	if r.transform != nil {
		e.Record.Tables = r.transform.Made()
	}
	if s == nil {
		return e
	}
	e.Record.Release, e.Record.Files, e.Record.Short = s.Release, len(s.Files), len(s.Shortfalls) > 0
	e.Record.Switched, e.Record.Was, e.Record.Pinned = s.Switched, s.Was, s.Pinned
	for _, f := range s.Files {
		e.Record.Read += f.Read
		e.Record.Rows += f.Staged
		e.Record.Rejected += f.Rejected
		e.Record.LeftOut += f.LeftOut
		if f.Refusal != "" {
			e.Record.Refused++
		}
		if f.Fresh {
			e.Record.FilesNew++
		}
		e.Inputs = append(e.Inputs, runlog.Input{Name: f.Name, Rows: f.Read, Bytes: f.Bytes, SHA256: f.SHA256})
	}
	if e.Release = r.published; s.Release != "" && e.Release == nil {
		e.Release, _ = release.Find(r.book.Out, s.Release) // it was published a moment ago
	}
	return e
}

// stageNames lists the stages that the run was to do.
func (r *run) stageNames() []string {
	names := r.selection.Stages()
	if r.onlyChecks {
		names = slices.DeleteFunc(names, func(name string) bool { return name == string(job.StageLoad) })
	}
	return names
}

// Outcome is how a run ended that did what it should, in the words of the history.
func (s *Summary) Outcome() string { return outcome(s, nil) }

func outcome(s *Summary, failure error) string {
	var checks *check.Error
	switch {
	case errors.Is(failure, context.Canceled):
		return runlog.Interrupted
	case errors.As(failure, &checks):
		return runlog.ChecksFailed
	case failure != nil:
		return runlog.Failed
	case s.Empty:
		return runlog.NoFiles
	case s.Release == "":
		return runlog.Stopped
	case s.Fresh:
		return runlog.Published
	case s.Switched:
		return runlog.Switched
	}
	return runlog.Unchanged
}

// stepsNow lists the state of every input and table of the workspace.
func (r *run) stepsNow(ctx context.Context) (steps []runlog.StepStatus, err error) {
	known := r.known
	if known == nil { // the stage extract goes on
		if known, err = extract.Look(ctx, r.job, r.work); err != nil {
			return nil, err
		}
	}
	return stepsOf(ctx, r.job.Tables, r.work, known)
}

// stepsOf lists the state of every input, of those that are known, and every table of a workspace.
func stepsOf(ctx context.Context, tables []transforms.Transform, w *workspace.Workspace, known *extract.Known) ([]runlog.StepStatus, error) {
	steps := []runlog.StepStatus{}
	for _, f := range known.Sorted() {
		step := runlog.StepStatus{Stage: string(job.StageExtract), Step: f.Name, State: "done", RowsIn: f.Read, RowsOut: f.Staged, Bytes: f.Bytes, Seconds: f.Seconds, Modified: extract.Modified(f)}
		if f.Refusal != "" {
			step.State, step.Reason = "refused", f.Refusal
		}
		steps = append(steps, step)
	}
	states, err := w.Steps(ctx)
	if err != nil {
		return nil, err
	}
	queries, err := w.Queries(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		step := runlog.StepStatus{Stage: string(job.StageTransform), Step: t.Name, State: "never finished"}
		if was, ok := states[workspace.TransformStep(t.Name)]; ok {
			step.State, step.RowsIn, step.RowsOut, step.Seconds, step.Finished = "done", was.RowsIn, was.RowsOut, was.Seconds, was.Finished
			for _, q := range queries[was.Name] {
				step.Engine, step.Queries = q.Engine, append(step.Queries, q.ID)
			}
		}
		steps = append(steps, step)
	}
	return steps, nil
}
