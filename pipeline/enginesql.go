package pipeline

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"entrepot/pipeline/config"
	"entrepot/pipeline/engine"
	"entrepot/pipeline/job"
	"entrepot/pipeline/lake"
	"entrepot/pipeline/usage"
	"entrepot/pipeline/workspace"
	"entrepot/schemas/sqltext"
	"entrepot/transforms"
	"entrepot/transforms/portable"
)

// EngineSQL is the SQL of the steps that look through all rows, as another engine runs it over
// a lake, with the parameters of the configuration. steps names some of them; none is all.
func EngineSQL(ctx context.Context, c *config.Config, dialect string, steps []string, log *slog.Logger) (_ string, err error) {
	if !slices.Contains(portable.Dialects(), dialect) {
		return "", usage.Errorf("there is no dialect %q; there are %s", dialect, strings.Join(portable.Dialects(), ", "))
	}
	j, err := job.New(c, job.Selection{}, log)
	if err != nil {
		return "", err
	}
	db, err := engine.Open(ctx, "", engine.Options{Threads: 1})
	if err != nil {
		return "", fmt.Errorf("write SQL for an engine: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return "", fmt.Errorf("write SQL for an engine: %w", err)
	}
	defer conn.Close()
	e := engineSQL{job: j, conn: conn, dialect: dialect}
	if err := e.prepare(ctx); err != nil {
		return "", fmt.Errorf("write SQL for an engine: %w", err)
	}
	if err := e.write(ctx, steps); err != nil {
		return "", err
	}
	layout, err := lake.Layout(ctx, j)
	if err != nil {
		return "", err
	}
	return e.text(layout), nil
}

// engineSQL writes the SQL of steps in a database that has the tables of a workspace and no rows.
type engineSQL struct {
	job     *job.Job
	conn    *sql.Conn
	dialect string
	writer  *portable.Writer
	steps   strings.Builder
	reads   []string // that no step makes
	made    []string
}

func (e *engineSQL) prepare(ctx context.Context) error {
	tables := e.job.Config.Base.Workspace()
	if _, err := e.conn.ExecContext(ctx, tables); err != nil {
		return err
	}
	for _, t := range e.job.Tables {
		bound, err := e.job.Bind(t)
		if err == nil {
			_, err = e.conn.ExecContext(ctx, "CREATE OR REPLACE TABLE "+sqltext.Name(t.Name)+" AS\n"+t.SQL, bound...)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
	}
	var err error
	e.writer, err = portable.NewWriter(ctx, e.conn, tables, portable.Options{Dialect: e.dialect, Bound: e.job.Parameters(), Lake: true})
	return err
}

// write writes the steps that were asked for.
func (e *engineSQL) write(ctx context.Context, steps []string) error {
	var all []string
	for _, t := range e.job.Tables {
		heavy, err := e.writer.ReadsRows(ctx, e.conn, t)
		if err != nil {
			return err
		}
		if !heavy {
			continue
		}
		all = append(all, t.Name)
		if len(steps) > 0 && !slices.Contains(steps, t.Name) {
			continue
		}
		err = e.step(ctx, t)
		if file := e.job.OwnFile(t.Name); err != nil && file != "" { // a user's, which DuckDB runs all the same
			err = fmt.Errorf("%s: %w", file, err)
			if len(steps) == 0 {
				fmt.Fprintf(&e.steps, "\n-- %s can't be written: %s\n", t.Name, strings.ReplaceAll(err.Error(), "\n", "\n-- "))
				err = nil
			}
		}
		if err != nil {
			return err
		}
	}
	for _, step := range steps {
		if !slices.Contains(all, step) {
			return usage.Errorf("%s is no step that looks through all rows; those are %s", step, strings.Join(all, ", "))
		}
	}
	return nil
}

func (e *engineSQL) step(ctx context.Context, t transforms.Transform) error {
	statements, err := e.writer.Write(ctx, e.conn, t)
	if err != nil {
		return err
	}
	for _, s := range statements {
		for _, table := range s.Reads {
			if !slices.Contains(e.made, table) && !slices.Contains(e.reads, table) {
				e.reads = append(e.reads, table)
			}
		}
		e.made = append(e.made, s.Table)
		fmt.Fprintf(&e.steps, "\n-- %s/%s.sql; reads %s\nCREATE TABLE %s AS\n%s;\n", t.Folder, t.Name, strings.Join(s.Reads, ", "), e.writer.Name(s.Table), s.Select)
	}
	return nil
}

// text is the SQL below what a reader has to know of it.
func (e *engineSQL) text(layout string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "-- Steps of entrepot %s that look through all rows, for %s, with the parameters of this\n-- configuration. docs/scale.md says more.\n--\n", job.Version, portable.Title(e.dialect))
	for _, table := range []struct{ name, what string }{
		{portable.LakeRows, "the Parquet files below staged/" + layout + "/rows in the lake, in force or not"},
		{portable.ObjectsInForce, "the table of that name of a workspace over the lake (" + workspace.Database(e.job.Config.Out) + "):\n--   which objects count, and the numbers of their files"},
	} {
		if slices.Contains(e.reads, table.name) {
			fmt.Fprintf(&b, "-- %s: %s.\n", table.name, table.what)
		}
	}
	others := slices.DeleteFunc(slices.Sorted(slices.Values(e.reads)), func(name string) bool {
		return name == portable.LakeRows || name == portable.ObjectsInForce
	})
	if len(others) > 0 {
		fmt.Fprintf(&b, "-- Tables of the workspace that have to be there, too: %s.\n", strings.Join(others, ", "))
	}
	return b.String() + e.steps.String()
}
