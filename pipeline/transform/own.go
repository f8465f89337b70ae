package transform

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"entrepot/schemas/sqltext"
	"entrepot/transforms"
)

// inFile names the file of a user's SELECT in front of what went wrong with it.
func (s *Stage) inFile(t transforms.Transform, err error) error {
	if file := s.Job.OwnFile(t.Name); file != "" {
		return fmt.Errorf("%s: %w", file, err)
	}
	return err
}

// sound fails where two rows of a user's measure have one key, or a column is null that may
// not be. Of the program's own tables, tests and the writing of a release see to that.
func (s *Stage) sound(ctx context.Context, conn *sql.Conn, t transforms.Transform) error {
	m := s.Job.OwnMeasure(t.Name)
	if m == nil {
		return nil
	}
	var key, names []string
	for _, column := range m.SortBy {
		key = append(key, fmt.Sprintf("%s || coalesce(%s::VARCHAR, 'null')", sqltext.Literal(column+" "), sqltext.Name(column)))
	}
	row, table, by := "concat_ws(', ', "+strings.Join(key, ", ")+")", sqltext.Name(t.Name), sqltext.Names(m.SortBy)
	var where string
	var rows int64
	err := conn.QueryRowContext(ctx, fmt.Sprintf("SELECT %s, count(*) FROM %s GROUP BY %s HAVING count(*) > 1 ORDER BY %[3]s LIMIT 1", row, table, by)).Scan(&where, &rows)
	if err == nil {
		return m.KeyErrorf("the key is not unique: %d rows have %s; add what tells them apart to the key, or GROUP BY the key in %s", rows, where, s.Job.OwnFile(t.Name))
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("check the key: %w", err)
	}
	var null []string
	for _, c := range m.Computed() {
		if !c.Nullable {
			null = append(null, fmt.Sprintf("WHEN %s IS NULL THEN %s", sqltext.Name(c.Name), sqltext.Literal(c.Name)))
			names = append(names, sqltext.Name(c.Name)+" IS NULL")
		}
	}
	var column string
	err = conn.QueryRowContext(ctx, fmt.Sprintf("SELECT CASE %s END, %s FROM %s WHERE %s ORDER BY %s LIMIT 1",
		strings.Join(null, " "), row, table, strings.Join(names, " OR "), by)).Scan(&column, &where)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for nulls: %w", err)
	}
	return m.ColumnErrorf(column, "column %s is null in the row of %s: add 'null: true' if it may be, or coalesce() it in %s", column, where, s.Job.OwnFile(t.Name))
}
