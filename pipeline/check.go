package pipeline

import (
	"context"
	"errors"
	"log/slog"

	"entrepot/pipeline/check"
	"entrepot/pipeline/config"
	"entrepot/pipeline/job"
	"entrepot/pipeline/reference"
	"entrepot/pipeline/runlog"
	"entrepot/pipeline/transform"
	"entrepot/pipeline/workspace"
)

// Check runs the stages up to the quality checks and publishes nothing. It
// returns the results of the checks that are on, and a *check.Error when one of
// severity fail has findings.
func Check(ctx context.Context, c *config.Config, log *slog.Logger) (results []check.Result, err error) {
	r := &run{book: &runlog.Book{Out: c.Out, Log: log}}
	if r.job, err = job.New(c, job.Selection{}, log); err != nil {
		return nil, err
	}
	r.book.Now = r.job.Now
	if r.work, err = workspace.Open(ctx, workspaceOptions(r.job)); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.work.Close()) }()
	if err := reference.Load(ctx, r.job, r.work); err != nil {
		return nil, err
	}
	if _, err := r.extract(ctx, &Summary{}); err != nil {
		return nil, err
	}
	tables := &transform.Stage{Job: r.job, Work: r.work, Meter: &r.meter, StepDone: r.stepDone}
	if err := tables.Run(ctx); err != nil {
		return nil, err
	}
	if results, err = (&check.Stage{Job: r.job, Work: r.work}).Results(ctx); err != nil {
		return nil, err
	}
	return results, check.Failed(results)
}
