package pipeline

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"

	"entrepot/pipeline/config"
	"entrepot/pipeline/job"
	"entrepot/pipeline/lake"
	"entrepot/pipeline/workspace"
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

// Staged is what a staging brought to the lake.
type Staged struct {
	Lake  string
	Shard lake.Shard
	lake.Written
}

// endStaging says in the lake what the inputs of the shard are.
func (r *run) endStaging(ctx context.Context, s *Summary) error {
	if err := r.lake.WriteList(ctx); err != nil {
		return err
	}
	s.Staged = &Staged{r.lake.Shown(), r.lake.Shard, r.lake.Written()}
	r.job.Log.Info("staged", "lake", s.Staged.Lake, "shard", s.Staged.Shard, "files", len(s.Files), "written", s.Staged.Files, "bytes", s.Staged.Bytes)
	return nil
}

// lookAtLake learns which files have their rows in the lake. Those of another lake are to be
// read or attached anew.
func (p *planner) lookAtLake(ctx context.Context, w *workspace.Workspace) (err error) {
	if p.inLake, err = w.InLake(ctx); err != nil {
		return err
	}
	identity := ""
	if p.lake != nil {
		identity = p.lake.Identity()
	}
	same, err := w.UsesLake(ctx, identity)
	if err != nil || same {
		return err
	}
	for name, f := range p.known {
		if p.inLake[f.ID] != "" {
			delete(p.known, name)
		}
	}
	return nil
}

// planAttach plans the files that the lake's lists have.
func (p *planner) planAttach(ctx context.Context) error {
	inputs, err := p.lake.Listed(ctx)
	if err != nil {
		return err
	}
	listed := map[string]bool{}
	for _, in := range inputs {
		listed[in.Name] = true
		switch was, known := p.known[in.Name]; {
		case !known:
			p.add(job.StageExtract, in.Name, "run", "new in the lake")
		case p.inLake[was.ID] != in.Object:
			p.add(job.StageExtract, in.Name, "run", "changed in the lake")
		default:
			p.add(job.StageExtract, in.Name, "skip", "unchanged")
		}
	}
	for _, f := range workspace.ByName(p.known) {
		if !listed[f.Name] {
			p.add(job.StageExtract, f.Name, "remove", "the lake's lists have it no more")
		}
	}
	return nil
}
