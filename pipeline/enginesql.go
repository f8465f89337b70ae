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
// a lake, with the parameters of the configuration.
type EngineSQL struct {
	Dialect    string            `json:"dialect"`
	Rows       string            `json:"rows"`    // the folder of the lake whose files are the table lake_rows
	Objects    string            `json:"objects"` // the DuckDB file with the table objects_in_force, once a run over the lake has made it
	Reads      []string          `json:"reads"`   // tables of the workspace that have to be there, too
	Statements []EngineStatement `json:"statements"`
}

// EngineStatement makes one table, which later ones may read.
type EngineStatement struct {
	Step   string   `json:"step"`  // that it is a part of
	Table  string   `json:"table"` // that it makes
	Reads  []string `json:"reads"`
	SQL    string   `json:"sql"`    // "" for a measure of the user's that can't be written
	Reason string   `json:"reason"` // why not
	file   string   // of the step
	create string
}

// SQLForEngine writes the SQL for an engine. steps names some of the steps; none is all.
func SQLForEngine(ctx context.Context, c *config.Config, dialect string, steps []string, log *slog.Logger) (_ *EngineSQL, err error) {
	if !slices.Contains(portable.Dialects(), dialect) {
		return nil, usage.Errorf("there is no dialect %q; there are %s", dialect, strings.Join(portable.Dialects(), ", "))
	}
	j, err := job.New(c, job.Selection{}, log)
	if err != nil {
		return nil, err
	}
	db, err := engine.Open(ctx, "", engine.Options{Threads: 1})
	if err != nil {
		return nil, fmt.Errorf("write SQL for an engine: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("write SQL for an engine: %w", err)
	}
	defer conn.Close()
	e := engineWriter{job: j, conn: conn, dialect: dialect}
	if err := e.prepare(ctx); err != nil {
		return nil, fmt.Errorf("write SQL for an engine: %w", err)
	}
	if err := e.write(ctx, steps); err != nil {
		return nil, err
	}
	e.sql.Dialect, e.sql.Rows, e.sql.Objects = dialect, lake.RowsFolder(j, e.writer), workspace.Database(c.Out)
	slices.Sort(e.sql.Reads)
	return &e.sql, nil
}

// engineWriter writes the SQL of steps in a database that has the tables of a workspace and no rows.
type engineWriter struct {
	job     *job.Job
	conn    *sql.Conn
	dialect string
	writer  *portable.Writer
	sql     EngineSQL
	made    []string // tables
}

func (e *engineWriter) prepare(ctx context.Context) error {
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
func (e *engineWriter) write(ctx context.Context, steps []string) error {
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
				e.sql.Statements = append(e.sql.Statements, EngineStatement{Step: t.Name, Table: t.Name, Reason: err.Error(), file: file})
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

func (e *engineWriter) step(ctx context.Context, t transforms.Transform) error {
	statements, err := e.writer.Write(ctx, e.conn, t)
	if err != nil {
		return err
	}
	for _, s := range statements {
		for _, table := range s.Reads {
			if of := []string{portable.LakeRows, portable.ObjectsInForce}; !slices.Contains(append(append(of, e.made...), e.sql.Reads...), table) {
				e.sql.Reads = append(e.sql.Reads, table)
			}
		}
		e.made = append(e.made, s.Table)
		e.sql.Statements = append(e.sql.Statements, EngineStatement{Step: t.Name, Table: s.Table, Reads: s.Reads, SQL: s.Select,
			file: t.Folder + "/" + t.Name + ".sql", create: "CREATE TABLE " + e.writer.Name(s.Table) + " AS\n" + s.Select + ";\n"})
	}
	return nil
}

// Text is the SQL below what a reader has to know of it.
func (e *EngineSQL) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "-- Steps of entrepot %s that look through all rows, for %s, with the parameters of this\n-- configuration. docs/scale.md says more.\n--\n", job.Version, portable.Title(e.Dialect))
	fmt.Fprintf(&b, "-- %s: the Parquet files below %s in the lake, in force or not.\n", portable.LakeRows, e.Rows)
	fmt.Fprintf(&b, "-- %s: the table of that name in the workspace of a run over the lake (%s):\n--   which objects count, and the numbers of their files.\n", portable.ObjectsInForce, e.Objects)
	if len(e.Reads) > 0 {
		fmt.Fprintf(&b, "-- Tables of that workspace that have to be there, too: %s.\n", strings.Join(e.Reads, ", "))
	}
	for _, s := range e.Statements {
		if s.SQL == "" {
			fmt.Fprintf(&b, "\n-- %s can't be written: %s\n", s.Step, strings.ReplaceAll(s.Reason, "\n", "\n-- "))
			continue
		}
		fmt.Fprintf(&b, "\n-- %s; reads %s\n%s", s.file, strings.Join(s.Reads, ", "), s.create)
	}
	return b.String()
}
