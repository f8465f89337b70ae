// Package transform is the second stage: it makes the tables of package transforms that
// are not up to date.
package transform

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
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

	// Cluster makes the tables of what looks through all rows; nil when the workspace's own
	// DuckDB makes all.
	Cluster *Cluster

	// StepDone is called when a table is made.
	StepDone func() error

	made      atomic.Int64
	haveYears sync.Map                     // by name of a table: whether it has years
	queries   map[string][]workspace.Query // that other engines ran, as they were noted when the stage began
	first     firstStates
}

// Made is the number of tables that were made anew.
func (s *Stage) Made() int64 { return s.made.Load() }

// fewRows is up to how many staged rows a query has one thread, from here to the end of
// the run: tables are made side by side, and of so few rows a second thread costs a fifth
// more of the processors than it saves.
const fewRows = 500_000

// Run makes every selected table that is stale. Transforms that do not
// need one another run at the same time; but of those that look through the staged
// rows, which DuckDB uses every core for, only one: each needs much of the memory.
//
// What is made of a table is stale when the table's rows changed, not when it was made
// anew: a change that changes no row of a table stops there.
func (s *Stage) Run(ctx context.Context, known *extract.Known) error {
	selected, err := s.Job.Selected()
	if err != nil {
		return err
	}
	states, err := s.Work.Steps(ctx)
	if err != nil {
		return err
	}
	if s.queries, err = s.Work.Queries(ctx); err != nil {
		return err
	}
	staged, stagedRows := known.Staged(), workspace.StagedRows(known.Files)
	tables := map[string]*table{}
	for _, t := range selected {
		tables[t.Name] = &table{done: make(chan struct{})}
	}
	content := func(name string) string { return tables[name].content }
	rowsIn := func(t transforms.Transform) (rows int64) {
		if t.Staged {
			rows = stagedRows
		}
		for _, need := range t.Needs {
			rows += tables[need].rows
		}
		return rows
	}
	if stagedRows <= fewRows {
		if err := s.Work.OneThread(ctx); err != nil {
			return err
		}
	}
	s.Meter.Update(func(p *progress.Progress) { p.Stage, p.TablesTotal = string(job.StageTransform), int64(len(selected)) })
	var scan sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	years := s.byYear(ctx, known.Files, tables)
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
			made, err := s.makeTable(ctx, t, states[workspace.TransformStep(t.Name)], s.Job.Transform(t, staged, content), years, rowsIn(t))
			if err != nil {
				return fmt.Errorf("transform %s: %w", t.Name, err)
			}
			s.Meter.Update(func(p *progress.Progress) { p.Tables++ })
			tables[t.Name].made = made
			close(tables[t.Name].done)
			return nil
		})
	}
	return errors.Join(group.Wait(), s.first.note(context.WithoutCancel(ctx), s.Work))
}

// table is one that is made in this run, or found up to date. What was made is set when
// done is closed.
type table struct {
	done chan struct{}
	made
}

type made struct {
	content string // a hash of the rows
	years   workspace.Years
	rows    int64
}

// makeTable runs a transform unless its table is there and up to date. in is the number of
// rows of what it reads. Where only some years of a table are stale, only these are made.
func (s *Stage) makeTable(ctx context.Context, t transforms.Transform, was workspace.StepState, now workspace.Fingerprint, by *yearly, in int64) (m made, err error) {
	if was.Fingerprint == now.Sum() && !s.Job.Selection.Force {
		return made{was.Content, was.Years, was.RowsOut}, nil
	}
	started := time.Now()
	step := workspace.TransformStep(t.Name)
	var of map[int]string // what each year is made of
	var years []int
	some := false
	engine := s.engineFor(t)
	if t.ByYear && engine.ByYear() {
		if of, err = by.of(t, now); err != nil {
			return made{}, err
		}
		years, some = stale(was.Years, of)
		some = some && !s.Job.Selection.Force && job.SameForAllYears(was.Parts, now)
	}
	var rows Rows
	if !some || len(years) > 0 {
		if rows, err = engine.Rows(ctx, t); err != nil {
			return made{}, err
		}
	}
	var state workspace.StepState
	isFirst := was.Name == "" && len(rows.Queries)+len(s.queries[step]) == 0
	err = s.Work.InTransaction(ctx, func(conn *sql.Conn) error {
		switch {
		case !some:
			m, err = s.make(ctx, conn, t, rows)
		case len(years) > 0:
			m, err = s.remake(ctx, conn, t, was.Years, years, rows.Bound)
		default: // what changed is of no year of it
			m = made{was.Content, maps.Clone(was.Years), was.RowsOut}
		}
		if err != nil {
			return err
		}
		noteOf(m.years, of)
		state = workspace.StepState{Content: m.content, Years: m.years, RowsIn: in, RowsOut: m.rows, Seconds: time.Since(started).Seconds()}
		if isFirst {
			return nil
		}
		if err := workspace.Finish(ctx, conn, step, now, state); err != nil || len(rows.Queries)+len(s.queries[step]) == 0 {
			return err
		}
		return workspace.NoteQueries(ctx, conn, step, rows.Queries)
	})
	if rows.Done != nil {
		err = errors.Join(err, rows.Done())
	}
	if err == nil && isFirst {
		state.Name, state.Parts, state.Finished = step, now, time.Now()
		err = s.first.add(ctx, s.Work, state)
	}
	if err != nil {
		return made{}, err
	}
	if some && len(years) == 0 {
		return m, s.StepDone()
	}
	about := []any{"table", t.Name, "rows", m.rows, "took", time.Since(started).Round(time.Millisecond)}
	if some {
		about = append(about, "years_made", len(years), "years", len(m.years))
	}
	s.Job.Log.Info("made table", about...)
	s.made.Add(1)
	return m, s.StepDone()
}

// make makes a whole table.
func (s *Stage) make(ctx context.Context, conn *sql.Conn, t transforms.Transform, rows Rows) (made, error) {
	if _, err := conn.ExecContext(ctx, "CREATE OR REPLACE TABLE "+sqltext.Name(t.Name)+" AS\n"+rows.Query, rows.Bound...); err != nil {
		return made{}, s.inFile(t, err)
	}
	if err := s.sound(ctx, conn, t); err != nil {
		return made{}, err
	}
	if rows.Kept != nil {
		return made{content: rows.Kept.Content, rows: rows.Kept.Rows}, nil
	}
	years, all, err := contentOf(ctx, conn, s.Job.Catalogue, t, nil)
	return made{all.content(), years, all.rows}, s.inFile(t, err)
}

// UpToDate fails when a table is not made of what it should be made of now.
func UpToDate(ctx context.Context, j *job.Job, w *workspace.Workspace, known *extract.Known) error {
	states, err := w.Steps(ctx)
	if err != nil {
		return err
	}
	if stale := Stale(j, known.Staged(), states); len(stale) > 0 {
		return NotUpToDate(stale)
	}
	return nil
}

// Stale lists the tables that are not made of what they should be made of now.
func Stale(j *job.Job, staged job.Staged, states map[string]workspace.StepState) (stale []string) {
	content := func(name string) string { return states[workspace.TransformStep(name)].Content }
	for _, t := range j.Tables {
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
