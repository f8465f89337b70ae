// Package workspace keeps the folder out/work: the DuckDB file that holds the staged
// rows, the tables made of them and the state of every step, and room for temporary
// files. One run at a time holds it (lock.go).
//
// What a step makes and the fingerprint of what it was made from commit in one
// transaction (steps.go), so a run that is killed goes on from the last finished step.
package workspace

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"entrepot/pipeline/durable"
	"entrepot/pipeline/engine"
	"entrepot/pipeline/usage"
)

// Workspace is an open workspace.
type Workspace struct {
	DB  *sql.DB
	Dir string // out/work

	lock *lock
}

// Options say how a workspace is opened.
type Options struct {
	Out         string        // the output folder
	Tables      string        // the SQL that makes the tables
	Wait        time.Duration // for another run's lock, and for another program's on the database
	MemoryLimit string
	Threads     int
	Log         *slog.Logger // is told of a workspace that is replaced
	Holds       func()       // is called once the lock is held, if there is one to call
	Lake        bool         // the run says itself which rows are in a lake; what was shown of one before need not be there
}

// Dir is the workspace's folder in an output folder.
func Dir(out string) string { return filepath.Join(out, "work") }

// Database is the DuckDB file of the workspace of an output folder.
func Database(out string) string { return filepath.Join(Dir(out), "entrepot.duckdb") }

func layoutFile(out string) string { return filepath.Join(Dir(out), "layout") }

// Exists tells whether an output folder has a workspace.
func Exists(out string) (bool, error) {
	_, err := os.Stat(Database(out))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for a workspace: %w", err)
	}
	return true, nil
}

// Usable tells whether an output folder has a workspace that a run would go on with.
func Usable(o Options) (bool, error) {
	found, err := Exists(o.Out)
	return found && !otherLayout(o), err
}

// Open locks and opens the workspace of an output folder for a run, and makes it if
// it is not there. One of another version's layout, or one that can't be opened, is
// replaced, and the log says so: all that it held is made again from the input files.
func Open(ctx context.Context, o Options) (_ *Workspace, err error) {
	w := &Workspace{Dir: Dir(o.Out)}
	if err := os.MkdirAll(w.Temp(), 0o755); err != nil {
		return nil, fmt.Errorf("make workspace: %w", err)
	}
	if w.lock, err = acquire(ctx, o.Out, o.Wait); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	if o.Holds != nil {
		o.Holds()
	}
	// What a killed run left behind.
	if err := os.RemoveAll(w.Temp()); err != nil {
		return nil, fmt.Errorf("clear workspace: %w", err)
	}
	if err := os.MkdirAll(w.Temp(), 0o755); err != nil {
		return nil, fmt.Errorf("make workspace: %w", err)
	}
	if err := replaceOtherLayout(o); err != nil {
		return nil, err
	}
	if err := w.openHealing(ctx, o); err != nil {
		return nil, err
	}
	if o.Lake {
		return w, w.ShowLake(ctx, "")
	}
	return w, w.KeepTables(ctx)
}

func (w *Workspace) open(ctx context.Context, o Options) (err error) {
	w.DB, err = engine.Open(ctx, Database(o.Out), engine.Options{Temp: w.Temp(), MemoryLimit: o.MemoryLimit, Threads: o.Threads})
	if err != nil {
		return &openError{w.Dir, err}
	}
	// To look for the best compression of text takes longer than to write it.
	if _, err := w.DB.ExecContext(ctx, "SET disabled_compression_methods = 'fsst,zstd,dict_fsst'"); err != nil {
		return fmt.Errorf("set up workspace %s: %w", w.Dir, err)
	}
	if err := w.makeTables(ctx, o.Tables); err != nil {
		return errors.Join(fmt.Errorf("set up workspace %s: %w", w.Dir, err), w.closeDB())
	}
	return nil
}

