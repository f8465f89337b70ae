package release

import (
	"fmt"

	"entrepot/schemas"

	"github.com/apache/arrow-go/v18/parquet"
	parquetfile "github.com/apache/arrow-go/v18/parquet/file"
)

// Arrow's own bridge between its records and Parquet would link a server for them into the program; columns that are not
// nested need little of it.

// chunk collects the values of a column for a row group.
type chunk interface {
	add(value any) error
	// write writes what was added since it was last called.
	write(parquetfile.ColumnChunkWriter) error
}

func newChunks(o schemas.Output) ([]chunk, error) {
	var all []chunk
	for _, c := range o.Columns {
		kind, err := typeOf(c)
		if err != nil {
			return nil, fmt.Errorf("column %s of %s: %w", c.Name, o.Name, err)
		}
		all = append(all, kind.collect(c))
	}
	return all, nil
}

func writeGroup(writer *parquetfile.Writer, chunks []chunk) error {
	group, err := writer.AppendRowGroupChecked()
	if err != nil {
		return err
	}
	for _, c := range chunks {
		column, err := group.NextColumn()
		if err != nil {
			return err
		}
		if err := c.write(column); err != nil {
			return err
		}
	}
	return group.Close()
}

// presence says of each row whether its column has a value there. Of a column without nulls nothing is kept.
type presence struct {
	column schemas.Column
	levels []int16
}

func (p *presence) add(there bool) error {
	switch {
	case !p.column.Nullable && !there:
		return fmt.Errorf("column %s has a null, which its schema does not allow", p.column.Name)
	case !p.column.Nullable:
	case there:
		p.levels = append(p.levels, 1)
	default:
		p.levels = append(p.levels, 0)
	}
	return nil
}

// batchWriter is what writes values of a type, those that are no nulls, with where they are.
type batchWriter[T any] interface {
	WriteBatch(values []T, definitions, repetitions []int16) (int64, error)
}

func writeBatch[T any](p *presence, values []T, out parquetfile.ColumnChunkWriter) error {
	writer, ok := out.(batchWriter[T])
	if !ok {
		return fmt.Errorf("column %s: %T does not write a %T", p.column.Name, out, values)
	}
	defer func() { p.levels = p.levels[:0] }()
	if len(values)+len(p.levels) == 0 {
		return nil
	}
	if _, err := writer.WriteBatch(values, p.levels, nil); err != nil {
		return fmt.Errorf("column %s: %w", p.column.Name, err)
	}
	return nil
}

// fixed collects values of a fixed size.
type fixed[T any] struct {
	presence
	values []T
	take   func(any) (T, bool)
}

func newIntegers(c schemas.Column) chunk {
	return &fixed[int32]{presence: presence{column: c}, take: func(value any) (int32, bool) {
		if small, ok := value.(int16); ok {
			return int32(small), true
		}
		v, ok := value.(int32)
		return v, ok
	}}
}

func newNumbers(c schemas.Column) chunk {
	return &fixed[float64]{presence: presence{column: c}, take: as[float64]}
}

func newFlags(c schemas.Column) chunk {
	return &fixed[bool]{presence: presence{column: c}, take: as[bool]}
}

func as[T any](value any) (T, bool) {
	v, ok := value.(T)
	return v, ok
}

func (f *fixed[T]) add(value any) error {
	if value == nil {
		return f.presence.add(false)
	}
	v, ok := f.take(value)
	if !ok {
		return fmt.Errorf("column %s: no way to write a %T", f.column.Name, value)
	}
	f.values = append(f.values, v)
	return f.presence.add(true)
}

func (f *fixed[T]) write(out parquetfile.ColumnChunkWriter) error {
	defer func() { f.values = f.values[:0] }()
	return writeBatch(&f.presence, f.values, out)
}

// texts collects texts one behind the other, for a row group has a hundred thousand of each column.
type texts struct {
	presence
	text []byte
	ends []int
}

// A slice that is nil would be written as no value at all, so that the text is never nil, even where all are empty.
func newTexts(c schemas.Column) chunk { return &texts{presence: presence{column: c}, text: []byte{}} }

func (t *texts) add(value any) error {
	if value == nil {
		return t.presence.add(false)
	}
	v, ok := value.(string)
	if !ok {
		return fmt.Errorf("column %s: no way to write a %T", t.column.Name, value)
	}
	t.text = append(t.text, v...)
	t.ends = append(t.ends, len(t.text))
	return t.presence.add(true)
}

func (t *texts) write(out parquetfile.ColumnChunkWriter) error {
	defer func() { t.text, t.ends = t.text[:0], t.ends[:0] }()
	values := make([]parquet.ByteArray, len(t.ends))
	start := 0
	for i, end := range t.ends {
		values[i] = t.text[start:end]
		start = end
	}
	return writeBatch(&t.presence, values, out)
}
