package transform

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"entrepot/schemas/sqltext"
	"entrepot/transforms"
	"entrepot/transforms/own"
)

// inFile names the file of a user's SELECT in front of what went wrong with it, if anything.
func (s *Stage) inFile(t transforms.Transform, err error) error {
	if file := s.Job.OwnFile(t.Name); err != nil && file != "" {
		return fmt.Errorf("%s: %w", file, err)
	}
	return err
}

// sound fails where two rows of a user's measure have one key, a code is of another level, or
// a column is null that may not be. Of the program's own tables, tests and the writing of a release see to that.
func (s *Stage) sound(ctx context.Context, conn *sql.Conn, t transforms.Transform) error {
	m := s.Job.OwnMeasure(t.Name)
	if m == nil {
		return nil
	}
	var key []string
	for _, column := range m.SortBy {
		key = append(key, fmt.Sprintf("%s || coalesce(%s::VARCHAR, 'null')", sqltext.Literal(column+" "), sqltext.Name(column)))
	}
	row, table, by := "concat_ws(', ', "+strings.Join(key, ", ")+")", sqltext.Name(t.Name), sqltext.Names(m.SortBy)
	var where string
	var rows int64
	err := conn.QueryRowContext(ctx, fmt.Sprintf("SELECT %s, count(*) FROM %s GROUP BY %s HAVING count(*) > 1 ORDER BY %[3]s LIMIT 1", row, table, by)).Scan(&where, &rows)
	if err == nil {
		return m.KeyErrorf("the key is not unique: %d rows have %s; add what tells them apart to the key, or GROUP BY the key in %s",
			rows, where, s.Job.OwnFile(t.Name))
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("check the key: %w", err)
	}
	if err := s.ofLevel(ctx, conn, m, row); err != nil {
		return err
	}
	return s.noNulls(ctx, conn, m, row)
}

// ofLevel fails where a code has not as many digits as the measure's level says. row is the
// SQL that names a row.
func (s *Stage) ofLevel(ctx context.Context, conn *sql.Conn, m *own.Measure, row string) error {
	codes := m.Codes()
	if m.Level == "" || m.Level == "sector" || codes == "" {
		return nil
	}
	var where, code string
	err := conn.QueryRowContext(ctx, fmt.Sprintf("SELECT %s, %s FROM %s WHERE length(%[2]s) <> $digits::INTEGER ORDER BY %[4]s LIMIT 1",
		row, sqltext.Name(codes), sqltext.Name(m.Name), sqltext.Names(m.SortBy)), sql.Named("digits", m.Level)).Scan(&where, &code)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("check the level: %w", err)
	}
	return m.ColumnErrorf(codes, "column %s has %q in the row of %s, and the level says codes of %s digits", codes, code, where, m.Level)
}

// noNulls fails where a column is null that may not be.
func (s *Stage) noNulls(ctx context.Context, conn *sql.Conn, m *own.Measure, row string) error {
	var null, any []string
	for _, c := range m.Computed() {
		if !c.Nullable {
			null = append(null, fmt.Sprintf("WHEN %s IS NULL THEN %s", sqltext.Name(c.Name), sqltext.Literal(c.Name)))
			any = append(any, sqltext.Name(c.Name)+" IS NULL")
		}
	}
	var column, where string
	err := conn.QueryRowContext(ctx, fmt.Sprintf("SELECT CASE %s END, %s FROM %s WHERE %s ORDER BY %s LIMIT 1",
		strings.Join(null, " "), row, sqltext.Name(m.Name), strings.Join(any, " OR "), sqltext.Names(m.SortBy))).Scan(&column, &where)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for nulls: %w", err)
	}
	return m.ColumnErrorf(column, "column %s is null in the row of %s: add 'null: true' if it may be, or coalesce() it in %s", column, where, s.Job.OwnFile(m.Name))
}
