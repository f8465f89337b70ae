package pipeline

import (
	"context"
	"os"
	"slices"
	"strings"

	"entrepot/pipeline/download"
	"entrepot/pipeline/extract"
	"entrepot/pipeline/objects"
	"entrepot/sources"
)

// inputs are the files that a run would read. Where they come from an object store, those
// that it would download first have a reason in ahead, by name, and those that the store
// has no more are left out.
func (p *planner) inputs(ctx context.Context) (inputs []sources.Input, ahead map[string]string, err error) {
	if !objects.IsURL(p.job.Config.Data) {
		inputs, err = extract.Inputs(ctx, p.job, p.known)
		return inputs, nil, err
	}
	stored, err := p.compareStore(ctx)
	if err != nil {
		return nil, nil, err
	}
	if _, err := os.Stat(p.job.Config.DataFolder()); err == nil {
		if inputs, err = extract.Inputs(ctx, p.job, p.known); err != nil {
			return nil, nil, err
		}
	}
	ahead = map[string]string{}
	left := inputs[:0]
	for _, in := range inputs {
		object, _, _ := strings.Cut(in.Name, "!") // a file of an archive comes and goes with it
		if slices.Contains(stored.Gone, object) {
			continue
		}
		if slices.Contains(stored.Changed, object) {
			ahead[in.Name] = "changed in the object store"
		}
		left = append(left, in)
	}
	for _, key := range stored.New {
		if steps := p.job.Selection.Steps; len(steps) == 0 || slices.Contains(steps, key) {
			ahead[key] = "new in the object store"
			left = append(left, sources.Input{Name: key})
		}
	}
	return left, ahead, nil
}

// compareStore tells how the store differs from what was downloaded. When it can't be
// asked, a warning says what the plan is of instead.
func (p *planner) compareStore(ctx context.Context) (download.Difference, error) {
	from, folder, err := downloads(p.job)
	if err != nil {
		return download.Difference{}, err
	}
	d, err := folder.Compare(ctx, from, p.job.Config.DataShown())
	if err == nil || ctx.Err() != nil {
		return d, err
	}
	if _, missing := os.Stat(p.job.Config.DataFolder()); missing != nil {
		return d, err
	}
	p.job.Log.Warn("the plan is of the input files as the last run downloaded them", "error", err)
	return download.Difference{}, nil
}
