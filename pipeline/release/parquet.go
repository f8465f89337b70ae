package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"entrepot/schemas"
	"entrepot/schemas/sqltext"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	parquetfile "github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// arrowSchema is an output's schema: fields with their description and unit, and
// a footer that says what the file is and what it was made with.
func arrowSchema(o schemas.Output, footer map[string]string) (*arrow.Schema, error) {
	var fields []arrow.Field
	for _, c := range o.Columns {
		kind, err := arrowType(c.Type)
		if err != nil {
			return nil, fmt.Errorf("column %s of %s: %w", c.Name, o.Name, err)
		}
		meta := map[string]string{"description": c.Description}
		if c.Unit != "" {
			meta["unit"] = c.Unit
		}
		fields = append(fields, arrow.Field{Name: c.Name, Type: kind, Nullable: c.Nullable, Metadata: arrow.MetadataFrom(meta)})
	}
	meta := arrow.MetadataFrom(footer)
	return arrow.NewSchema(fields, &meta), nil
}

func arrowType(t schemas.Type) (arrow.DataType, error) {
	switch t {
	case schemas.SmallInt:
		return arrow.PrimitiveTypes.Int16, nil
	case schemas.Integer:
		return arrow.PrimitiveTypes.Int32, nil
	case schemas.Double:
		return arrow.PrimitiveTypes.Float64, nil
	case schemas.Boolean:
		return arrow.FixedWidthTypes.Boolean, nil
	case schemas.Text:
		return arrow.BinaryTypes.String, nil
	}
	return nil, fmt.Errorf("no Arrow type for %q", t)
}

// footer is what every published file says of itself. It holds no time, no
// machine and no path, so that the same run gives the same bytes.
func (d Draft) footer(o schemas.Output) (map[string]string, error) {
	parameters, err := json.Marshal(d.Manifest.Parameters)
	if err != nil {
		return nil, fmt.Errorf("describe parameters: %w", err)
	}
	return map[string]string{
		"title":               o.Title,
		"description":         o.Description,
		"figure":              o.Figure,
		"entrepot.version":    d.Manifest.Version,
		"entrepot.run":        d.Manifest.Release,
		"entrepot.parameters": string(parameters),
	}, nil
}

// writeParquet writes the rows of an output's table for which a condition holds, sorted by its key, and returns the
// number of rows. The file is complete on disk when it returns.
func (d Draft) writeParquet(ctx context.Context, o schemas.Output, where, path string) (rows int64, err error) {
	footer, err := d.footer(o)
	if err != nil {
		return 0, err
	}
	schema, err := arrowSchema(o, footer)
	if err != nil {
		return 0, err
	}
	out, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	properties := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd), parquet.WithStats(true),
		parquet.WithCreatedBy("entrepot "+d.Manifest.Version))
	// The writer closes what it writes to, and the file must be synced first.
	writer, err := pqarrow.NewFileWriter(schema, struct{ *notClosing }{&notClosing{out}}, properties,
		pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		return 0, err
	}
	rows, err = d.records(ctx, o, where, schema, writer.Write)
	if err != nil {
		return 0, errors.Join(fmt.Errorf("read table %s: %w", o.Name, err), writer.Close())
	}
	return rows, errors.Join(writer.Close(), out.Sync())
}

// recordRows is the number of rows that are in memory at once; each batch
// becomes a row group.
const recordRows = 1 << 17

type notClosing struct{ *os.File }

func (notClosing) Close() error { return nil }

