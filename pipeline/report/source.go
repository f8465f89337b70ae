package report

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"entrepot/schemas"
	"entrepot/schemas/sqltext"

	"entrepot/pipeline/engine"
	"entrepot/pipeline/release"
)

// source is a release with its Parquet files as views of a DuckDB in memory.
type source struct {
	*release.Release
	of      release.MeasuredEntry // whose trade is drawn
	db      *sql.DB
	areas   map[int]string            // names by M49 code
	sectors map[string]string         // labels, as far as the release has them
	outputs map[string]schemas.Output // what is known of each table, by name

	reference *schemas.Reference  // the built-in one
	columns   map[string][]string // of the tables that were asked for them
	exporters *traders            // of the world, the same for each reporter; nil until somebody asks
}

func openSource(ctx context.Context, r *release.Release, reporter string) (_ *source, err error) {
	of, err := r.Reporter(reporter)
	if err != nil {
		return nil, err
	}
	db, err := r.OpenFor(ctx, of.Code)
	if err != nil {
		return nil, err
	}
	s := &source{Release: r, of: of, db: db, areas: map[int]string{}, sectors: map[string]string{}, outputs: map[string]schemas.Output{}, columns: map[string][]string{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	for _, o := range r.Catalogue() {
		s.outputs[o.Name] = o
	}
	if s.reference, err = schemas.Load(schemas.Files{}); err != nil {
		return nil, fmt.Errorf("read the names of countries: %w", err)
	}
	for _, a := range s.reference.Areas {
		s.areas[int(a.Code)] = a.Name
	}
	if err := s.readLabels(ctx); err != nil {
		return nil, fmt.Errorf("read the labels of sectors of release %s: %w", r.ID, err)
	}
	return s, nil
}

func (s *source) readLabels(ctx context.Context) error {
	_, err := engine.Query(ctx, s.db, func(r *sql.Rows) (struct{}, error) {
		var sector, label string
		err := r.Scan(&sector, &label)
		s.sectors[sector] = label
		return struct{}{}, err
	}, "SELECT DISTINCT sector, sector_label FROM import_dependence WHERE sector_label IS NOT NULL")
	return err
}

// hold reads the tables that pages are made of into memory, where each reporter in turn is
// looked up in a fraction of the time that a Parquet file takes.
func (s *source) hold(ctx context.Context) error {
	if _, err := s.db.ExecContext(ctx, "SET threads = 1"); err != nil { // each query is too small to be shared out
		return fmt.Errorf("set up DuckDB: %w", err)
	}
	for _, o := range s.Catalogue() {
		if !s.Has(o.Name) || !onPage(o) {
			continue
		}
		from, chosen := o.Name, ""
		if o.SortBy[0] == "reporter" {
			from, chosen = "all_"+o.Name, " WHERE reporter = getvariable('reporter')"
		}
		held := sqltext.Name("held_" + o.Name)
		_, err := s.db.ExecContext(ctx, fmt.Sprintf("CREATE TABLE %s AS FROM %s; CREATE OR REPLACE VIEW %s AS FROM %[1]s%[4]s", held, sqltext.Name(from), sqltext.Name(o.Name), chosen))
		if err != nil {
			return fmt.Errorf("read %s of release %s: %w", o.Name, s.ID, err)
		}
	}
	return nil
}

// choose makes the source one of another reporter of the release.
func (s *source) choose(ctx context.Context, m release.MeasuredEntry) error {
	s.of = m
	return release.Choose(ctx, s.db, m.Code)
}

func (s *source) close() error { return s.db.Close() }

// oneOf is the condition that a column has one of the numbers.
func oneOf(column string, numbers []int) string {
	if len(numbers) == 0 {
		return "false"
	}
	return fmt.Sprintf("%s IN (%s)", column, strings.Trim(strings.Join(strings.Fields(fmt.Sprint(numbers)), ", "), "[]"))
}

// parameter is a setting of the release as text, or "".
func (s *source) parameter(name string) string { return s.Parameter(name) }

// area is a country's name, or its number when the built-in table has none.
func (s *source) area(code int) string {
	if name, ok := s.areas[code]; ok {
		return name
	}
	return fmt.Sprintf("reporter %d", code)
}

func (s *source) reporter() string {
	if s.of.Name != "" {
		return s.of.Name
	}
	return s.area(int(s.of.Code))
}

// name is the reporter within a sentence: "the United States".
func (s *source) name() string { return inText(s.reporter()) }

// whose is whose trade is drawn, within a sentence: "the United States'".
func (s *source) whose() string { return possessive(s.name()) }

// years lists the years that the figures have, oldest first.
func (s *source) years(ctx context.Context) ([]int, error) {
	years, err := engine.Query(ctx, s.db, func(r *sql.Rows) (y int, err error) {
		err = r.Scan(&y)
		return y, err
	}, "SELECT DISTINCT year FROM import_dependence ORDER BY year")
	if err != nil {
		return nil, fmt.Errorf("list the years of release %s: %w", s.ID, err)
	}
	return years, nil
}
