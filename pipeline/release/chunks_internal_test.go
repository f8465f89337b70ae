package release

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"entrepot/schemas"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	parquetfile "github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/google/go-cmp/cmp"
)

// everyType has each type with and without nulls, and a text that is always empty.
var everyType = schemas.Output{Name: "every_type", Columns: []schemas.Column{
	{Name: "small", Type: schemas.SmallInt, Description: "d"},
	{Name: "small_or_null", Type: schemas.SmallInt, Nullable: true, Description: "d"},
	{Name: "integer", Type: schemas.Integer, Unit: "codes", Description: "d"},
	{Name: "integer_or_null", Type: schemas.Integer, Nullable: true, Description: "d"},
	{Name: "number", Type: schemas.Double, Description: "d"},
	{Name: "number_or_null", Type: schemas.Double, Nullable: true, Description: "d"},
	{Name: "flag", Type: schemas.Boolean, Description: "d"},
	{Name: "flag_or_null", Type: schemas.Boolean, Nullable: true, Description: "d"},
	{Name: "text", Type: schemas.Text, Description: "d"},
	{Name: "text_or_null", Type: schemas.Text, Nullable: true, Description: "d"},
	{Name: "empty", Type: schemas.Text, Description: "d"},
	{Name: "null", Type: schemas.Text, Nullable: true, Description: "d"},
}}

// rowOf is the n-th row, as DuckDB gives it.
func rowOf(n int) []any {
	row := []any{int16(n % 3000), int16(n % 7), int32(n), int32(-n), float64(n) / 3, float64(n) * 1e9,
		n%3 == 0, n%2 == 0, fmt.Sprint("r", n), fmt.Sprint("é", n%5), "", nil}
	for i := 1; i < 10; i += 2 {
		if (n/100+i)%4 == 0 {
			row[i] = nil
		}
	}
	return row
}

func properties() *parquet.WriterProperties {
	return parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd), parquet.WithStats(true), parquet.WithCreatedBy("test"))
}

