package pipeline

import (
	"context"
	"errors"
	"fmt"

	"entrepot/pipeline/check"
	"entrepot/pipeline/engine/trino"
	"entrepot/pipeline/release"
	"entrepot/pipeline/transform"
	"entrepot/pipeline/usage"
	"entrepot/pipeline/workspace"
)

// cluster is where steps that look through all rows run; nil when they run here.
func (r *run) cluster() (*transform.Cluster, error) {
	c := &r.job.Config
	if !c.OnCluster() {
		return nil, nil
	}
	if r.lake == nil {
		return nil, usage.Errorf("an engine needs a lake, which it and entrepot both see: set --lake to a folder or to s3://bucket/prefix, or use --engine duckdb")
	}
	return &transform.Cluster{Job: r.job, Work: r.work, Meter: &r.meter, RowsFolder: r.lake.RowsFolder(),
		Config: trino.Config{URL: c.Engine, Lake: c.Lake, Timeout: c.EngineTimeout, Retries: c.EngineRetries}}, nil
}

// computable fails when the rows have nothing that measures are made of. On a cluster, which has
// the rows, it asks only where a table is stale.
func (r *run) computable(ctx context.Context, checks *check.Stage) error {
	if r.transform.Cluster == nil {
		return checks.Computable(ctx)
	}
	known, err := r.knows(ctx)
	if err != nil {
		return err
	}
	if err := transform.UpToDate(ctx, r.job, r.work, known); err == nil && !r.job.Selection.Force {
		return nil
	}
	kinds, err := r.transform.Cluster.Rows(ctx, check.RowKinds)
	if err != nil {
		return fmt.Errorf("look for rows that measures are made of: %w", err)
	}
	on := *checks
	on.Kinds = kinds.Query
	return errors.Join(on.Computable(ctx), kinds.Done())
}

// endCluster drops what the cluster has for this workspace, now that the release is published.
// That it can't is no reason to fail: the next run tries again.
func (r *run) endCluster(ctx context.Context) {
	if err := r.transform.Cluster.End(ctx); err != nil {
		r.job.Log.Warn("the engine keeps the tables of the run; the next one that publishes drops them", "error", err)
	}
}

// enginesOf is what another engine did for the tables as they are; nil when it did nothing.
func (r *run) enginesOf(ctx context.Context) (*release.EngineEntry, error) {
	all, err := r.work.Queries(ctx)
	if err != nil {
		return nil, err
	}
	var entry *release.EngineEntry
	seen := map[string]bool{} // two steps may need the same
	for _, t := range r.job.Tables {
		for _, q := range all[workspace.TransformStep(t.Name)] {
			if entry == nil {
				entry = &release.EngineEntry{Name: q.Engine, Version: q.Version}
			}
			if !seen[q.ID] {
				entry.Queries = append(entry.Queries, release.QueryEntry{Table: q.Made, ID: q.ID, SQL: q.SQL})
			}
			seen[q.ID] = true
		}
	}
	return entry, nil
}