// Look opens the workspace of an earlier run to read it, and changes nothing; others may look at the same time. That it
// is not there, or has another version's layout, is a *usage.Error that says how to
// make it.
func Look(ctx context.Context, o Options) (_ *Workspace, err error) {
	found, err := Exists(o.Out)
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nil, usage.Errorf("%s has no workspace: 'entrepot run' makes it", o.Out)
	case otherLayout(o):
		return nil, usage.Errorf("the workspace of %s was made by another version of entrepot: 'entrepot run' replaces it", o.Out)
	}
	w := &Workspace{Dir: Dir(o.Out)}
	if w.lock, err = acquireToLook(ctx, o.Out, o.Wait); err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp("", "entrepot-look-")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open workspace %s: %w", w.Dir, err), w.Close())
	}
	err = whenFree(ctx, o, func() error {
		w.DB, err = engine.Open(ctx, Database(o.Out), engine.Options{ReadOnly: true, Temp: temp, MemoryLimit: o.MemoryLimit, Threads: o.Threads})
		return err
	})
	if err != nil {
		err = error(&openError{w.Dir, err})
		if cantOpen(err) && !Damaged(err) { // of which the command itself says what to do
			err = fmt.Errorf("%w; 'entrepot run' makes it again from the input files", err)
		}
		return nil, errors.Join(err, w.Close(), os.RemoveAll(temp))
	}
	return w, os.RemoveAll(temp) // DuckDB makes it again if it has to spill
}

// makeTables makes the tables and views of a new workspace, all or none. One that is
// there has them: a workspace of another layout was replaced.
func (w *Workspace) makeTables(ctx context.Context, tables string) error {
	var made bool
	if err := w.DB.QueryRowContext(ctx, "SELECT EXISTS (FROM duckdb_tables() WHERE table_name = 'files')").Scan(&made); err != nil || made {
		return err
	}
	return w.InTransaction(ctx, func(conn *sql.Conn) error {
		_, err := conn.ExecContext(ctx, tables)
		return err
	})
}

// Layout identifies the tables of a workspace, by the SQL that makes them, and the
// DuckDB that wrote them, whose hashes of rows another version need not make.
func Layout(tables string) string { return Hash(tables, engine.Version()) }

func otherLayout(o Options) bool {
	made, err := os.ReadFile(layoutFile(o.Out))
	return err != nil || string(made) != Layout(o.Tables)
}

// replaceOtherLayout removes a workspace that another version made with other tables.
func replaceOtherLayout(o Options) error {
	if !otherLayout(o) {
		return nil
	}
	if found, err := Exists(o.Out); err != nil {
		return err
	} else if found {
		o.Log.Warn("the workspace was made by another version of entrepot; it is made anew from the input files", "workspace", Dir(o.Out))
	}
	for _, name := range []string{Database(o.Out), Database(o.Out) + ".wal"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the workspace of another version: %w", err)
		}
	}
	return noteLayout(o)
}

func noteLayout(o Options) error {
	if err := durable.WriteFile(layoutFile(o.Out), []byte(Layout(o.Tables))); err != nil {
		return fmt.Errorf("note the layout of the workspace: %w", err)
	}
	return nil
}

// OneThread lets each query have one thread from here on.
func (w *Workspace) OneThread(ctx context.Context) error {
	if _, err := w.DB.ExecContext(ctx, "SET threads = 1"); err != nil {
		return fmt.Errorf("set up workspace %s: %w", w.Dir, err)
	}
	return nil
}

// Temp is a folder for what is needed during a run only.
func (w *Workspace) Temp() string { return filepath.Join(w.Dir, "temp") }

// Close closes the database and releases the lock.
func (w *Workspace) Close() error {
	return errors.Join(w.closeDB(), w.lock.release())
}

func (w *Workspace) closeDB() error {
	if w.DB == nil {
		return nil
	}
	db := w.DB
	w.DB = nil
	return db.Close()
}
