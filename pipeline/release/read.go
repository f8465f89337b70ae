package release

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"entrepot/pipeline/usage"
	"entrepot/schemas"

	parquetfile "github.com/apache/arrow-go/v18/parquet/file"
)

// Tables lists the outputs of which the release has a table, with the columns that it has,
// for one of an older version lacks some. Names are of tables or figures; none are all.
// What there is not is a *usage.Error.
func (r *Release) Tables(names ...string) ([]schemas.Output, error) {
	wanted, err := r.named(names)
	if err != nil {
		return nil, err
	}
	var all []schemas.Output
	for _, o := range wanted {
		if !r.Has(o.Name) {
			if len(names) > 0 {
				return nil, usage.Errorf("release %s has no table %s: it was published by entrepot %s; a new run makes it", r.ID, o.Name, r.Manifest.Version)
			}
			continue
		}
		o = r.seen(o)
		if o.Columns, err = r.columns(o); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, nil
}

// named are the outputs of tables or figures, each once, in the order of the outputs.
func (r *Release) named(names []string) ([]schemas.Output, error) {
	if len(names) == 0 {
		return r.Catalogue(), nil
	}
	var wanted []string
	for _, name := range names {
		found := r.Catalogue().Find(name)
		if len(found) == 0 {
			return nil, r.noTable(name)
		}
		for _, o := range found {
			wanted = append(wanted, o.Name)
		}
	}
	return slices.DeleteFunc(r.Catalogue(), func(o schemas.Output) bool { return !slices.Contains(wanted, o.Name) }), nil
}

func (r *Release) noTable(name string) error {
	all := r.Catalogue()
	if nearest := all.Nearest(name); nearest != "" {
		return usage.Errorf("there is no table or figure %q; did you mean %s? There are %s", name, nearest, all.Known())
	}
	return usage.Errorf("there is no table or figure %q; there are %s", name, all.Known())
}

// columns are those of an output that the release's file has, in the order of the output.
func (r *Release) columns(o schemas.Output) (there []schemas.Column, err error) {
	err = r.openParquet(r.Paths(o.Name)[0], func(in *parquetfile.Reader) error {
		for _, c := range o.Columns {
			if in.MetaData().Schema.ColumnIndexByName(c.Name) >= 0 {
				there = append(there, c)
			}
		}
		return nil
	})
	return there, err
}

// Read gives each row of a published table, in the order of its key: for each column of
// the output nil, an int64, a float64 (never NaN or infinite), a bool or a string. The row
// is the same slice each time. Few rows are in memory at once.
func (r *Release) Read(ctx context.Context, o schemas.Output, each func(row []any) error) error {
	for _, path := range r.Paths(o.Name) {
		if err := r.readFile(ctx, o, path, each); err != nil {
			return err
		}
	}
	return nil
}

func (r *Release) readFile(ctx context.Context, o schemas.Output, path string, each func(row []any) error) error {
	return r.openParquet(path, func(in *parquetfile.Reader) error { return readRows(ctx, in, o.Columns, each) })
}

func (r *Release) openParquet(path string, use func(*parquetfile.Reader) error) error {
	if err := openParquet(path, use); err != nil {
		return fmt.Errorf("read %s of release %s: %w", filepath.Base(path), r.ID, err)
	}
	return nil
}
