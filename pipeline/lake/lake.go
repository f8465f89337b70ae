// Package lake keeps what extraction makes of the input files in a lake: a folder or a part of
// an object store, from which other machines and other engines read it.
//
// Below staged/LAYOUT each input file has two objects, named after what its rows are made of:
// rows/OBJECT.parquet has the rows that are staged, in types that every engine has, and
// records/OBJECT.parquet all else that a workspace notes of the file. An object is written once
// and never changed, and the record comes last: what has no record is not there for readers.
// lists/K-N.json says what the inputs of a shard are, by name (list.go). The name of the layout
// covers how files are read, so that a program that reads them in another way makes others.
//
// In a workspace the rows of a file are in itself or in a lake (objects_in_force); all views
// read both.
package lake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"entrepot/pipeline/config"
	"entrepot/pipeline/engine"
	"entrepot/pipeline/job"
	"entrepot/pipeline/objects"
	"entrepot/pipeline/usage"
	"entrepot/pipeline/workspace"
	"entrepot/sources"
	"entrepot/transforms/portable"
)

// form is the number of the form of objects and records. A change of it makes all of them anew.
const form = "1"

const (
	stagedFolder  = "staged"
	rowsFolder    = "rows/"
	recordsFolder = "records/"
	listsFolder   = "lists/"
	extension     = ".parquet"
	// withoutRows stands in the names of records of files that have no rows, such as refused ones:
	// so it is known of each object from its name alone whether it is whole.
	withoutRows = ".empty"
)

// Lake is a lake, and the workspace of a run over it.
type Lake struct {
	Shard Shard // of the input files, which this run looks at

	job    *job.Job
	work   *workspace.Workspace
	log    *slog.Logger
	writer *portable.Writer
	at     string // the address of the lake
	layout string
	store  objects.Store // of the layout
	folder string        // of the layout on this machine; "" for an object store

	lock    sync.Mutex
	rows    map[string]int64 // the bytes of the objects of rows, by their names
	records map[string]bool  // whether there are rows beside a record
	written Written
}

// Written is what a run added to the lake.
type Written struct {
	Files int   // that got a record
	Bytes int64 // of all objects
}

// Open opens the lake that the configuration names, for a run that holds the workspace, or
// with nil to look at the lake alone.
func Open(ctx context.Context, j *job.Job, w *workspace.Workspace) (_ *Lake, err error) {
	l := &Lake{Shard: Whole, job: j, work: w, log: j.Log}
	if isData(&j.Config) {
		return nil, usage.Errorf("the lake %s is the data folder: give it a folder or a prefix of its own", l.Shown())
	}
	if l.writer, err = writer(ctx, j); err != nil {
		return nil, fmt.Errorf("work out the layout of the lake: %w", err)
	}
	l.layout = layout(j, l.writer)
	at, err := objects.URL(j.Config.Lake)
	if err != nil {
		return nil, fmt.Errorf("open the lake %s: %w", l.Shown(), err)
	}
	l.at = at.String()
	below := at.JoinPath(stagedFolder, l.layout)
	if l.store, err = objects.Open(below.String()); err != nil {
		return nil, fmt.Errorf("open the lake %s: %w", l.Shown(), err)
	}
	if at.Scheme == "file" {
		l.folder = filepath.FromSlash(below.Path)
	}
	return l, nil
}

// isData tells whether the lake has the place of the input files.
func isData(c *config.Config) bool {
	if objects.Shown(c.Data) == objects.Shown(c.Lake) {
		return true
	}
	one, err := os.Stat(c.DataFolder())
	other, failed := os.Stat(c.LakeFolder())
	return err == nil && failed == nil && os.SameFile(one, other)
}

func layout(j *job.Job, w *portable.Writer) string {
	columns, _ := w.LakeColumns()
	return workspace.Hash(form, fmt.Sprint(columns), j.Reader(sources.Settings{}))[:12]
}

// writer knows the columns of a workspace that nobody has filled.
func writer(ctx context.Context, j *job.Job) (_ *portable.Writer, err error) {
	db, err := engine.Open(ctx, "", engine.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, j.Config.Base.Workspace()); err != nil {
		return nil, err
	}
	return portable.NewWriter(ctx, conn, j.Config.Base.Workspace(), portable.Options{Dialect: "duckdb", Lake: true})
}

