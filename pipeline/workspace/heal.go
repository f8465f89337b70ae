package workspace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"entrepot/pipeline/engine"

	"github.com/duckdb/duckdb-go/v2"
)

// Damaged tells whether an error means that the workspace's file is not what DuckDB
// wrote: it can't be opened, or a block of it fails its checksum. A full disk, a missing
// right and another process that holds the file are no damage.
func Damaged(err error) bool {
	var failed *duckdb.Error
	if !errors.As(err, &failed) || errors.Is(err, context.Canceled) || isHeld(err) {
		return false
	}
	switch engine.FailureOf(err) {
	case engine.DiskFull, engine.Denied, engine.OutOfMemory:
		return false
	case engine.Broken:
		return true
	}
	if errors.As(err, new(*inputError)) {
		return false
	}
	if strings.Contains(err.Error(), ".parquet") { // a file of a lake or a release
		return false
	}
	return failed.Type == duckdb.ErrorTypeIO || failed.Type == duckdb.ErrorTypeSerialization
}

// OfInputs marks an error that came while input files were read: unless it says that the
// workspace is broken, it says nothing of the workspace.
func OfInputs(err error) error {
	if err == nil {
		return nil
	}
	return &inputError{err}
}

type inputError struct{ error }

func (e *inputError) Unwrap() error { return e.error }

// isHeld tells whether another process has the file open: DuckDB has a lock of its own.
func isHeld(err error) bool { return strings.Contains(err.Error(), "Could not set lock") }

// whenFree opens the database, and waits for another program that has it open for as long
// as the options say.
func whenFree(ctx context.Context, o Options, open func() error) error {
	deadline := time.Now().Add(o.Wait)
	for {
		err := open()
		if err == nil || !isHeld(err) {
			return err
		}
		if !time.Now().Before(deadline) {
			return fmt.Errorf("another program has the workspace open: close it there, or use --wait 10m; notebooks read %s/current, never %s: %w", o.Out, Dir(o.Out), err)
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(retryEvery):
		}
	}
}

// openHealing opens the database. What a power cut left of its log is put away, and a
// file that can't be opened even so is moved aside: what they held is made again from
// the input files, and the log says so.
func (w *Workspace) openHealing(ctx context.Context, o Options) error {
	err := whenFree(ctx, o, func() error { return w.open(ctx, o) })
	if err == nil || !cantOpen(err) {
		return err
	}
	if found, failed := isThere(Database(o.Out) + ".wal"); failed != nil {
		return errors.Join(err, failed)
	} else if found {
		o.Log.Warn("the end of the workspace's log can't be read, as after a power cut; the last finished steps are repeated", "workspace", w.Dir, "error", err)
		if err := putAside(o.Out, Database(o.Out)+".wal"); err != nil {
			return err
		}
		if err = w.open(ctx, o); err == nil || !cantOpen(err) {
			return err
		}
	}
	if err := MoveAside(o, err); err != nil {
		return err
	}
	if err := noteLayout(o); err != nil {
		return err
	}
	return w.open(ctx, o)
}

// openError is that DuckDB can't open the workspace's file.
type openError struct {
	dir string
	err error
}

func (e *openError) Error() string { return fmt.Sprintf("open workspace %s: %v", e.dir, e.err) }

func (e *openError) Unwrap() error { return e.err }

// cantOpen tells whether opening failed because of what stands in the file. The driver
// passes such an error on as text.
func cantOpen(err error) bool {
	var failed *openError
	return errors.As(err, &failed) && engine.FailureOf(err) == engine.Unknown && !isHeld(err) && !errors.Is(err, context.Canceled) || Damaged(err)
}

// MoveAside moves a damaged workspace to the folder damaged beside it, in the place of
// one that was moved there before. The next Open makes a new one.
func MoveAside(o Options, why error) error {
	o.Log.Warn("the workspace is damaged; it is moved aside and made again from the input files",
		"workspace", Dir(o.Out), "moved_to", damagedDir(o.Out), "error", why)
	return putAside(o.Out, Database(o.Out), Database(o.Out)+".wal")
}

func damagedDir(out string) string { return filepath.Join(Dir(out), "damaged") }

func putAside(out string, paths ...string) error {
	if err := os.MkdirAll(damagedDir(out), 0o755); err != nil {
		return fmt.Errorf("move the damaged workspace aside: %w", err)
	}
	for _, path := range paths {
		err := os.Rename(path, filepath.Join(damagedDir(out), filepath.Base(path)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("move the damaged workspace aside: %w", err)
		}
	}
	return nil
}

func isThere(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
