package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"entrepot/pipeline/durable"
	"entrepot/pipeline/engine"
	"entrepot/pipeline/objects"
	"entrepot/pipeline/usage"
	"entrepot/schemas/sqltext"

	"golang.org/x/sync/errgroup"
)

// Show lets the workspace read the rows of the objects in force. Of a lake in an object store
// they are copied to this machine: DuckDB has no reader of its own for it. Where a cluster looks
// through the rows, they stay in the store.
func (l *Lake) Show(ctx context.Context) error {
	if l.job.Config.OnCluster() && l.folder == "" {
		return l.work.ShowLake(ctx, "")
	}
	names, err := engine.Query(ctx, l.work.DB, engine.Scan[string],
		"SELECT DISTINCT object FROM objects_in_force SEMI JOIN (FROM files WHERE rows_staged > 0) f USING (file_id) ORDER BY object")
	if err != nil {
		return fmt.Errorf("list the objects in force: %w", err)
	}
	paths, err := l.copies(ctx, names)
	if err != nil || len(names) == 0 {
		return errors.Join(err, l.work.ShowLake(ctx, ""))
	}
	return l.work.ShowLake(ctx, fmt.Sprintf("SELECT %s\nFROM %s r\nJOIN objects_in_force o ON o.object = r.object",
		strings.Join(l.writer.FromLake("r", "o.file_id"), ", "), sqltext.Parquet(paths...)))
}

// Resume is Show for a run that leaves the files as they are.
func (l *Lake) Resume(ctx context.Context) error {
	same, err := l.work.UsesLake(ctx, l.Identity())
	if err != nil {
		return err
	}
	if !same {
		return usage.Errorf("the workspace has no rows of the lake %s yet: leave out --from and --only, or run 'entrepot extract' first", l.Shown())
	}
	return l.Show(ctx)
}

// copies are the files of the rows of objects on this machine. Copies of others are removed.
func (l *Lake) copies(ctx context.Context, names []string) ([]string, error) {
	if l.folder != "" {
		paths, _, err := l.local(ctx, rowsFolder, names)
		return paths, err
	}
	dir := filepath.Join(l.work.Dir, "objects")
	paths, err := l.copyTo(ctx, dir, rowsFolder, names)
	if err != nil {
		return nil, err
	}
	inForce := map[string]bool{}
	for _, path := range paths {
		inForce[path] = true
	}
	there, err := os.ReadDir(dir)
	for _, entry := range there {
		if path := filepath.Join(dir, entry.Name()); !inForce[path] {
			err = errors.Join(err, os.RemoveAll(path))
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("remove copies of objects that are not in force: %w", err)
	}
	return paths, nil
}

// local are the files of objects on this machine, which may be copies: done removes them.
func (l *Lake) local(ctx context.Context, kind string, names []string) (paths []string, done func(), err error) {
	if l.folder != "" {
		for _, name := range names {
			paths = append(paths, filepath.Join(l.folder, filepath.FromSlash(kind), name+extension))
		}
		return paths, func() {}, nil
	}
	dir, err := os.MkdirTemp(l.work.Temp(), "objects-")
	if err != nil {
		return nil, nil, fmt.Errorf("make a folder for objects of the lake: %w", err)
	}
	if paths, err = l.copyTo(ctx, dir, kind, names); err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return paths, func() { _ = os.RemoveAll(dir) }, nil // a run begins with an empty folder
}

// copyTo copies objects into a folder, unless it has them: an object never changes.
func (l *Lake) copyTo(ctx context.Context, dir, kind string, names []string) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make a folder for objects of the lake: %w", err)
	}
	paths := make([]string, len(names))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, name := range names {
		paths[i] = filepath.Join(dir, name+extension)
		group.Go(func() error {
			if _, err := os.Stat(paths[i]); err == nil {
				return nil
			}
			return durable.Write(paths[i], func(w io.Writer) error {
				return l.store.Read(groupCtx, objects.Object{Key: kind + name + extension}, w)
			})
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("copy objects of the lake %s: %w", l.Shown(), err)
	}
	return paths, nil
}
