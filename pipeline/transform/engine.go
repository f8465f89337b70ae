package transform

import (
	"context"

	"entrepot/pipeline/job"
	"entrepot/pipeline/workspace"
	"entrepot/transforms"
)

// Engine works out the rows of tables: DuckDB in the workspace itself (embedded), or a Trino
// cluster over the rows in a lake (Cluster). Both make them of the same SQL, the file of the
// transform, and the rows are equal.
type Engine interface {
	// Rows works out the rows of a transform's table, as far as a query of the workspace does
	// not. What the transform needs is up to date.
	Rows(ctx context.Context, t transforms.Transform) (Rows, error)
	// ByYear tells whether the rows are the workspace's own, so that some years of a table can be
	// made by themselves.
	ByYear() bool
}

// Rows is where the workspace takes the rows of a table from.
type Rows struct {
	Query   string
	Bound   []any
	Queries []workspace.Query // that another engine ran for it
	Kept    *Kept             // not nil: the rows stay there, and the query gives none
	Done    func() error      // is called when the query has run; nil where there is nothing to do
}

// Kept is what is known of rows that stay with another engine.
type Kept struct {
	Content string // tells them from others
	Rows    int64
}

// embedded lets the workspace's own DuckDB do everything.
type embedded struct{ job *job.Job }

func (e embedded) Rows(_ context.Context, t transforms.Transform) (Rows, error) {
	bound, err := e.job.Bind(t)
	return Rows{Query: t.SQL, Bound: bound}, err
}

func (embedded) ByYear() bool { return true }

// engineFor is the engine that a transform runs on.
func (s *Stage) engineFor(t transforms.Transform) Engine {
	if s.Cluster != nil && t.Rows {
		return s.Cluster
	}
	return embedded{s.Job}
}
