package release

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"entrepot/pipeline/engine"
	"entrepot/schemas"
	"entrepot/schemas/sqltext"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	parquetfile "github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// arrowSchema is an output's schema as readers of Arrow see it: fields with their description
// and unit, and a footer that says what the file is and what it was made with.
func arrowSchema(o schemas.Output, footer map[string]string) (*arrow.Schema, error) {
	var fields []arrow.Field
	for _, c := range o.Columns {
		kind, err := typeOf(c)
		if err != nil {
			return nil, fmt.Errorf("column %s of %s: %w", c.Name, o.Name, err)
		}
		meta := map[string]string{"description": c.Description}
		if c.Unit != "" {
			meta["unit"] = c.Unit
		}
		fields = append(fields, arrow.Field{Name: c.Name, Type: kind.arrow, Nullable: c.Nullable, Metadata: arrow.MetadataFrom(meta)})
	}
	meta := arrow.MetadataFrom(footer)
	return arrow.NewSchema(fields, &meta), nil
}

// parquetSchema is an output's schema as the file itself has it.
func parquetSchema(o schemas.Output) (*schema.GroupNode, error) {
	var fields schema.FieldList
	for _, c := range o.Columns {
		kind, err := typeOf(c)
		if err != nil {
			return nil, fmt.Errorf("column %s of %s: %w", c.Name, o.Name, err)
		}
		repetition := parquet.Repetitions.Required
		if c.Nullable {
			repetition = parquet.Repetitions.Optional
		}
		node, err := schema.NewPrimitiveNodeLogical(c.Name, repetition, kind.logical, kind.physical, -1, -1)
		if err != nil {
			return nil, fmt.Errorf("column %s of %s: %w", c.Name, o.Name, err)
		}
		fields = append(fields, node)
	}
	return schema.NewGroupNode(parquet.DefaultRootName, parquet.Repetitions.Repeated, fields, -1)
}

// columnType is what a type of the schemas is called in each format, and what collects its values.
type columnType struct {
	arrow    arrow.DataType
	physical parquet.Type
	logical  schema.LogicalType
	collect  func(schemas.Column) chunk
}

func typeOf(c schemas.Column) (columnType, error) {
	switch c.Type {
	case schemas.SmallInt:
		return columnType{arrow.PrimitiveTypes.Int16, parquet.Types.Int32, schema.NewIntLogicalType(16, true), newIntegers}, nil
	case schemas.Integer:
		return columnType{arrow.PrimitiveTypes.Int32, parquet.Types.Int32, schema.NewIntLogicalType(32, true), newIntegers}, nil
	case schemas.Double:
		return columnType{arrow.PrimitiveTypes.Float64, parquet.Types.Double, schema.NoLogicalType{}, newNumbers}, nil
	case schemas.Boolean:
		return columnType{arrow.FixedWidthTypes.Boolean, parquet.Types.Boolean, schema.NoLogicalType{}, newFlags}, nil
	case schemas.Text:
		return columnType{arrow.BinaryTypes.String, parquet.Types.ByteArray, schema.StringLogicalType{}, newTexts}, nil
	}
	return columnType{}, fmt.Errorf("no way to write a column of type %q", c.Type)
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
	columns, err := parquetSchema(o)
	if err != nil {
		return 0, err
	}
	about, err := fileMetadata(o, footer)
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
	writer, err := parquetfile.NewParquetWriterWithError(struct{ *notClosing }{&notClosing{out}}, columns,
		parquetfile.WithWriterProps(properties), parquetfile.WithWriteMetadata(about))
	if err != nil {
		return 0, err
	}
	rows, err = d.rowGroups(ctx, o, where, writer)
	if err != nil {
		return 0, errors.Join(fmt.Errorf("read table %s: %w", o.Name, err), writer.Close())
	}
	return rows, errors.Join(writer.Close(), out.Sync())
}

// fileMetadata is the footer, and the schema as readers of Arrow look for it: an empty stream of Arrow's IPC format.
func fileMetadata(o schemas.Output, footer map[string]string) (metadata.KeyValueMetadata, error) {
	fields, err := arrowSchema(o, footer)
	if err != nil {
		return nil, err
	}
	var stream bytes.Buffer
	if err := ipc.NewWriter(&stream, ipc.WithSchema(fields)).Close(); err != nil {
		return nil, fmt.Errorf("describe the columns of %s to Arrow: %w", o.Name, err)
	}
	about := metadata.KeyValueMetadata{}
	for _, key := range slices.Sorted(maps.Keys(footer)) {
		if err := about.Append(key, footer[key]); err != nil {
			return nil, fmt.Errorf("describe %s: %w", o.Name, err)
		}
	}
	return about, about.Append("ARROW:schema", base64.StdEncoding.EncodeToString(stream.Bytes()))
}

// groupRows is the number of rows of a row group; one group is in memory at once.
const groupRows = 1 << 17

