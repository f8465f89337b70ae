package transform

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"entrepot/pipeline/extract"
	"entrepot/pipeline/job"
	"entrepot/pipeline/workspace"
	"entrepot/schemas/sqltext"
	"entrepot/transforms"
)

// yearColumn is the column by which a table is made year by year.
const yearColumn = "year"

// inYears is the SQL that keeps the rows of years.
func inYears(years []int) string {
	var list []string
	for _, y := range years {
		list = append(list, fmt.Sprint(y))
	}
	return yearColumn + " IN (" + strings.Join(list, ", ") + ")"
}

// withBefore are years and the year before each, sorted.
func withBefore(years []int) []int {
	var all []int
	for _, y := range years {
		all = append(all, y-1, y)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// hasColumn tells whether a table has a column.
func hasColumn(ctx context.Context, conn *sql.Conn, table, column string) (bool, error) {
	rows, err := conn.QueryContext(ctx, "FROM "+sqltext.Name(table)+" LIMIT 0")
	if err != nil {
		return false, fmt.Errorf("look at the columns of %s: %w", table, err)
	}
	names, err := rows.Columns()
	if closed := rows.Close(); err == nil {
		err = closed
	}
	return slices.Contains(names, column), err
}

// yearly tells what the rows of each year are made of, for transforms that are made year by
// year.
type yearly struct {
	staged func() (map[int]job.Staged, error) // worked out when it is needed first: mostly no table is stale
	tables map[string]*table
}

// byYear is what is known of the files, year by year.
func (s *Stage) byYear(ctx context.Context, known map[string]workspace.File, tables map[string]*table) *yearly {
	return &yearly{tables: tables, staged: sync.OnceValues(func() (map[int]job.Staged, error) {
		years, err := s.Work.FileYears(ctx)
		if err != nil {
			return nil, err
		}
		return extract.StagedByYear(s.Job, known, years), nil
	})}
}

// of is a hash of what each year of a transform is made of, now that the tables that it needs
// are made. f is the fingerprint of all years. A year that is not there has none.
func (y *yearly) of(t transforms.Transform, f workspace.Fingerprint) (map[int]string, error) {
	staged, err := y.staged()
	if err != nil {
		return nil, err
	}
	years := map[int]bool{}
	if t.Staged {
		for year := range staged {
			years[year] = true
		}
	}
	for _, need := range t.Needs {
		for year := range y.tables[need].years {
			years[year] = true
		}
	}
	of := map[int]string{}
	for year := range years {
		of[year] = y.ofYear(f, staged, year)
		if t.YearBefore {
			of[year] += y.ofYear(f, staged, year-1)
		}
	}
	return of, nil
}

// ofYear is a hash of one year of what a transform with the fingerprint f is made of.
func (y *yearly) ofYear(f workspace.Fingerprint, staged map[int]job.Staged, year int) string {
	return job.OfYear(f, staged[year], func(table string) (string, bool) {
		made := y.tables[table].years
		return made.Content(year), made != nil
	}).Sum()
}

// stale lists the years that are not made of what they should be made of, sorted. some is false
// when that is so many of them that the whole table is made as fast.
func stale(was workspace.Years, now map[int]string) (years []int, some bool) {
	count := len(now)
	for year, of := range now {
		if of != was[year].Of {
			years = append(years, year)
		}
	}
	for year := range was {
		if _, there := now[year]; !there {
			years, count = append(years, year), count+1
		}
	}
	slices.Sort(years)
	return years, was != nil && 2*len(years) <= count
}

// remake makes some years of a table anew. What the transform's SQL names is, while it runs,
// only what is there of these years: views of the same names stand in front of the tables.
func (s *Stage) remake(ctx context.Context, conn *sql.Conn, t transforms.Transform, was workspace.Years, years []int, bound []any) (made, error) {
	query, shown := t.SQL, years
	if t.YearBefore {
		query, shown = "FROM (\n"+t.SQL+"\n) WHERE "+inYears(years), withBefore(years)
	}
	undo, err := s.narrow(ctx, conn, t, shown)
	if err != nil {
		return made{}, err
	}
	name := sqltext.Name(t.Name)
	if _, err := conn.ExecContext(ctx, "DELETE FROM "+name+" WHERE "+inYears(years)); err != nil {
		return made{}, err
	}
	result, err := conn.ExecContext(ctx, "INSERT INTO "+name+"\n"+query, bound...)
	if err != nil {
		return made{}, err
	}
	if err := undo(); err != nil {
		return made{}, err
	}
	of, inserted, err := contentOf(ctx, conn, s.Job.Catalogue, t, years)
	if err != nil {
		return made{}, err
	}
	if rows, err := result.RowsAffected(); err != nil || rows != inserted.rows {
		return made{}, fmt.Errorf("internal error: of %s %d rows were made, and %d are of the years %v; please report it", t.Name, rows, inserted.rows, years)
	}
	all := maps.Clone(was)
	for _, year := range years {
		delete(all, year)
	}
	maps.Copy(all, of)
	var sum whole
	for _, y := range all {
		sum.add(y)
	}
	return made{sum.content(), all, sum.rows}, nil
}

// narrow puts views of the rows of some years in front of the tables with years that a
// transform reads, until undo is called.
func (s *Stage) narrow(ctx context.Context, conn *sql.Conn, t transforms.Transform, years []int) (undo func() error, err error) {
	var database string
	if err := conn.QueryRowContext(ctx, "SELECT current_database()").Scan(&database); err != nil {
		return nil, fmt.Errorf("look at the workspace: %w", err)
	}
	var views, drops []string
	for _, table := range t.Reads {
		hasYears, known := s.haveYears.Load(table)
		if !known {
			if hasYears, err = hasColumn(ctx, conn, table, yearColumn); err != nil {
				return nil, err
			}
			s.haveYears.Store(table, hasYears)
		}
		if hasYears == true {
			name := sqltext.Name(table)
			views = append(views, "CREATE TEMP VIEW "+name+" AS FROM "+sqltext.Name(database)+".main."+name+" WHERE "+inYears(years))
			drops = append(drops, "DROP VIEW temp."+name)
		}
	}
	if _, err := conn.ExecContext(ctx, strings.Join(views, ";\n")); err != nil {
		return nil, fmt.Errorf("look at the years %v: %w", years, err)
	}
	return func() error {
		if _, err := conn.ExecContext(ctx, strings.Join(drops, ";\n")); err != nil {
			return fmt.Errorf("look at all years: %w", err)
		}
		return nil
	}, nil
}

// noteOf notes what each year is made of. A year that may have rows and has none is noted,
// too, so that it is not made again.
func noteOf(years workspace.Years, of map[int]string) {
	if years == nil {
		return
	}
	for year, hash := range of {
		y, found := years[year]
		if !found {
			y.Sum = "0"
		}
		y.Of = hash
		years[year] = y
	}
}
