package pipeline

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"

	"entrepot/pipeline/config"
	"entrepot/pipeline/job"
	"entrepot/pipeline/lake"
)

// openLake opens the lake that the configuration names, if it names one.
func (r *run) openLake(ctx context.Context) (err error) {
	if r.job.Config.Lake == "" {
		return nil
	}
	if r.lake, err = lake.Open(ctx, r.job, r.work); err != nil {
		return err
	}
	if r.shard != nil {
		r.lake.Shard = *r.shard
	}
	if !r.job.Selection.Has(job.StageExtract) {
		return r.lake.Resume(ctx)
	}
	return nil
}

// Stage brings what extraction makes of a shard of the input files to the lake, and says there
// what the inputs are. It works in a folder of its own below the output folder, so that shards
// may be staged side by side.
func Stage(ctx context.Context, c *config.Config, shard lake.Shard, force bool, log *slog.Logger) (*Summary, error) {
	mine := *c
	mine.Skip = append(slices.Clone(c.Skip), c.Out)
	mine.Out = StageFolder(c, shard)
	return (&run{book: newBook(&mine, log), selection: job.Selection{Only: job.StageExtract, Force: force}, shard: &shard}).noted(ctx, &mine, log)
}

// StageFolder is the folder in which the staging of a shard notes what it knows.
func StageFolder(c *config.Config, shard lake.Shard) string {
	return filepath.Join(c.Out, "staging", shard.Name())
}

// endStaging says in the lake what the inputs of the shard are.
func (r *run) endStaging(ctx context.Context) error {
	if err := r.lake.WriteList(ctx); err != nil {
		return err
	}
	r.job.Log.Info("staged", "lake", r.lake.Shown(), "shard", r.lake.Shard, "written", r.lake.Written().Files, "bytes", r.lake.Written().Bytes)
	return nil
}