type notClosing struct{ *os.File }

func (notClosing) Close() error { return nil }

// rowGroups writes such rows in the order of the key. An empty table is one empty group. Two
// rows with the same key, which would be a double count, are an error.
func (d Draft) rowGroups(ctx context.Context, o schemas.Output, where string, writer *parquetfile.Writer) (int64, error) {
	computed := o.Computed()
	var columns []string
	for _, c := range computed {
		columns = append(columns, fmt.Sprintf("CAST(%s AS %s)", sqltext.Name(c.Name), c.Type))
	}
	chunks, err := newChunks(o)
	if err != nil {
		return 0, err
	}
	key, cells := newUnique(o, computed), d.cells(o, computed)
	total := int64(0)
	err = engine.EachRow(ctx, d.DB, func(values []driver.Value) error {
		if total > 0 && total%groupRows == 0 {
			if err := writeGroup(writer, chunks); err != nil {
				return err
			}
		}
		if err := key.add(values); err != nil {
			return err
		}
		for i, cell := range cells {
			if err := chunks[i].add(cell(values)); err != nil {
				return err
			}
		}
		total++
		return nil
	}, fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %s", strings.Join(columns, ", "), sqltext.Name(o.Name), where, sqltext.Names(o.SortBy)))
	if err != nil {
		return 0, err
	}
	return total, writeGroup(writer, chunks)
}

// unique looks whether rows that come in the order of a table's key differ in it.
type unique struct {
	output schemas.Output
	places []int // of the key in a row
	last   []driver.Value
}

func newUnique(o schemas.Output, computed []schemas.Column) *unique {
	u := &unique{output: o}
	for _, name := range o.SortBy {
		u.places = append(u.places, slices.IndexFunc(computed, func(c schemas.Column) bool { return c.Name == name }))
	}
	return u
}

func (u *unique) add(row []driver.Value) error {
	same := u.last != nil
	if !same {
		u.last = make([]driver.Value, len(u.places))
	}
	for i, place := range u.places {
		same = same && u.last[i] == row[place]
		u.last[i] = row[place]
	}
	if same {
		return fmt.Errorf("internal error: table %s has two rows for %s (%s); please report it", u.output.Name,
			strings.Trim(fmt.Sprint(u.last), "[]"), strings.Join(u.output.SortBy, ", "))
	}
	return nil
}

// cells are, for each column of an output, what it has in a row of the computed values:
// one of these, or the name of one.
func (d Draft) cells(o schemas.Output, computed []schemas.Column) []func(values []driver.Value) any {
	at := map[string]int{}
	for i, c := range computed {
		at[c.Name] = i
	}
	var all []func([]driver.Value) any
	for _, c := range o.Columns {
		if c.NameOf == "" {
			i := at[c.Name]
			all = append(all, func(values []driver.Value) any { return values[i] })
			continue
		}
		code := at[c.NameOf]
		revision, isThere := at[c.Revision]
		// Many rows in a row are of the same code.
		var of, in, name any
		all = append(all, func(values []driver.Value) any {
			var now any
			if isThere {
				now = values[revision]
			}
			if values[code] != of || now != in {
				of, in = values[code], now
				name = d.Names.Value(c, of, in)
			}
			return name
		})
	}
	return all
}

// checkParquet reads a published file back and compares it with what was meant
// to be written: its columns and the number of rows. Few rows are in memory at once.
func checkParquet(ctx context.Context, o schemas.Output, path string, rows int64) error {
	return openParquet(path, func(in *parquetfile.Reader) error {
		if err := sameColumns(o, in.MetaData().Schema); err != nil {
			return err
		}
		found := int64(0)
		err := readBatches(ctx, in, o.Columns, func(_ []chunkReader, rows int64) error { found += rows; return nil })
		if err != nil {
			return err
		}
		if found != rows {
			return fmt.Errorf("has %d rows, %d were written", found, rows)
		}
		return nil
	})
}

// sameColumns compares the columns of a file with those of its output.
func sameColumns(o schemas.Output, there *schema.Schema) error {
	want, err := parquetSchema(o)
	if err != nil {
		return err
	}
	if there.NumColumns() != want.NumFields() {
		return fmt.Errorf("has %d columns, expected %d", there.NumColumns(), want.NumFields())
	}
	for i := range want.NumFields() {
		if got := there.Column(i).SchemaNode(); !got.Equals(want.Field(i)) {
			return fmt.Errorf("column %d is %s, expected %s", i+1, columnText(got), columnText(want.Field(i)))
		}
	}
	return nil
}

func columnText(n schema.Node) string {
	physical := n.(*schema.PrimitiveNode).PhysicalType() // no output has columns within columns
	return fmt.Sprintf("%s (%s, %s, %s)", n.Name(), physical, n.LogicalType(), n.RepetitionType())
}
