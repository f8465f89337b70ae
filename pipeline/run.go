// Package pipeline runs the stages: it extracts the input files into the workspace,
// transforms what they hold into the measures, checks these and publishes them as a
// release of Parquet files.
//
// Run does all of it and skips what is up to date. Each stage is a package of its own
// (extract, transform, check); this one puts them in their order, publishes (load.go),
// says what was done (summary.go), what would be (plan.go), and computes a release
// anew (verify.go). docs/ARCHITECTURE.md has the whole house.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"entrepot/pipeline/check"
	"entrepot/pipeline/config"
	"entrepot/pipeline/extract"
	"entrepot/pipeline/fetch"
	"entrepot/pipeline/job"
	"entrepot/pipeline/objects"
	"entrepot/pipeline/progress"
	"entrepot/pipeline/reference"
	"entrepot/pipeline/release"
	"entrepot/pipeline/runlog"
	"entrepot/pipeline/transform"
	"entrepot/pipeline/usage"
	"entrepot/pipeline/workspace"
	"entrepot/sources"
	"entrepot/transforms"
)

// Run brings the release of a configuration up to date with its data folder.
// Errors of the user's making are *usage.Error; workspace.ErrLocked means that another
// run is at work; *check.Error means that a quality check stopped the run. What was
// published before stays as it is unless Run succeeds.
func Run(ctx context.Context, c *config.Config, log *slog.Logger) (*Summary, error) {
	return RunStages(ctx, c, job.Selection{}, log)
}

// RunStages does the selected part of a run. The summary has no release and no
// figures when the selection ends before the stage load. Beside a *CopyError
// or a *HookError there is a summary, too.
func RunStages(ctx context.Context, c *config.Config, selection job.Selection, log *slog.Logger) (*Summary, error) {
	if err := selection.Check(); err != nil {
		return nil, err
	}
	book := newBook(c, log)
	if err := book.Begin(); err != nil {
		return nil, err
	}
	r := &run{book: book, selection: selection}
	s, err := r.do(ctx, c, log)
	if err != nil && ctx.Err() == nil && workspace.Damaged(err) {
		s, err = r.again(ctx, c, log, err)
	}
	if errors.Is(err, workspace.ErrLocked) || isMistyped(selection, err) {
		return nil, err // the other run's notes are not ours to change, and a typing error is no run
	}
	if err == nil {
		err = r.hook(ctx, s)
	}
	book.End(r.end(s, err))
	if err != nil && !hasPublished(err) {
		return nil, err
	}
	return s, err
}

// hasPublished tells of an error whether it came after the release was published.
func hasPublished(err error) bool {
	return errors.As(err, new(*CopyError)) || errors.As(err, new(*HookError))
}

// again does the run once more without the workspace that failed it.
func (r *run) again(ctx context.Context, c *config.Config, log *slog.Logger, why error) (*Summary, error) {
	if err := workspace.MoveAside(workspace.Options{Out: c.Out, Log: log}, why); err != nil {
		return nil, errors.Join(why, err)
	}
	s, err := r.do(ctx, c, log)
	if err != nil {
		return nil, fmt.Errorf("a second time, with a new workspace: %w", err)
	}
	return s, nil
}

// isMistyped tells whether somebody named a step that does not exist.
func isMistyped(selection job.Selection, err error) bool {
	var wrong *usage.Error
	return len(selection.Steps) > 0 && errors.As(err, &wrong)
}

// run is one run.
type run struct {
	book      *runlog.Book
	selection job.Selection
	job       *job.Job
	work      *workspace.Workspace
	meter     progress.Meter
	transform *transform.Stage
	steps     []runlog.StepStatus // as they were when the workspace was closed
}

// do prepares the run, does it, and closes what it opened.
func (r *run) do(ctx context.Context, c *config.Config, log *slog.Logger) (s *Summary, err error) {
	started := time.Now()
	if r.job, err = job.New(c, r.selection, log); err != nil {
		return nil, err
	}
	if r.work, err = workspace.Open(ctx, workspaceOptions(r.job)); err != nil {
		return nil, err
	}
	defer func() {
		// Even a run that was interrupted says how far it came.
		steps, failed := stepsOf(context.WithoutCancel(ctx), r.work)
		r.steps = steps
		err = errors.Join(err, failed, r.work.Close())
	}()
	r.meter.Watch = c.Watch
	if err := r.fetch(ctx); err != nil {
		return nil, err
	}
	if err := r.checkSteps(ctx); err != nil {
		return nil, err
	}
	defer r.meter.Update(func(p *progress.Progress) { *p = progress.Progress{} })
	if err := r.stepDone(); err != nil {
		return nil, err
	}
	if s, err = r.stages(ctx); s != nil {
		s.Took = time.Since(started)
	}
	return s, err
}

func workspaceOptions(j *job.Job) workspace.Options {
	c := j.Config
	return workspace.Options{Out: c.Out, Tables: c.Base.Workspace(), Wait: c.Wait, MemoryLimit: c.MemoryLimit, Threads: c.Threads, Log: j.Log}
}

// stepDone lets the status say now and then how far the run has come.
func (r *run) stepDone() error {
	return r.book.StepDone(func() ([]runlog.StepStatus, error) { return stepsOf(context.Background(), r.work) })
}

