package release

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"entrepot/pipeline/engine"
)

// Row is a row of a published table, or a part of it, in the order of its columns. As
// JSON it is an object.
type Row []Field

// Field is the value of a column: a number, a text, a flag or nil.
type Field struct {
	Column string
	Value  any
}

func newRow(columns []string, values []any) Row {
	var r Row
	for i, column := range columns {
		r = append(r, Field{column, values[i]})
	}
	return r
}

// Value is that of a column, or nil.
func (r Row) Value(column string) any {
	for _, f := range r {
		if f.Column == column {
			return f.Value
		}
	}
	return nil
}

// MarshalJSON keeps the order of the columns.
func (r Row) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range r {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(f.Column)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(f.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Column, err)
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// scanAny reads so many values as they are, and then more. What is no number, which
// JSON can't say, becomes nil.
func scanAny(rows *sql.Rows, columns int, more ...any) ([]any, error) {
	values := make([]any, columns)
	targets := make([]any, 0, columns+len(more))
	for i := range values {
		targets = append(targets, &values[i])
	}
	err := rows.Scan(append(targets, more...)...)
	for i, v := range values {
		if number, ok := v.(float64); ok && (math.IsNaN(number) || math.IsInf(number, 0)) {
			values[i] = nil
		}
	}
	return values, err
}

// columnsOf lists the columns of a published table that a release has.
func columnsOf(ctx context.Context, db *sql.DB, r *Release, table string) ([]string, error) {
	all, err := engine.Query(ctx, db, engine.Scan[string], "SELECT column_name FROM (DESCRIBE FROM "+r.parquet(table)+")")
	if err != nil {
		return nil, fmt.Errorf("list the columns of %s in release %s: %w", table, r.ID, err)
	}
	return all, nil
}

// fewest is how many of many values a message has.
const fewest = 12

// few lists the first of many values.
func few(values []string) string {
	if len(values) <= fewest {
		return strings.Join(values, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(values[:fewest], ", "), len(values)-fewest)
}

// and joins words with commas and "and".
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// plural is a column's name for several of its values: sectors, families, hs6 codes.
func plural(column string) string {
	last := column[len(column)-1]
	switch {
	case last >= '0' && last <= '9':
		return column + " codes"
	case last == 'y':
		return column[:len(column)-1] + "ies"
	}
	return column + "s"
}