// records reads such rows in the order of its key, in batches. An empty
// table is one empty batch.
func (d Draft) records(ctx context.Context, o schemas.Output, where string, schema *arrow.Schema, write func(arrow.RecordBatch) error) (int64, error) {
	computed := o.Computed()
	var columns []string
	for _, c := range computed {
		columns = append(columns, fmt.Sprintf("CAST(%s AS %s)", sqltext.Name(c.Name), c.Type))
	}
	rows, err := d.DB.QueryContext(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %s", strings.Join(columns, ", "), sqltext.Name(o.Name), where, sqltext.Names(o.SortBy)))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	flush := func() error {
		record := builder.NewRecordBatch()
		defer record.Release()
		return write(record)
	}
	values := make([]any, len(computed))
	targets := make([]any, len(computed))
	for i := range values {
		targets[i] = &values[i]
	}
	cells := d.cells(o, computed)
	total := int64(0)
	for rows.Next() {
		if total > 0 && total%recordRows == 0 {
			if err := flush(); err != nil {
				return 0, err
			}
		}
		if err := rows.Scan(targets...); err != nil {
			return 0, err
		}
		for i, cell := range cells {
			if err := appendValue(builder.Field(i), cell(values), o.Columns[i]); err != nil {
				return 0, err
			}
		}
		total++
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	return total, flush()
}

// cells are, for each column of an output, what it has in a row of the computed values:
// one of these, or the name of one.
func (d Draft) cells(o schemas.Output, computed []schemas.Column) []func(values []any) any {
	at := map[string]int{}
	for i, c := range computed {
		at[c.Name] = i
	}
	var all []func([]any) any
	for _, c := range o.Columns {
		if c.NameOf == "" {
			i := at[c.Name]
			all = append(all, func(values []any) any { return values[i] })
			continue
		}
		code := at[c.NameOf]
		revision, isThere := at[c.Revision]
		all = append(all, func(values []any) any {
			if isThere {
				return d.Names.Value(c, values[code], values[revision])
			}
			return d.Names.Value(c, values[code], nil)
		})
	}
	return all
}

func appendValue(b array.Builder, value any, c schemas.Column) error {
	switch v := value.(type) {
	case nil:
		if !c.Nullable {
			return fmt.Errorf("column %s has a null, which its schema does not allow", c.Name)
		}
		b.AppendNull()
	case int16:
		b.(*array.Int16Builder).Append(v)
	case int32:
		b.(*array.Int32Builder).Append(v)
	case float64:
		b.(*array.Float64Builder).Append(v)
	case bool:
		b.(*array.BooleanBuilder).Append(v)
	case string:
		b.(*array.StringBuilder).Append(v)
	default:
		return fmt.Errorf("column %s: no way to write a %T", c.Name, value)
	}
	return nil
}

// checkParquet reads a published file back and compares it with what was meant
// to be written: its columns and the number of rows. Few rows are in memory at once.
func checkParquet(ctx context.Context, o schemas.Output, path string, rows int64) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	reader, err := parquetfile.NewParquetReader(in)
	if err != nil {
		return err
	}
	defer reader.Close()
	arrowReader, err := pqarrow.NewFileReader(reader, pqarrow.ArrowReadProperties{BatchSize: readRows}, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	schema, err := arrowReader.Schema()
	if err != nil {
		return err
	}
	if err := sameColumns(o, schema); err != nil {
		return err
	}
	batches, err := arrowReader.GetRecordReader(ctx, nil, nil)
	if err != nil {
		return err
	}
	defer batches.Release()
	found := int64(0)
	for batches.Next() {
		found += batches.RecordBatch().NumRows()
	}
	if err := batches.Err(); err != nil {
		return err
	}
	if found != rows {
		return fmt.Errorf("has %d rows, %d were written", found, rows)
	}
	return nil
}

// sameColumns compares the columns of a file with those of its output.
func sameColumns(o schemas.Output, schema *arrow.Schema) error {
	want, err := arrowSchema(o, nil)
	if err != nil {
		return err
	}
	for i, f := range want.Fields() {
		if got := schema.Field(i); got.Name != f.Name || !arrow.TypeEqual(got.Type, f.Type) {
			return fmt.Errorf("column %d is %s %s, expected %s %s", i+1, got.Name, got.Type, f.Name, f.Type)
		}
	}
	return nil
}