// stages does the selected stages, one after the other.
func (r *run) stages(ctx context.Context) (s *Summary, err error) {
	if err := reference.Load(ctx, r.job, r.work); err != nil {
		return nil, err
	}
	checks := &check.Stage{Job: r.job, Work: r.work}
	r.transform = &transform.Stage{Job: r.job, Work: r.work, Meter: &r.meter, StepDone: r.stepDone}
	selection := r.job.Selection
	s = &Summary{Parameter: r.job.Described(), Reporter: r.job.Reporter, Labels: r.job.Reference.Labels}
	if selection.Has(job.StageExtract) {
		empty, err := r.extract(ctx, s)
		if err != nil || empty {
			return s, err
		}
	}
	if selection.Has(job.StageLoad) {
		if err := checks.Budget(ctx); err != nil {
			return s, err
		}
	}
	if selection.Has(job.StageTransform) {
		if err := checks.Computable(ctx); err != nil {
			return s, err
		}
		if err := r.transform.Run(ctx); err != nil {
			return s, err
		}
	}
	s.Made = r.transform.Made()
	if selection.Has(job.StageCheck) {
		if err := checks.Failed(ctx); err != nil {
			return s, err
		}
	}
	if !selection.Has(job.StageLoad) {
		return s, nil
	}
	if err := r.load(ctx, checks, s); err != nil {
		return s, err
	}
	s.Copied, err = copyCurrent(ctx, &r.job.Config, r.job.Config.KeepReleases, r.job.Log)
	return s, err
}

// extract brings the staged rows up to date. It tells whether there were no files,
// where that is allowed.
func (r *run) extract(ctx context.Context, s *Summary) (empty bool, err error) {
	stage := &extract.Stage{Job: r.job, Work: r.work, Meter: &r.meter, StepDone: r.stepDone}
	s.Files, err = stage.Run(ctx)
	if errors.Is(err, extract.ErrNoFiles) && r.job.Config.AllowEmpty {
		s.Empty = true
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if r.job.Config.Strict {
		if err := refusedFiles(s.Files); err != nil {
			return false, err
		}
	}
	if err := r.rejects(ctx, s); err != nil {
		return false, err
	}
	return false, usable(ctx, &check.Stage{Job: r.job, Work: r.work}, s.Files)
}

// fetch brings the input files from the object store, if they are in one.
func (r *run) fetch(ctx context.Context) error {
	c := &r.job.Config
	if !objects.IsURL(c.Data) || !r.job.Selection.Has(job.StageExtract) {
		return nil
	}
	from, err := objects.Open(c.Data)
	if err != nil {
		return fmt.Errorf("open %s: %w", c.DataShown(), err)
	}
	folder := fetch.Folder{Dir: c.DataFolder(), Log: r.job.Log, Meter: &r.meter,
		Leave: func(key string) bool { return sources.PassedOver(key, c.Ignore) }}
	return folder.Fetch(ctx, from, c.DataShown())
}

// checkSteps returns a *usage.Error for steps that do not exist, before anything
// is begun.
func (r *run) checkSteps(ctx context.Context) error {
	selection := r.job.Selection
	if len(selection.Steps) == 0 {
		return nil
	}
	if _, err := selection.Transforms(); err != nil {
		return err
	}
	if selection.Only == job.StageLoad {
		return job.CheckOutputs(selection.Steps)
	}
	_, err := extract.Inputs(ctx, r.job)
	return err
}

// end is what the run's log should say of it.
func (r *run) end(s *Summary, failure error) runlog.End {
	e := runlog.End{Record: runlog.Record{Outcome: outcome(s, failure), Stages: r.selection.Stages()}, Steps: r.steps, Failure: failure}
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
		e.Inputs = append(e.Inputs, runlog.Input{Name: f.Name, Rows: f.Read, Bytes: f.Bytes})
	}
	if s.Release != "" {
		e.Release, _ = release.Find(r.book.Out, s.Release) // it was published a moment ago
	}
	return e
}

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

// stepsOf lists the state of every input and table of a workspace.
func stepsOf(ctx context.Context, w *workspace.Workspace) ([]runlog.StepStatus, error) {
	steps := []runlog.StepStatus{}
	known, err := w.Files(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range workspace.ByName(known) {
		step := runlog.StepStatus{Stage: string(job.StageExtract), Step: f.Name, State: "done", RowsIn: f.Read, RowsOut: f.Staged, Bytes: f.Bytes, Seconds: f.Seconds}
		if f.Refusal != "" {
			step.State, step.Reason = "refused", f.Refusal
		}
		steps = append(steps, step)
	}
	states, err := w.Steps(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range transforms.All() {
		step := runlog.StepStatus{Stage: string(job.StageTransform), Step: t.Name, State: "never finished"}
		if was, ok := states[workspace.TransformStep(t.Name)]; ok {
			step.State, step.RowsIn, step.RowsOut, step.Seconds, step.Finished = "done", was.RowsIn, was.RowsOut, was.Seconds, was.Finished
		}
		steps = append(steps, step)
	}
	return steps, nil
}
