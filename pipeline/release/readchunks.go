package release

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"

	"entrepot/schemas"

	"github.com/apache/arrow-go/v18/parquet"
	parquetfile "github.com/apache/arrow-go/v18/parquet/file"
)

// batchRows is the number of rows that are in memory at once when a table is read.
const batchRows = 1 << 14

func openParquet(path string, use func(*parquetfile.Reader) error) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	in, err := parquetfile.NewParquetReader(file)
	if err != nil {
		return errors.Join(err, file.Close())
	}
	defer func() { err = errors.Join(err, in.Close()) }() // it closes the file, too
	return use(in)
}

// readRows gives each row of a file, in its order: of each column nil, an int64, a float64 (never NaN or infinite),
// a bool or a string. The row is the same slice each time.
func readRows(ctx context.Context, in *parquetfile.Reader, columns []schemas.Column, each func(row []any) error) error {
	row := make([]any, len(columns))
	return readBatches(ctx, in, columns, func(columns []chunkReader, rows int64) error {
		for range rows {
			for i, c := range columns {
				row[i] = c.next()
			}
			if err := each(row); err != nil {
				return err
			}
		}
		return nil
	})
}

// readBatches gives columns of a file with the next so many rows loaded.
func readBatches(ctx context.Context, in *parquetfile.Reader, columns []schemas.Column, each func(columns []chunkReader, rows int64) error) error {
	var places []int
	for _, c := range columns {
		place := in.MetaData().Schema.ColumnIndexByName(c.Name)
		if place < 0 {
			return fmt.Errorf("it has no column %s", c.Name)
		}
		places = append(places, place)
	}
	for i := range in.NumRowGroups() {
		if err := readGroup(ctx, in.RowGroup(i), places, each); err != nil {
			return err
		}
	}
	return nil
}

func readGroup(ctx context.Context, group *parquetfile.RowGroupReader, places []int, each func([]chunkReader, int64) error) (err error) {
	columns := make([]chunkReader, len(places))
	defer func() {
		for _, c := range columns {
			if c != nil {
				err = errors.Join(err, c.close())
			}
		}
	}()
	for i, place := range places {
		if columns[i], err = readerOf(group, place); err != nil {
			return err
		}
	}
	for left := group.NumRows(); left > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows := min(left, batchRows)
		for _, c := range columns {
			if err := c.load(rows); err != nil {
				return err
			}
		}
		if err := each(columns, rows); err != nil {
			return err
		}
		left -= rows
	}
	return nil
}

// chunkReader reads a column of a row group.
type chunkReader interface {
	// load reads the values of so many rows, which next gives one by one.
	load(rows int64) error
	next() any
	close() error
}

func readerOf(group *parquetfile.RowGroupReader, place int) (chunkReader, error) {
	column, err := group.Column(place)
	if err != nil {
		return nil, err
	}
	switch in := column.(type) {
	case *parquetfile.Int32ColumnChunkReader:
		return &reader[int32]{column: in, in: in, value: func(v int32) any { return int64(v) }}, nil
	case *parquetfile.Float64ColumnChunkReader:
		return &reader[float64]{column: in, in: in, value: finite}, nil
	case *parquetfile.BooleanColumnChunkReader:
		return &reader[bool]{column: in, in: in, value: func(v bool) any { return v }}, nil
	case *parquetfile.ByteArrayColumnChunkReader:
		return &reader[parquet.ByteArray]{column: in, in: in, value: func(v parquet.ByteArray) any { return string(v) }}, nil
	}
	return nil, errors.Join(fmt.Errorf("column %s: no way to read a %s", column.Descriptor().Name(), column.Type()), column.Close())
}

func finite(v float64) any {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return v
}

// reader has the values of a batch, those that are no nulls, and of a column that may have nulls which rows have one.
type reader[T any] struct {
	column parquetfile.ColumnChunkReader
	in     interface {
		ReadBatch(rows int64, values []T, definitions, repetitions []int16) (total int64, read int, err error)
	}
	value  func(T) any
	values []T
	levels []int16
	at     int // of the next row in the levels
	used   int // values
}

func (r *reader[T]) load(rows int64) error {
	if r.values == nil {
		r.values = make([]T, rows) // no batch has more rows than the first
		if r.column.Descriptor().MaxDefinitionLevel() > 0 {
			r.levels = make([]int16, rows)
		}
	}
	r.at, r.used = 0, 0
	found, _, err := r.in.ReadBatch(rows, r.values, r.levels, nil)
	if err = errors.Join(err, r.column.Err()); err != nil {
		return fmt.Errorf("column %s: %w", r.column.Descriptor().Name(), err)
	}
	if found != rows {
		return fmt.Errorf("column %s ends %d rows before the others", r.column.Descriptor().Name(), rows-found)
	}
	return nil
}

func (r *reader[T]) next() any {
	r.at++
	if r.levels != nil && r.levels[r.at-1] == 0 {
		return nil
	}
	r.used++
	return r.value(r.values[r.used-1])
}

func (r *reader[T]) close() error { return r.column.Close() }
