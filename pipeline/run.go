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
	"strings"
	"time"

	"entrepot/pipeline/check"
	"entrepot/pipeline/config"
	"entrepot/pipeline/download"
	"entrepot/pipeline/extract"
	"entrepot/pipeline/job"
	"entrepot/pipeline/lake"
	"entrepot/pipeline/objects"
	"entrepot/pipeline/progress"
	"entrepot/pipeline/reference"
	"entrepot/pipeline/release"
	"entrepot/pipeline/runlog"
	"entrepot/pipeline/transform"
	"entrepot/pipeline/workspace"
	"entrepot/sources"
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
	return (&run{book: newBook(c, log), selection: selection}).noted(ctx, c, log)
}

// Check runs the stages up to the quality checks and publishes nothing. It returns the
// results of the checks that are on, and a *check.Error when one of severity fail has
// findings. It is noted as a run that stopped before load.
func Check(ctx context.Context, c *config.Config, log *slog.Logger) ([]check.Result, error) {
	r := &run{book: newBook(c, log), onlyChecks: true}
	_, err := r.noted(ctx, c, log)
	return r.results, err
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

// run is one run.
type run struct {
	book      *runlog.Book
	selection job.Selection
	job       *job.Job
	work      *workspace.Workspace
	lake      *lake.Lake  // nil: rows are in the workspace
	shard     *lake.Shard // of the input files, when a run brings them to the lake
	meter     progress.Meter
	transform *transform.Stage
	known     *extract.Known      // nil until somebody asks or the stage extract is done: nothing changes it afterwards
	published *release.Release    // of the run; nil until it is known and as it will stay
	steps     []runlog.StepStatus // as they were when the workspace was closed
	seconds   map[string]float64  // that each stage took

	onlyChecks bool           // the run ends with the quality checks,
	results    []check.Result // and these are their results
}

// timed does a stage and notes how long it took.
func (r *run) timed(stage job.Stage, do func() error) error {
	began := time.Now()
	err := do()
	if r.seconds == nil {
		r.seconds = map[string]float64{}
	}
	r.seconds[string(stage)] += time.Since(began).Seconds()
	return err
}

// do prepares the run, does it, and closes what it opened.
func (r *run) do(ctx context.Context, c *config.Config, log *slog.Logger) (s *Summary, err error) {
	started := time.Now()
	r.known, r.published = nil, nil // of a first try
	if r.job, err = job.New(c, r.selection, log); err != nil {
		return nil, err
	}
	options := workspaceOptions(r.job)
	options.Holds = r.book.Holds
	if r.work, err = workspace.Open(ctx, options); err != nil {
		return nil, err
	}
	defer func() {
		// Even a run that was interrupted says how far it came.
		steps, failed := r.stepsNow(context.WithoutCancel(ctx))
		r.steps = steps
		err = s.afterPublishing(c.Out, errors.Join(err, failed, r.work.Close()))
	}()
	r.meter.Watch = c.Watch
	if err := r.openLake(ctx); err != nil {
		return nil, err
	}
	if err := r.download(ctx); err != nil {
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
	return workspace.Options{Out: c.Out, Tables: c.Base.Workspace(), Wait: c.Wait, MemoryLimit: c.MemoryLimit, Threads: c.Threads, Log: j.Log,
		Lake: c.Lake != "" || j.Selection.Has(job.StageExtract)}
}

// stepDone lets the status say now and then how far the run has come.
func (r *run) stepDone() error {
	return r.book.StepDone(func() ([]runlog.StepStatus, error) { return r.stepsNow(context.Background()) })
}

// knows is what the workspace knows of its inputs, once the stage extract is done or when it is
// left out.
func (r *run) knows(ctx context.Context) (*extract.Known, error) {
	if r.known != nil {
		return r.known, nil
	}
	var err error
	r.known, err = extract.Look(ctx, r.job, r.work)
	return r.known, err
}

// stages does the selected stages, one after the other.
func (r *run) stages(ctx context.Context) (s *Summary, err error) {
	if err := reference.Load(ctx, r.job, r.work); err != nil {
		return nil, err
	}
	checks := &check.Stage{Job: r.job, Work: r.work}
	r.transform = &transform.Stage{Job: r.job, Work: r.work, Meter: &r.meter, StepDone: r.stepDone}
	if r.transform.Cluster, err = r.cluster(); err != nil {
		return nil, err
	}
	defer r.transform.Cluster.Close()
	selection := r.job.Selection
	s = &Summary{RunID: r.book.RunID, Parameter: r.job.Described(), Labels: r.job.Reference.Labels}
	if selection.Has(job.StageExtract) {
		empty := false
		err := r.timed(job.StageExtract, func() (err error) {
			empty, err = r.extract(ctx, s)
			return err
		})
		if err != nil || empty {
			return s, err
		}
	}
	if selection.Has(job.StageLoad) && !r.onlyChecks {
		known, err := r.knows(ctx)
		if err != nil {
			return s, err
		}
		if err := checks.Budget(ctx, known.Files); err != nil {
			return s, err
		}
	}
	if selection.Has(job.StageTransform) {
		if err := r.timed(job.StageTransform, func() error { return r.tables(ctx, checks) }); err != nil {
			return s, err
		}
	}
	s.Made = r.transform.Made()
	if selection.Has(job.StageCheck) {
		if err := r.timed(job.StageCheck, func() error { return r.check(ctx, checks) }); err != nil {
			return s, err
		}
	}
	if !selection.Has(job.StageLoad) || r.onlyChecks {
		return s, nil
	}
	if err := r.timed(job.StageLoad, func() error { return r.load(ctx, checks, s) }); err != nil {
		return s, err
	}
	r.endCluster(ctx)
	s.Copied, err = copyCurrent(ctx, &r.job.Config, r.job.Config.KeepReleases, r.job.Log)
	return s, err
}

// tables brings the tables up to date.
func (r *run) tables(ctx context.Context, checks *check.Stage) error {
	if !r.onlyChecks {
		if err := r.computable(ctx, checks); err != nil {
			return err
		}
	}
	known, err := r.knows(ctx)
	if err != nil {
		return err
	}
	return r.transform.Run(ctx, known)
}

// check runs the quality checks.
func (r *run) check(ctx context.Context, checks *check.Stage) (err error) {
	if !r.onlyChecks {
		return checks.Failed(ctx)
	}
	if r.results, err = checks.Results(ctx); err != nil {
		return err
	}
	return check.Failed(r.results)
}

// extract brings the staged rows up to date. It tells whether there were no files,
// where that is allowed.
func (r *run) extract(ctx context.Context, s *Summary) (empty bool, err error) {
	stage := &extract.Stage{Job: r.job, Work: r.work, Meter: &r.meter, StepDone: r.stepDone}
	if r.lake != nil {
		stage.Shelf = r.lake
	}
	s.Files, r.known, err = stage.Run(ctx)
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
	if r.shard != nil { // of which others may have all that can be used
		return false, r.endStaging(ctx, s)
	}
	return false, usable(ctx, &check.Stage{Job: r.job, Work: r.work}, s.Files)
}

// download brings the input files from the object store, if they are in one.
func (r *run) download(ctx context.Context) error {
	c := &r.job.Config
	if !objects.IsURL(c.Data) || !r.job.Selection.Has(job.StageExtract) {
		return nil
	}
	from, folder, err := downloads(r.job)
	if err != nil {
		return err
	}
	if r.lake != nil { // of other shards' files nothing is needed
		leave := folder.Leave
		folder.Leave = func(key string) bool { return leave(key) || !r.lake.Mine(key) }
	}
	folder.Meter = &r.meter
	return folder.Bring(ctx, from, c.DataShown())
}

// downloads are the object store that the input files are in, and the folder that they are
// brought to.
func downloads(j *job.Job) (objects.Store, download.Folder, error) {
	c := &j.Config
	from, err := objects.Open(c.Data)
	if err != nil {
		return nil, download.Folder{}, fmt.Errorf("open %s: %w", c.DataShown(), err)
	}
	return from, download.Folder{Dir: c.DataFolder(), Log: j.Log, Leave: func(key string) bool {
		return sources.PassedOver(key, c.Ignore) || c.LakeKeys() != "" && strings.HasPrefix(key, c.LakeKeys())
	}}, nil
}

// checkSteps returns a *usage.Error for steps that do not exist, before anything
// is begun.
func (r *run) checkSteps(ctx context.Context) error {
	selection := r.job.Selection
	if len(selection.Steps) == 0 {
		return nil
	}
	if _, err := r.job.Selected(); err != nil {
		return err
	}
	if selection.Only == job.StageLoad {
		return r.job.CheckOutputs(selection.Steps)
	}
	if r.job.Config.Data == "" {
		return nil // the lake's lists say what the inputs are
	}
	_, err := extract.Inputs(ctx, r.job, nil)
	return err
}
