package release

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"entrepot/pipeline/durable"
	"entrepot/pipeline/engine"
	"entrepot/pipeline/release/store"
	"entrepot/schemas"
	"entrepot/schemas/sqltext"

	"golang.org/x/sync/errgroup"
)

// Draft is a release that is to be written. Manifest says all of it but the files,
// which are made of the tables of the database.
type Draft struct {
	Manifest Manifest
	Outputs  []schemas.Output // the tables that are published
	DB       *sql.DB
	Names    *schemas.Naming
}

// Write publishes a draft under its id in an output folder: every table as Parquet,
// read back and checked, a description for Frictionless' tools, and the manifest. It
// does not switch current.
func Write(ctx context.Context, out string, d Draft) error {
	id := d.Manifest.Release
	err := store.Folder{Out: out}.Add(id, func(dir string) error { return d.fill(ctx, dir) })
	if err != nil {
		return fmt.Errorf("write release %s: %w", id, err)
	}
	return nil
}

func (d Draft) fill(ctx context.Context, dir string) error {
	files := make([][]FileEntry, len(d.Outputs))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, o := range d.Outputs {
		group.Go(func() (err error) {
			if files[i], err = d.writeOutput(groupCtx, o, dir); err != nil {
				return fmt.Errorf("%s.parquet: %w", o.Name, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return d.describe(ctx, dir, slices.Concat(files...))
}

// describe writes what stands beside the tables: the description for Frictionless'
// tools, how to cite the release, and last the manifest.
func (d Draft) describe(ctx context.Context, dir string, files []FileEntry) error {
	described, err := d.writePackage(ctx, dir, files)
	if err != nil {
		return fmt.Errorf("%s: %w", PackageName, err)
	}
	cited, err := d.writeCitation(ctx, dir)
	if err != nil {
		return fmt.Errorf("%s: %w", CitationName, err)
	}
	m := d.Manifest
	m.Files = append(slices.Clone(files), described, cited)
	return writeJSON(filepath.Join(dir, manifestName), m)
}

func writeJSON(path string, what any) error {
	text, err := json.MarshalIndent(what, "", "  ")
	if err != nil {
		return fmt.Errorf("describe the release: %w", err)
	}
	return durable.WriteFile(path, append(text, '\n'))
}

// Redescribe replaces what stands beside the tables of a published release. The tables,
// and when and where the release was made, stay. Killed in the middle, it leaves a
// release with descriptions that are not those of its manifest, which is written last:
// nobody takes it for whole, and the next run writes it anew.
func (r *Release) Redescribe(ctx context.Context, d Draft) error {
	var tables []FileEntry
	for _, f := range r.Manifest.Files {
		if !f.describes() {
			tables = append(tables, f)
		}
	}
	d.Manifest.Run = r.Manifest.Run
	if err := d.describe(ctx, r.Dir, tables); err != nil {
		return fmt.Errorf("bring the manifest of release %s up to date: %w", r.ID, err)
	}
	return nil
}

// writeOutput writes a table: into one file or, where it is partitioned, into one for each
// value of its first column, in a folder of its own.
func (d Draft) writeOutput(ctx context.Context, o schemas.Output, dir string) ([]FileEntry, error) {
	if o.Partition == "" {
		entry, err := d.writeFile(ctx, o, dir, fileOf(o.Name), "true")
		return []FileEntry{entry}, err
	}
	parts, err := engine.Query(ctx, d.DB, engine.Scan[int64], fmt.Sprintf("SELECT DISTINCT %s::BIGINT FROM %s ORDER BY 1", sqltext.Name(o.Partition), sqltext.Name(o.Name)))
	if err != nil {
		return nil, fmt.Errorf("list the parts of %s: %w", o.Name, err)
	}
	if err := os.Mkdir(filepath.Join(dir, o.Name), 0o755); err != nil {
		return nil, err
	}
	var all []FileEntry
	for _, part := range parts {
		entry, err := d.writeFile(ctx, o, dir, fmt.Sprintf("%s/%d.parquet", o.Name, part), fmt.Sprintf("%s = %d", sqltext.Name(o.Partition), part))
		if err != nil {
			return nil, err
		}
		all = append(all, entry)
	}
	return all, durable.SyncDir(filepath.Join(dir, o.Name))
}

// writeFile writes the rows of a table for which a condition holds.
func (d Draft) writeFile(ctx context.Context, o schemas.Output, dir, name, where string) (FileEntry, error) {
	path := filepath.Join(dir, filepath.FromSlash(name))
	rows, err := d.writeParquet(ctx, o, where, path)
	if err != nil {
		return FileEntry{}, err
	}
	if err := checkParquet(ctx, o, path, rows); err != nil {
		return FileEntry{}, fmt.Errorf("read back: %w", err)
	}
	entry, err := fileEntry(ctx, path, rows)
	entry.Name = name
	return entry, err
}

// fileOf is the file of a table that is not partitioned.
func fileOf(table string) string { return table + ".parquet" }

func fileEntry(ctx context.Context, path string, rows int64) (FileEntry, error) {
	info, err := os.Stat(path)
	if err != nil {
		return FileEntry{}, err
	}
	sum, err := SHA256(ctx, path)
	return FileEntry{Name: filepath.Base(path), Rows: rows, Bytes: info.Size(), SHA256: sum}, err
}
