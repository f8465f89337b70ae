package transform

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"entrepot/pipeline/engine"
	"entrepot/pipeline/engine/trino"
	"entrepot/pipeline/job"
	"entrepot/pipeline/phrase"
	"entrepot/pipeline/progress"
	"entrepot/pipeline/workspace"
	"entrepot/schemas/sqltext"
	"entrepot/transforms"
	"entrepot/transforms/portable"
)

// Cluster makes the tables of transforms that look through all rows on a Trino cluster, over
// the rows in a lake. The tables are made in a schema of the workspace's own, in which they
// stay until the release is published: a run that failed goes on from there. A table is made
// anew when its key is another: a hash of its SQL, in which the parameters stand, and of the
// keys of what it reads, down to the objects in force.
type Cluster struct {
	Job        *job.Job
	Work       *workspace.Workspace
	Meter      *progress.Meter
	Config     trino.Config
	RowsFolder string // of the lake, with the rows of all objects

	lock   sync.Mutex
	server *trino.Engine
	writer *portable.Writer
	notes  notes
	there  map[string]bool   // tables that the server has
	keys   map[string]string // of tables, as long as one step is made
}

// ByYear is false: the server has the rows.
func (c *Cluster) ByYear() bool { return false }

// Rows lets the cluster make the table, and fetches it.
func (c *Cluster) Rows(ctx context.Context, t transforms.Transform) (_ Rows, err error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if err := c.begin(ctx); err != nil {
		return Rows{}, err
	}
	conn, err := c.Work.DB.Conn(ctx)
	if err != nil {
		return Rows{}, fmt.Errorf("connect to the workspace: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	defer c.Meter.Update(func(now *progress.Progress) { now.Query = "" })
	s := &step{Cluster: c, conn: conn, making: t, written: map[string][]portable.Statement{}}
	return s.rows(ctx, t)
}

// begin connects to the server, the first time, and finds what it has of an earlier run.
func (c *Cluster) begin(ctx context.Context) (err error) {
	if c.there != nil {
		return nil
	}
	if err := c.open(ctx); err != nil {
		return err
	}
	if err := c.server.Begin(ctx, c.notes.Run); err != nil {
		return err
	}
	names, err := c.server.Tables(ctx)
	if err != nil {
		return err
	}
	c.there = map[string]bool{}
	for _, name := range names {
		c.there[name] = true
	}
	return nil
}

// open connects to the server.
func (c *Cluster) open(ctx context.Context) (err error) {
	if c.server != nil {
		return nil
	}
	if c.notes, err = readNotes(c.Work.Dir, c.Config); err != nil {
		return err
	}
	config := c.Config
	config.Progress = c.progress
	if c.server, err = trino.Open(ctx, config); err != nil {
		return err
	}
	c.Job.Log.Info("steps that look through all rows run on the engine", "engine", c.server.Name(), "version", c.server.Version(), "schema", trino.SchemaOf(c.notes.Run))
	return nil
}

// progress tells who watches how far the running query is.
func (c *Cluster) progress(p trino.Progress) {
	text := ""
	if p.State == "QUEUED" || p.State == "PLANNING" {
		text = fmt.Sprintf("%s: %s", p.Step, strings.ToLower(p.State))
	} else if p.Stages > 0 {
		text = fmt.Sprintf("%s: %d of %s, %s read", p.Step, p.StagesDone, phrase.Count(p.Stages, "stage"), phrase.Count(p.Rows, "row"))
	}
	c.Meter.Update(func(now *progress.Progress) { now.Query = text })
}

// End drops what the server has for the workspace, when it is needed no more.
func (c *Cluster) End(ctx context.Context) error {
	if c == nil {
		return nil
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	if begun, err := hasNotes(c.Work.Dir); err != nil || !begun {
		return err
	}
	if err := c.open(ctx); err != nil {
		return err
	}
	if err := c.server.End(ctx, c.notes.Run, false); err != nil {
		return err
	}
	c.there = nil
	return c.notes.remove()
}

// Close gives up the connection.
func (c *Cluster) Close() {
	if c != nil && c.server != nil {
		c.server.Close()
	}
}

// step makes the table of one transform.
type step struct {
	*Cluster
	conn    *sql.Conn
	making  transforms.Transform
	queries []workspace.Query
	written map[string][]portable.Statement
}

func (s *step) rows(ctx context.Context, t transforms.Transform) (Rows, error) {
	s.keys = map[string]string{}
	if err := s.prepare(ctx); err != nil {
		return Rows{}, err
	}
	statements, err := s.write(ctx, t)
	if file := s.Job.OwnFile(t.Name); err != nil && file != "" {
		return Rows{}, fmt.Errorf("%s looks through all rows, which the engine has, and its SQL can't be written for it: %w; let it read tables of sums, or use --engine duckdb", file, err)
	}
	if err != nil {
		return Rows{}, err
	}
	if err := s.see(ctx, t.Name); err != nil {
		return Rows{}, err
	}
	last := statements[len(statements)-1]
	key, err := s.key(ctx, t.Name)
	if err != nil {
		return Rows{}, err
	}
	r := Rows{Queries: s.queries}
	if len(r.Queries) == 0 { // it was there already
		r.Queries = []workspace.Query{s.notes.Tables[t.Name].Query}
	}
	if r.Bound, err = s.Job.Bind(t); err != nil {
		return Rows{}, err
	}
	none := "SELECT * FROM (" + t.SQL + "\n) LIMIT 0"
	if t.Kept {
		r.Query, r.Kept = none, &Kept{Content: workspace.Hash("kept", key), Rows: s.notes.Tables[t.Name].Query.Rows}
		return r, nil
	}
	into := filepath.Join(s.Work.Temp(), "fetched", t.Name)
	if err := os.MkdirAll(into, 0o755); err != nil {
		return Rows{}, fmt.Errorf("make a folder for what is fetched: %w", err)
	}
	r.Done = func() error { return os.RemoveAll(into) }
	files, err := s.server.Fetch(ctx, last.Table, into)
	if err != nil {
		return Rows{}, err
	}
	if len(files) == 0 {
		r.Query = none
		return r, nil
	}
	r.Query, err = s.reading(ctx, none, r.Bound, files)
	r.Bound = nil
	return r, err
}

// prepare makes the writer, or lets it see the tables that were made since.
func (s *step) prepare(ctx context.Context) (err error) {
	if s.writer != nil {
		return s.writer.Reload(ctx, s.conn)
	}
	s.writer, err = portable.NewWriter(ctx, s.conn, s.Job.Config.Base.Workspace(), portable.Options{Dialect: trino.Dialect, Lake: true})
	return err
}

// write writes the statements of a transform.
func (s *step) write(ctx context.Context, t transforms.Transform) ([]portable.Statement, error) {
	if known, found := s.written[t.Name]; found {
		return known, nil
	}
	statements, err := s.writer.Binding(s.Job.Parameters()).Write(ctx, s.conn, t)
	if err == nil {
		s.written[t.Name] = statements
	}
	return statements, err
}

// madeThere finds the statement that makes a table on the server, and its transform; nil for
// tables of the workspace.
func (s *step) madeThere(ctx context.Context, table string) (*portable.Statement, *transforms.Transform, error) {
	name, _, _ := strings.Cut(table, "__")
	of := &s.making
	if name != of.Name {
		at := slices.IndexFunc(s.Job.Tables, func(t transforms.Transform) bool { return t.Name == name && t.Rows })
		if at < 0 {
			return nil, nil, nil
		}
		of = &s.Job.Tables[at]
	}
	statements, err := s.write(ctx, *of)
	for i := range statements {
		if statements[i].Table == table {
			return &statements[i], of, nil
		}
	}
	return nil, nil, err
}

// key tells a table with these rows from any other.
func (s *step) key(ctx context.Context, table string) (string, error) {
	if key, known := s.keys[table]; known {
		return key, nil
	}
	if table == portable.LakeRows { // of which the objects in force count
		return s.RowsFolder, nil
	}
	statement, _, err := s.madeThere(ctx, table)
	if err != nil {
		return "", err
	}
	var parts []string
	if statement == nil {
		var content string
		if err := s.conn.QueryRowContext(ctx, "SELECT count(*) || ' ' || coalesce(sum(hash(r)), 0) FROM "+sqltext.Name(table)+" r").Scan(&content); err != nil {
			return "", fmt.Errorf("add up the rows of %s: %w", table, err)
		}
		parts = []string{table, content}
	} else {
		parts = []string{table, statement.Select}
		for _, read := range statement.Reads {
			key, err := s.key(ctx, read)
			if err != nil {
				return "", err
			}
			parts = append(parts, read, key)
		}
	}
	s.keys[table] = workspace.Hash(parts...)
	return s.keys[table], nil
}

// see lets the server have a table: it is there, or is made there, or is brought.
func (s *step) see(ctx context.Context, table string) error {
	key, err := s.key(ctx, table)
	if err != nil || s.there[table] && s.notes.Tables[table].Key == key {
		return err
	}
	delete(s.there, table)
	statement, of, err := s.madeThere(ctx, table)
	var q workspace.Query
	switch {
	case err != nil:
	case table == portable.LakeRows:
		columns, _ := s.writer.LakeColumns()
		err = s.server.External(ctx, table, columnsOf(append(columns, portable.Column{Name: portable.ObjectColumn, Type: "VARCHAR"})), s.RowsFolder)
	case statement == nil, table == of.Name && table != s.making.Name && !of.Kept:
		err = s.bring(ctx, table)
	default:
		q, err = s.create(ctx, *statement)
	}
	if err != nil {
		return err
	}
	s.there[table] = true
	s.notes.Tables[table] = notedTable{Key: key, Query: q}
	return s.notes.save()
}

// create makes a table on the server, and before it those that it reads.
func (s *step) create(ctx context.Context, statement portable.Statement) (workspace.Query, error) {
	for _, table := range statement.Reads {
		if err := s.see(ctx, table); err != nil {
			return workspace.Query{}, err
		}
	}
	began := time.Now()
	ran, err := s.server.Create(ctx, statement.Table, statement.Select)
	if err != nil {
		return workspace.Query{}, err
	}
	q := workspace.Query{Made: statement.Table, Engine: s.server.Name(), Version: s.server.Version(), ID: ran.ID, SQL: fmt.Sprintf("%x", sha256.Sum256([]byte(statement.Select))),
		Rows: ran.Rows, CPU: ran.CPU.Seconds(), Read: ran.Read, Peak: ran.Peak}
	s.queries = append(s.queries, q)
	s.Job.Log.Info("made a table on the engine", "table", statement.Table, "query", ran.ID, "rows", ran.Rows, "cpu", ran.CPU.Round(time.Millisecond),
		"took", time.Since(began).Round(time.Millisecond))
	return q, nil
}

// bring lets the server have a table of the workspace.
func (s *step) bring(ctx context.Context, table string) (err error) {
	columns, of := s.writer.PlainColumns(table)
	var list []string
	for i, c := range columns {
		list = append(list, of[i]+" AS "+sqltext.Name(c.Name))
	}
	file := filepath.Join(s.Work.Temp(), "brought-"+table+".parquet")
	defer func() { err = errors.Join(err, os.RemoveAll(file)) }()
	if _, err := s.conn.ExecContext(ctx, fmt.Sprintf("COPY (SELECT %s FROM %s) TO %s (FORMAT parquet)", strings.Join(list, ", "), sqltext.Name(table), sqltext.Literal(file))); err != nil {
		return fmt.Errorf("write the table %s for the engine: %w", table, err)
	}
	return s.server.Bring(ctx, table, columnsOf(columns), file)
}

func columnsOf(columns []portable.Column) (all []trino.Column) {
	for _, c := range columns {
		all = append(all, trino.Column{Name: c.Name, Type: c.Type})
	}
	return all
}

// reading is the query that reads fetched files with the types that another query's columns have.
func (s *step) reading(ctx context.Context, like string, bound []any, files []string) (string, error) {
	types, err := engine.Query(ctx, s.conn, func(rows *sql.Rows) (c portable.Column, err error) {
		var null, key, standard, extra any
		return c, rows.Scan(&c.Name, &c.Type, &null, &key, &standard, &extra)
	}, "DESCRIBE "+like, bound...)
	if err != nil {
		return "", fmt.Errorf("ask for the columns of the table: %w", err)
	}
	var list []string
	for _, c := range types {
		text := sqltext.Name(c.Name)
		if c.Type == "UBIGINT" { // see portable.PlainColumns
			text = "CAST(" + text + " AS HUGEINT) + 9223372036854775808"
		}
		list = append(list, fmt.Sprintf("CAST(%s AS %s) AS %s", text, c.Type, sqltext.Name(c.Name)))
	}
	return "SELECT " + strings.Join(list, ", ") + " FROM " + sqltext.Parquet(files...), nil
}
