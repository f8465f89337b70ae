package report

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"entrepot/pipeline/engine"
)

//go:embed partial.sql
var partialSQL string

//go:embed partial_months.sql
var partialMonthsSQL string

// partWord stands behind a value of which the files have a part of the data.
const partWord = " (part)"

// partialOf is SQL of whether a row of a table is of a part of the data. Tables of an older
// version do not tell.
func (s *source) partialOf(ctx context.Context, table string) (string, error) {
	if strings.HasPrefix(table, "(") {
		return "false", nil // is a query
	}
	columns, err := s.columnsOf(ctx, table)
	if err != nil {
		return "", fmt.Errorf("read %s of release %s: %w", table, s.ID, err)
	}
	if slices.Contains(columns, "partial") {
		return "coalesce(partial, false)", nil
	}
	return "false", nil
}

// wholeInSQL stands in queries where partialOf is wanted.
const wholeInSQL = "/*partial*/ false"

// partialNote says of which sectors the files cover too few codes in the years shown;
// "" when there are none, or the release is of a version that did not tell.
func (s *source) partialNote(ctx context.Context, years []int) (string, error) {
	if !s.Has("product_coverage") {
		return "", nil
	}
	var shown []int16 // as the column year has them
	for _, y := range years {
		shown = append(shown, int16(y))
	}
	sectors := 0
	parts, err := engine.Query(ctx, s.db, func(r *sql.Rows) (string, error) {
		var name string
		var covered, listed int
		err := r.Scan(&name, &covered, &listed, &sectors)
		return fmt.Sprintf("%d of %d codes of %s", covered, listed, inSentence(s.sectorName(name))), err
	}, partialSQL, sql.Named("reporter", s.of.Code), sql.Named("years", shown))
	if err != nil {
		return "", fmt.Errorf("read what is covered of release %s: %w", s.ID, err)
	}
	if len(parts) == 0 {
		return "", nil
	}
	if more := sectors - len(parts); more > 0 {
		parts = append(parts, fmt.Sprintf("too few of %d other sectors", more))
	}
	return "Partial: the files have " + list(parts) + ". Their figures are those of a part of the codes.", nil
}

// partialMonthsNote says how few codes the monthly files cover where they cover too few;
// "" when they do not, or the release is of a version that did not tell.
func (s *source) partialMonthsNote(ctx context.Context) (string, error) {
	if !s.Has("product_coverage") {
		return "", nil
	}
	texts, err := engine.Query(ctx, s.db, func(r *sql.Rows) (string, error) {
		var covered, listed int
		err := r.Scan(&covered, &listed)
		return fmt.Sprintf("Partial: the monthly files have %d of %d codes. The figures are those of a part of the codes.", covered, listed), err
	}, partialMonthsSQL)
	if err != nil {
		return "", fmt.Errorf("read what is covered by month of release %s: %w", s.ID, err)
	}
	return strings.Join(texts, ""), nil
}
