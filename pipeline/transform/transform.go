// Package transform is the second stage: it makes the tables of package transforms that
// are not up to date.
package transform

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"entrepot/pipeline/extract"
	"entrepot/pipeline/job"
	"entrepot/pipeline/progress"
	"entrepot/pipeline/workspace"
	"entrepot/schemas/sqltext"
	"entrepot/transforms"

	"golang.org/x/sync/errgroup"
)

// Stage is the stage of one run.
type Stage struct {
	Job   *job.Job
	Work  *workspace.Workspace
	Meter *progress.Meter

	// StepDone is called when a table is made.
	StepDone func() error

	made atomic.Int64
}

// Made is the number of tables that were made anew.
func (s *Stage) Made() int64 { return s.made.Load() }

// Run makes every selected table that is stale. Transforms that do not
// need one another run at the same time; but of those that look through the staged
// rows, which DuckDB uses every core for, only one: each needs much of the memory.
//
// What is made of a table is stale when the table's rows changed, not when it was made
// anew: a change that changes no row of a table stops there.
func (s *Stage) Run(ctx context.Context) error {
	selected, err := s.Job.Selection.Transforms()
	if err != nil {
		return err
	}
	states, err := s.Work.Steps(ctx)
	if err != nil {
		return err
	}
	staged, err := extract.Staged(ctx, s.Job, s.Work)
	if err != nil {
		return err
	}
	tables := map[string]*table{}
	for _, t := range selected {
		tables[t.Name] = &table{done: make(chan struct{})}
	}
	content := func(name string) string { return tables[name].content }
	s.Meter.Update(func(p *progress.Progress) { p.Stage, p.TablesTotal = string(job.StageTransform), int64(len(selected)) })
	var scan sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	for _, t := range selected {
		group.Go(func() error {
			for _, need := range t.Needs {
				select {
				case <-tables[need].done:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			if t.Staged {
				scan.Lock()
				defer scan.Unlock()
			}
			made, err := s.makeTable(ctx, t, states[workspace.TransformStep(t.Name)], s.Job.Transform(t, staged, content))
			if err != nil {
				return fmt.Errorf("transform %s: %w", t.Name, err)
			}
			s.Meter.Update(func(p *progress.Progress) { p.Tables++ })
			tables[t.Name].content = made
			close(tables[t.Name].done)
			return nil
		})
	}
	return group.Wait()
}

// table is one that is made in this run, or found up to date. content is set when done
// is closed.
type table struct {
	done    chan struct{}
	content string
}

// makeTable runs a transform unless its table is there and up to date. It returns the
// hash of the table's rows.
func (s *Stage) makeTable(ctx context.Context, t transforms.Transform, was workspace.StepState, now workspace.Fingerprint) (content string, err error) {
	step := workspace.TransformStep(t.Name)
	if was.Fingerprint == now.Sum() && !s.Job.Selection.Force {
		return was.Content, nil
	}
	bound, err := s.Job.Bind(t)
	if err != nil {
		return "", err
	}
	started := time.Now()
	var rows int64
	err = s.Work.InTransaction(ctx, func(conn *sql.Conn) error {
		if _, err := conn.ExecContext(ctx, "CREATE OR REPLACE TABLE "+sqltext.Name(t.Name)+" AS\n"+t.SQL, bound...); err != nil {
			return err
		}
		in, err := rowsIn(ctx, conn, t)
		if err != nil {
			return err
		}
		if content, rows, err = contentOf(ctx, conn, t); err != nil {
			return err
		}
		return workspace.Finish(ctx, conn, step, now, content, in, rows, time.Since(started))
	})
	if err != nil {
		return "", err
	}
	s.Job.Log.Info("made table", "table", t.Name, "rows", rows, "took", time.Since(started).Round(time.Millisecond))
	s.made.Add(1)
	return content, s.StepDone()
}

//go:embed rows_in.sql
var rowsInSQL string

// rowsIn is the number of rows of the tables that a transform reads.
func rowsIn(ctx context.Context, conn *sql.Conn, t transforms.Transform) (rows int64, err error) {
	var steps []string
	for _, name := range t.Needs {
		steps = append(steps, workspace.TransformStep(name))
	}
	err = conn.QueryRowContext(ctx, rowsInSQL, sql.Named("steps", steps), sql.Named("staged", t.Staged)).Scan(&rows)
	return rows, err
}

// UpToDate fails when a table is not made of what it should be made of now.
func UpToDate(ctx context.Context, j *job.Job, w *workspace.Workspace) error {
	states, err := w.Steps(ctx)
	if err != nil {
		return err
	}
	staged, err := extract.Staged(ctx, j, w)
	if err != nil {
		return err
	}
	if stale := Stale(j, staged, states); len(stale) > 0 {
		return NotUpToDate(stale)
	}
	return nil
}

// Stale lists the tables that are not made of what they should be made of now.
func Stale(j *job.Job, staged job.Staged, states map[string]workspace.StepState) (stale []string) {
	content := func(name string) string { return states[workspace.TransformStep(name)].Content }
	for _, t := range transforms.All() {
		if states[workspace.TransformStep(t.Name)].Fingerprint != j.Transform(t, staged, content).Sum() {
			stale = append(stale, t.Name)
		}
	}
	return stale
}

// NotUpToDate is the error of publishing tables that are stale.
func NotUpToDate(stale []string) error {
	return fmt.Errorf("tables are not up to date: %s; run 'entrepot transform' first, or 'entrepot run'", strings.Join(stale, ", "))
}