// Shown is the lake as people may see it.
func (l *Lake) Shown() string { return objects.Shown(l.job.Config.Lake) }

// Identity tells the lake and its layout from others.
func (l *Lake) Identity() string { return l.at + " " + l.layout }

// RowsFolder is the folder of the lake that has the rows of all objects, in force or not.
func (l *Lake) RowsFolder() string { return RowsFolder(l.job, l.writer) }

// RowsFolder is the same of any lake, for a writer that knows the tables of a workspace.
func RowsFolder(j *job.Job, w *portable.Writer) string {
	return path.Join(stagedFolder, layout(j, w), rowsFolder)
}

// Written is what this run added to the lake so far.
func (l *Lake) Written() Written {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.written
}

// Mine tells whether an input is of the shard.
func (l *Lake) Mine(name string) bool { return l.Shard.Has(name) }

// object is the name of the object of a file. A refusal may name the file, and what it was
// refused for need not be read to the end, so that its text is a part of what it is.
func object(f workspace.File) string {
	if f.Refusal != "" {
		return workspace.Hash("refused", f.Fingerprint, f.SHA256, f.Refusal)[:32]
	}
	return objectOf(f.Fingerprint)
}

func objectOf(fingerprint string) string { return workspace.Hash(fingerprint)[:32] }

// Has tells whether the lake has what a file of this fingerprint becomes.
func (l *Lake) Has(fingerprint string) bool {
	return l.whole(objectOf(fingerprint))
}

// Begin compares the workspace with the lake: what the lake has lost is taken out, and rows
// that the workspace has itself are brought to it.
func (l *Lake) Begin(ctx context.Context) (map[string]workspace.File, error) {
	if err := l.look(ctx); err != nil {
		return nil, err
	}
	if err := l.work.UseLake(ctx, l.Identity()); err != nil {
		return nil, err
	}
	known, err := l.work.Files(ctx)
	if err != nil {
		return nil, err
	}
	inForce, err := l.work.InLake(ctx)
	if err != nil {
		return nil, err
	}
	var lost []int64
	var own []workspace.File
	for _, f := range workspace.ByName(known) {
		object, is := inForce[f.ID]
		switch {
		case !is && l.job.Config.Data != "":
			// Others are read again. What can't be read at all has no fingerprint.
			if f.Fingerprint == "" || strings.HasSuffix(f.Fingerprint, l.job.Reader(sources.SettingsFor(l.job.Config.Files, f.Name))) {
				own = append(own, f)
			}
		case !is, !l.whole(object):
			lost = append(lost, f.ID)
			delete(known, f.Name)
			if is {
				l.log.Warn("the lake has lost the object of a file", "file", f.Name, "object", object)
			}
		}
	}
	if err := l.work.InTransaction(ctx, func(conn *sql.Conn) error { return workspace.DeleteFiles(ctx, conn, lost) }); err != nil {
		return nil, err
	}
	return known, l.Put(ctx, own)
}

// look learns what the lake has.
func (l *Lake) look(ctx context.Context) error {
	rows, records := map[string]int64{}, map[string]bool{}
	for _, folder := range []string{rowsFolder, recordsFolder} {
		found, err := l.store.List(ctx, folder)
		if err != nil {
			return fmt.Errorf("look at the lake %s: %w", l.Shown(), err)
		}
		for _, o := range found {
			name, is := strings.CutSuffix(path.Base(o.Key), extension)
			switch {
			case !is:
			case folder == rowsFolder:
				rows[name] = o.Bytes
			default:
				name, empty := strings.CutSuffix(name, withoutRows)
				records[name] = !empty
			}
		}
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	l.rows, l.records = rows, records
	return nil
}

// whole tells whether the lake has a record, and the rows that it is of.
func (l *Lake) whole(object string) bool {
	l.lock.Lock()
	defer l.lock.Unlock()
	hasRows, found := l.records[object]
	_, rows := l.rows[object]
	return found && (rows || !hasRows)
}

// record is the name of an object's record, without the extension.
func record(object string, hasRows bool) string {
	if hasRows {
		return object
	}
	return object + withoutRows
}
