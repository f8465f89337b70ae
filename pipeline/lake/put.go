package lake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"entrepot/pipeline/objects"
	"entrepot/pipeline/workspace"
	"entrepot/schemas/sqltext"

	"golang.org/x/sync/errgroup"
)

// atOnce is how many files are written or read at the same time.
const atOnce = 4

// rowGroup is how many rows a row group of an object has: enough for an engine to read it in
// one go, and no more than a thread holds in memory.
const rowGroup = 250_000

// Put brings files of which the workspace has the rows to the lake, and takes the rows out of
// the workspace when they are there.
func (l *Lake) Put(ctx context.Context, files []workspace.File) error {
	if len(files) == 0 {
		return nil
	}
	moved, writing := map[int64]string{}, map[string]bool{}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, f := range files {
		name := object(f)
		moved[f.ID] = name
		if writing[name] || l.whole(name) && !l.job.Selection.Force {
			continue
		}
		writing[name] = true
		group.Go(func() error {
			if err := l.write(groupCtx, f, name); err != nil {
				return fmt.Errorf("bring %s to the lake %s: %w", f.Name, l.Shown(), err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return l.work.MoveToLake(ctx, moved)
}

// write writes the rows of a file and then its record.
func (l *Lake) write(ctx context.Context, f workspace.File, name string) error {
	rows, err := int64(0), error(nil)
	if f.Staged > 0 {
		own, err := l.work.OwnRows(ctx, f.ID)
		if err != nil {
			return err
		}
		columns, of := l.writer.LakeColumns()
		var list []string
		for i, c := range columns {
			list = append(list, of[i]+" AS "+sqltext.Name(c.Name))
		}
		if rows, err = l.copy(ctx, rowsFolder+name+extension,
			fmt.Sprintf("SELECT %s, %s AS object FROM (%s)", strings.Join(list, ", "), sqltext.Literal(name), own)); err != nil {
			return err
		}
	}
	noted, err := l.copy(ctx, recordsFolder+record(name, f.Staged > 0)+extension, recordOf(f.ID, name))
	if err != nil {
		return err
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	if f.Staged > 0 {
		l.rows[name] = rows
	}
	l.records[name] = f.Staged > 0
	l.written.Files++
	l.written.Bytes += rows + noted
	return nil
}

// recordOf is the query of all that the workspace notes of a file beside its rows, but for what
// is of the input: COPY binds nothing.
func recordOf(file int64, object string) string {
	of := func(table string, without ...string) string {
		return fmt.Sprintf("SELECT %s AS object, %s AS of_table, * EXCLUDE (%s) FROM %s WHERE file_id = %d",
			sqltext.Literal(object), sqltext.Literal(table), sqltext.Names(append(without, "file_id")), sqltext.Name(table), file)
	}
	queries := []string{of("files", ofInput...)}
	for _, table := range workspace.FileTables() {
		queries = append(queries, of(table))
	}
	return strings.Join(queries, "\nUNION ALL BY NAME\n") + "\nORDER BY ALL"
}

// copy writes the rows of a query to an object.
func (l *Lake) copy(ctx context.Context, key, query string) (bytes int64, err error) {
	path := filepath.Join(l.work.Temp(), strings.ReplaceAll(key, "/", "-"))
	defer func() {
		if failed := os.Remove(path); !errors.Is(failed, os.ErrNotExist) {
			err = errors.Join(err, failed)
		}
	}()
	if _, err := l.work.DB.ExecContext(ctx, fmt.Sprintf("COPY (\n%s\n) TO %s (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE %d)", query, sqltext.Literal(path), rowGroup)); err != nil {
		return 0, err
	}
	o, err := objects.Write(ctx, l.store, key, path)
	return o.Bytes, err
}