// writeChunks writes groups of so many rows as releases are written.
func writeChunks(t *testing.T, path string, groups ...int) {
	t.Helper()
	columns, err := parquetSchema(everyType)
	if err != nil {
		t.Fatal(err)
	}
	about, err := fileMetadata(everyType, map[string]string{"title": "t", "figure": ""})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	writer, err := parquetfile.NewParquetWriterWithError(&out, columns, parquetfile.WithWriterProps(properties()), parquetfile.WithWriteMetadata(about))
	if err != nil {
		t.Fatal(err)
	}
	chunks, err := newChunks(everyType)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, rows := range groups {
		for range rows {
			for i, value := range rowOf(n) {
				if err := chunks[i].add(value); err != nil {
					t.Fatal(err)
				}
			}
			n++
		}
		if err := writeGroup(writer, chunks); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// writeArrow writes the same by way of Arrow's records.
func writeArrow(t *testing.T, path string, groups ...int) {
	t.Helper()
	fields, err := arrowSchema(everyType, map[string]string{"title": "t", "figure": ""})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	writer, err := pqarrow.NewFileWriter(fields, &out, properties(), pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		t.Fatal(err)
	}
	builder := array.NewRecordBuilder(memory.DefaultAllocator, fields)
	defer builder.Release()
	n := 0
	for _, rows := range groups {
		for range rows {
			for i, value := range rowOf(n) {
				appendTo(t, builder.Field(i), value)
			}
			n++
		}
		if err := writer.Write(builder.NewRecordBatch()); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func appendTo(t *testing.T, b array.Builder, value any) {
	t.Helper()
	switch v := value.(type) {
	case nil:
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
		t.Fatalf("a %T", value)
	}
}

// A table is the same bytes as Arrow's own writer makes of it, and is read back row by row.
func TestChunks(t *testing.T) {
	t.Parallel()
	for _, groups := range [][]int{{0}, {1}, {batchRows + 1}, {3 * batchRows, 5000, 1}} {
		t.Run(fmt.Sprint(groups), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			ours, arrows := filepath.Join(dir, "ours.parquet"), filepath.Join(dir, "arrow.parquet")
			writeChunks(t, ours, groups...)
			writeArrow(t, arrows, groups...)
			total := int64(0)
			for _, rows := range groups {
				total += int64(rows)
			}
			if err := checkParquet(t.Context(), everyType, ours, total); err != nil {
				t.Error(err)
			}
			if !bytes.Equal(content(t, ours), content(t, arrows)) {
				t.Error("the file differs from what Arrow's writer makes")
			}
			readBack(t, ours, int(total))
		})
	}
}

func readBack(t *testing.T, path string, total int) {
	t.Helper()
	n := 0
	err := openParquet(path, func(in *parquetfile.Reader) error {
		return readRows(t.Context(), in, everyType.Columns, func(row []any) error {
			want := rowOf(n)
			for i, value := range want {
				switch v := value.(type) {
				case int16:
					want[i] = int64(v)
				case int32:
					want[i] = int64(v)
				}
			}
			n++
			if diff := cmp.Diff(want, row); diff != "" {
				return fmt.Errorf("row %d: %s", n, diff)
			}
			return nil
		})
	})
	if err != nil || n != total {
		t.Errorf("%d rows of %d: %v", n, total, err)
	}
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	all, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What does not fit is refused by its column.
func TestChunkRefuses(t *testing.T) {
	t.Parallel()
	chunks, err := newChunks(everyType)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		column int
		value  any
		want   string
	}{
		{0, nil, "column small has a null, which its schema does not allow"},
		{0, "1", "column small: no way to write a string"},
		{4, int32(1), "column number: no way to write a int32"},
		{8, []byte("x"), "column text: no way to write a []uint8"},
		{8, nil, "column text has a null, which its schema does not allow"},
	} {
		if err := chunks[tt.column].add(tt.value); err == nil || err.Error() != tt.want {
			t.Errorf("%v is refused with %v, expected %s", tt.value, err, tt.want)
		}
	}
	if _, err := newChunks(schemas.Output{Name: "o", Columns: []schemas.Column{{Name: "c", Type: "BLOB"}}}); err == nil {
		t.Error("a column of a type that can't be written is taken")
	}
}

// A file that is not what was meant to be written is found by its columns, types and rows.
func TestCheckParquet(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "t.parquet")
	writeChunks(t, path, 5)
	change := func(edit func(columns []schemas.Column) []schemas.Column) schemas.Output {
		o := everyType
		o.Columns = edit(append([]schemas.Column{}, o.Columns...))
		return o
	}
	for _, tt := range []struct {
		output schemas.Output
		rows   int64
		want   string
	}{
		{everyType, 6, "has 5 rows, 6 were written"},
		{change(func(c []schemas.Column) []schemas.Column { return c[:11] }), 5, "has 12 columns, expected 11"},
		{change(func(c []schemas.Column) []schemas.Column { c[0].Name = "little"; return c }), 5,
			"column 1 is small (INT32, Int(bitWidth=16, isSigned=true), required), expected little (INT32, Int(bitWidth=16, isSigned=true), required)"},
		{change(func(c []schemas.Column) []schemas.Column { c[2].Type = schemas.SmallInt; return c }), 5,
			"column 3 is integer (INT32, Int(bitWidth=32, isSigned=true), required), expected integer (INT32, Int(bitWidth=16, isSigned=true), required)"},
		{change(func(c []schemas.Column) []schemas.Column { c[8].Nullable = true; return c }), 5,
			"column 9 is text (BYTE_ARRAY, String, required), expected text (BYTE_ARRAY, String, optional)"},
	} {
		if err := checkParquet(t.Context(), tt.output, path, tt.rows); err == nil || err.Error() != tt.want {
			t.Errorf("got %v, expected %s", err, tt.want)
		}
	}
	cut := content(t, path)
	if err := os.WriteFile(path, cut[:len(cut)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := checkParquet(t.Context(), everyType, path, 5); err == nil {
		t.Error("a file that was cut is taken")
	}
}

// A type of the file that no release has is refused by its column.
func TestReadRefuses(t *testing.T) {
	t.Parallel()
	fields := arrow.NewSchema([]arrow.Field{{Name: "big", Type: arrow.PrimitiveTypes.Int64}}, nil)
	var out bytes.Buffer
	writer, err := pqarrow.NewFileWriter(fields, &out, properties(), pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	builder := array.NewRecordBuilder(memory.DefaultAllocator, fields)
	defer builder.Release()
	builder.Field(0).(*array.Int64Builder).Append(1)
	if err := writer.Write(builder.NewRecordBatch()); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "t.parquet")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for column, want := range map[string]string{
		"big":   "column big: no way to read a INT64",
		"small": "it has no column small",
	} {
		err := openParquet(path, func(in *parquetfile.Reader) error {
			return readRows(t.Context(), in, []schemas.Column{{Name: column}}, func([]any) error { return nil })
		})
		if err == nil || err.Error() != want {
			t.Errorf("got %v, expected %s", err, want)
		}
	}
}
