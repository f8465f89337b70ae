package trino

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"entrepot/pipeline/objects"
)

// Dialect is the name of the server's SQL.
const Dialect = "trino"

// Bring makes a table of a Parquet file of this machine, which it writes into the lake.
func (e *Engine) Bring(ctx context.Context, table string, columns []Column, file string) error {
	folder := folderOf(e.schema) + "/" + table + "-" + rand.Text()
	if err := e.lake.write(ctx, folder+"/rows.parquet", file); err != nil {
		return fmt.Errorf("bring the table %s into the lake: %w", table, err)
	}
	return e.External(ctx, table, columns, folder)
}

// Fetch has the Parquet files of a table on this machine: where they lie or, from an object
// store, below a folder.
func (e *Engine) Fetch(ctx context.Context, table, into string) (files []string, err error) {
	files, err = e.Files(ctx, table)
	if err != nil || e.lake.folder != "" {
		return files, err
	}
	for i, file := range files {
		if files[i], err = e.lake.read(ctx, file, filepath.Join(into, fmt.Sprintf("%s-%d.parquet", table, i))); err != nil {
			return nil, fmt.Errorf("fetch the table %s from the lake: %w", table, err)
		}
	}
	return files, nil
}

// write writes a file of this machine into the lake.
func (l lake) write(ctx context.Context, key, file string) error {
	if err := l.prepare(path.Dir(key)); err != nil {
		return err
	}
	_, err := objects.Write(ctx, l.store, key, file)
	return err
}

// read copies a file of the object store to this machine.
func (l lake) read(ctx context.Context, location, to string) (_ string, err error) {
	key, below := strings.CutPrefix(location, l.base+"/")
	if !below {
		return "", fmt.Errorf("%s is not below %s", location, l.base)
	}
	file, err := os.Create(to)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return to, l.store.Read(ctx, objects.Object{Key: key}, file)
}
