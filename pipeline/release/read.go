package release

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"entrepot/pipeline/usage"
	"entrepot/schemas"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	parquetfile "github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// readRows is the number of rows that are in memory at once when a table is read.
const readRows = 1 << 14

// Tables lists the outputs of which the release has a table, with the columns that it has,
// for one of an older version lacks some. Names are of tables or figures; none are all.
// What there is not is a *usage.Error.
func (r *Release) Tables(names ...string) ([]schemas.Output, error) {
	wanted, err := named(names)
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
func named(names []string) ([]schemas.Output, error) {
	if len(names) == 0 {
		return schemas.Outputs(), nil
	}
	var wanted []string
	for _, name := range names {
		found := schemas.Find(name)
		if len(found) == 0 {
			return nil, noTable(name)
		}
		for _, o := range found {
			wanted = append(wanted, o.Name)
		}
	}
	return slices.DeleteFunc(schemas.Outputs(), func(o schemas.Output) bool { return !slices.Contains(wanted, o.Name) }), nil
}

func noTable(name string) error {
	if nearest := schemas.Nearest(name); nearest != "" {
		return usage.Errorf("there is no table or figure %q; did you mean %s? There are %s", name, nearest, schemas.Known())
	}
	return usage.Errorf("there is no table or figure %q; there are %s", name, schemas.Known())
}

// columns are those of an output that the release's file has, in the order of the output.
func (r *Release) columns(o schemas.Output) (there []schemas.Column, err error) {
	err = r.openParquet(r.Paths(o.Name)[0], func(in *pqarrow.FileReader) error {
		schema, err := in.Schema()
		if err != nil {
			return err
		}
		for _, c := range o.Columns {
			if schema.HasField(c.Name) {
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
	return r.openParquet(path, func(in *pqarrow.FileReader) error {
		columns, err := places(in, o)
		if err != nil {
			return err
		}
		batches, err := in.GetRecordReader(ctx, columns, nil)
		if err != nil {
			return err
		}
		defer batches.Release()
		row := make([]any, len(columns))
		for batches.Next() {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := readBatch(batches.RecordBatch(), o, row, each); err != nil {
				return err
			}
		}
		return batches.Err()
	})
}

func readBatch(batch arrow.RecordBatch, o schemas.Output, row []any, each func([]any) error) error {
	columns := make([]arrow.Array, len(o.Columns))
	for i, c := range o.Columns { // the reader gives them in the order of the file
		columns[i] = batch.Column(batch.Schema().FieldIndices(c.Name)[0])
	}
	for n := range int(batch.NumRows()) {
		for i, column := range columns {
			value, err := valueAt(column, n)
			if err != nil {
				return fmt.Errorf("column %s: %w", o.Columns[i].Name, err)
			}
			row[i] = value
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return nil
}

func valueAt(column arrow.Array, n int) (any, error) {
	if column.IsNull(n) {
		return nil, nil
	}
	switch column := column.(type) {
	case *array.Int16:
		return int64(column.Value(n)), nil
	case *array.Int32:
		return int64(column.Value(n)), nil
	case *array.Float64:
		value := column.Value(n)
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return nil, nil
		}
		return value, nil
	case *array.Boolean:
		return column.Value(n), nil
	case *array.String:
		return column.Value(n), nil
	}
	return nil, fmt.Errorf("no way to read a %s", column.DataType())
}

// places are the columns of an output in the file.
func places(in *pqarrow.FileReader, o schemas.Output) ([]int, error) {
	schema, err := in.Schema()
	if err != nil {
		return nil, err
	}
	var all []int
	for _, c := range o.Columns {
		found := schema.FieldIndices(c.Name)
		if len(found) != 1 {
			return nil, fmt.Errorf("it has no column %s", c.Name)
		}
		all = append(all, found[0])
	}
	return all, nil
}

func (r *Release) openParquet(path string, use func(*pqarrow.FileReader) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("read %s of release %s: %w", filepath.Base(path), r.ID, err)
		}
	}()
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	parquet, err := parquetfile.NewParquetReader(file)
	if err != nil {
		return errors.Join(err, file.Close())
	}
	defer func() { err = errors.Join(err, parquet.Close()) }()
	in, err := pqarrow.NewFileReader(parquet, pqarrow.ArrowReadProperties{BatchSize: readRows}, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	return use(in)
}
