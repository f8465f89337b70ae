package release

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"entrepot/pipeline/engine"
	"entrepot/pipeline/usage"
	"entrepot/schemas"
	"entrepot/schemas/sqltext"
)

// Comparison says which two releases are compared, and how much of it is told.
type Comparison struct {
	Out      string // output folder
	From, To string // ids; To "" is the current one
	Tables   []string
	Most     int // rows of each table that are told, the largest changes first; 0 is all
}

// Difference is what changed between two releases, and why.
type Difference struct {
	From       string        `json:"from"`
	To         string        `json:"to"`
	Parameters []ValueChange `json:"parameters"`
	Reference  []string      `json:"reference_tables"` // those that changed
	Inputs     []InputChange `json:"inputs"`
	Tables     []TableChange `json:"tables"` // those that changed
}

// ValueChange is a parameter, the version, or the value of a column that differs.
type ValueChange struct {
	Name string `json:"name"`
	From any    `json:"from"`
	To   any    `json:"to"`
}

// InputChange is an input file that came, went or changed.
type InputChange struct {
	Name   string `json:"name"`
	Change string `json:"change"` // new, gone, changed
}

// TableChange is a published table of which rows changed.
type TableChange struct {
	Table   string      `json:"table"`
	OnlyIn  string      `json:"only_in,omitempty"` // the release that alone has the table
	Changed int         `json:"changed"`
	New     int         `json:"new"`
	Gone    int         `json:"gone"`
	Rows    []RowChange `json:"rows"` // the largest changes first
}

// RowChange is a row that changed. Of a new or gone row, Columns has all values.
type RowChange struct {
	Key     Row           `json:"key"`
	Change  string        `json:"change"` // changed, new, gone
	Ratio   *RatioChange  `json:"ratio,omitempty"`
	Columns []ValueChange `json:"columns"`
	Causes  []Cause       `json:"causes"` // the largest first
}

// RatioChange is the part and the whole that a measure is made of, when one of them
// changed: counts of codes or US dollars, nil when not known.
type RatioChange struct {
	FromPart *float64 `json:"from_part"`
	FromOf   *float64 `json:"from_of"`
	ToPart   *float64 `json:"to_part"`
	ToOf     *float64 `json:"to_of"`
}

// Cause is a reason for a change. Share is its part of the change: of the codes
// that changed sides or, for measures of value, of the US dollars that changed.
type Cause struct {
	Reason string   `json:"reason"`
	Share  float64  `json:"share"`
	Codes  []string `json:"codes"`
}

// Diff compares two releases by their files alone. A release or a table that is not
// there is a *usage.Error.
func Diff(ctx context.Context, c Comparison) (d *Difference, err error) {
	outputs, err := chosen(c.Tables)
	if err != nil {
		return nil, err
	}
	a, err := Find(c.Out, c.From)
	if err != nil {
		return nil, err
	}
	b, err := Find(c.Out, c.To)
	if err != nil {
		return nil, err
	}
	old, now := a.Manifest, b.Manifest
	d = &Difference{From: a.ID, To: b.ID, Parameters: changedParameters(old, now), Reference: changedReference(old, now),
		Inputs: changedInputs(old, now), Tables: []TableChange{}}
	db, err := engine.Open(ctx, "", engine.Options{})
	if err != nil {
		return nil, fmt.Errorf("compare releases: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	x := &comparison{db: db, a: a, b: b, difference: d, most: c.Most}
	if err := x.open(ctx); err != nil {
		return nil, fmt.Errorf("compare releases: %w", err)
	}
	for _, o := range outputs {
		if err := x.compare(ctx, o); err != nil {
			return nil, fmt.Errorf("compare %s: %w", o.Name, err)
		}
	}
	return d, nil
}

// chosen lists the outputs of the tables and figures asked for, or all.
func chosen(names []string) ([]schemas.Output, error) {
	if len(names) == 0 {
		return schemas.Outputs(), nil
	}
	var all []schemas.Output
	for _, name := range names {
		found := schemas.Find(name)
		if len(found) == 0 {
			return nil, usage.Errorf("there is no table or figure %q to compare; there are %s", name, schemas.Known())
		}
		all = append(all, found...)
	}
	return all, nil
}

// comparison has the tables of the two releases in the schemas a and b of a database.
type comparison struct {
	db           *sql.DB
	a, b         *Release
	difference   *Difference
	most         int
	linesChanged bool // the table changed_lines is made
}

// open makes views of the tables that both releases have, with the columns that both
// have, in one type: releases of two versions may differ in all of these.
func (c *comparison) open(ctx context.Context) error {
	if _, err := c.db.ExecContext(ctx, "CREATE SCHEMA a; CREATE SCHEMA b"); err != nil {
		return err
	}
	for _, o := range schemas.Outputs() {
		if !c.a.Has(o.Name) || !c.b.Has(o.Name) {
			continue
		}
		columns, err := c.common(ctx, o)
		if err != nil {
			return err
		}
		var all []string
		for _, column := range columns {
			all = append(all, fmt.Sprintf("CAST(%[1]s AS %[2]s) AS %[1]s", sqltext.Name(column.Name), column.Type))
		}
		for schema, r := range map[string]*Release{"a": c.a, "b": c.b} {
			view := fmt.Sprintf("CREATE VIEW %s.%s AS SELECT %s FROM %s", schema, sqltext.Name(o.Name), strings.Join(all, ", "), r.parquet(o.Name))
			if _, err := c.db.ExecContext(ctx, view); err != nil {
				return fmt.Errorf("open %s of release %s: %w", o.Name, r.ID, err)
			}
		}
	}
	return nil
}

// common lists the columns of an output that both releases have.
func (c *comparison) common(ctx context.Context, o schemas.Output) ([]schemas.Column, error) {
	old, err := columnsOf(ctx, c.db, c.a, o.Name)
	if err != nil {
		return nil, err
	}
	now, err := columnsOf(ctx, c.db, c.b, o.Name)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(o.Columns), func(column schemas.Column) bool {
		return !slices.Contains(old, column.Name) || !slices.Contains(now, column.Name)
	}), nil
}

// compare adds a table to the difference if it has one.
func (c *comparison) compare(ctx context.Context, o schemas.Output) error {
	change := TableChange{Table: o.Name, Rows: []RowChange{}}
	old, now := c.a.Has(o.Name), c.b.Has(o.Name)
	switch {
	case !old && !now:
		return nil
	case !old:
		change.OnlyIn = c.b.ID
	case !now:
		change.OnlyIn = c.a.ID
	default:
		columns, err := c.common(ctx, o)
		if err != nil {
			return err
		}
		o.Columns = columns
		if change.OnlyIn, err = "", c.rows(ctx, o, &change); err != nil {
			return err
		}
		if change.Changed+change.New+change.Gone == 0 {
			return nil
		}
	}
	c.difference.Tables = append(c.difference.Tables, change)
	return nil
}

// rows compares the rows of a table that both releases have.
func (c *comparison) rows(ctx context.Context, o schemas.Output, change *TableChange) error {
	for _, column := range o.SortBy {
		if _, ok := o.Column(column); !ok {
			return fmt.Errorf("one of the releases, of versions %s and %s, has no column %s", c.a.Manifest.Version, c.b.Manifest.Version, column)
		}
	}
	text, err := query("changed_rows.sql", map[string]any{"Table": o.Name, "Key": o.SortBy, "Size": size(o)})
	if err != nil {
		return err
	}
	if _, err := c.db.ExecContext(ctx, text); err != nil {
		return err
	}
	err = c.db.QueryRowContext(ctx, "SELECT count(*) FILTER (change = 'changed'), count(*) FILTER (change = 'new'), count(*) FILTER (change = 'gone') FROM changed").
		Scan(&change.Changed, &change.New, &change.Gone)
	if err != nil || change.Changed+change.New+change.Gone == 0 {
		return err
	}
	if change.Rows, err = c.readRows(ctx, o); err != nil {
		return err
	}
	return c.addCauses(ctx, o, change.Rows)
}

// size is the SQL by which changes are put in order: by the change of the share that
// the output measures, then by the US dollars that changed.
func size(o schemas.Output) string {
	var all []string
	if _, ok := o.Column(o.Ratio.Share); ok {
		share := sqltext.Name(o.Ratio.Share)
		all = append(all, fmt.Sprintf("abs(coalesce(now.%[1]s, 0) - coalesce(old.%[1]s, 0))", share))
	}
	var dollars []string
	for _, column := range o.Columns {
		if column.Unit == "US dollars" {
			dollars = append(dollars, fmt.Sprintf("abs(coalesce(now.%[1]s, 0) - coalesce(old.%[1]s, 0))", sqltext.Name(column.Name)))
		}
	}
	if len(dollars) > 0 {
		all = append(all, strings.Join(dollars, " + "))
	}
	return strings.Join(all, " DESC, ")
}

// readRows reads the rows that changed, the largest changes first.
func (c *comparison) readRows(ctx context.Context, o schemas.Output) ([]RowChange, error) {
	var names []string
	for _, column := range o.Columns {
		names = append(names, column.Name)
	}
	columns := append(aliased("old", names), aliased("now", names)...)
	text := "SELECT " + strings.Join(columns, ", ") + ", change FROM changed WHERE $most = 0 OR n <= $most ORDER BY n"
	return engine.Query(ctx, c.db, func(rows *sql.Rows) (r RowChange, err error) {
		values, err := scanAny(rows, len(columns), &r.Change)
		r.compare(o, values[:len(names)], values[len(names):])
		return r, err
	}, text, sql.Named("most", c.most))
}

// compare fills in what changed, of the values of the columns as they were and are.
func (r *RowChange) compare(o schemas.Output, old, now []any) {
	r.Columns, r.Causes = []ValueChange{}, []Cause{}
	is := now
	if r.Change == "gone" {
		is = old
	}
	key := make(Row, len(o.SortBy))
	for i, column := range o.Columns {
		if at := slices.Index(o.SortBy, column.Name); at >= 0 {
			key[at] = Field{column.Name, is[i]}
			continue
		}
		if old[i] != now[i] || r.Change != "changed" {
			r.Columns = append(r.Columns, ValueChange{column.Name, old[i], now[i]})
		}
	}
	r.Key = key
	r.Ratio = r.ratio(o.Ratio)
	if r.Ratio != nil {
		*r.Ratio = RatioChange{value(o, old, o.Ratio.Part), value(o, old, o.Ratio.Of), value(o, now, o.Ratio.Part), value(o, now, o.Ratio.Of)}
	}
}

// ratio is not nil when the part or the whole changed.
func (r *RowChange) ratio(of schemas.Ratio) *RatioChange {
	for _, column := range r.Columns {
		if column.Name == of.Part || column.Name == of.Of {
			return &RatioChange{}
		}
	}
	return nil
}

// value is a number among the values of an output's columns, or nil.
func value(o schemas.Output, values []any, name string) *float64 {
	at := slices.IndexFunc(o.Columns, func(c schemas.Column) bool { return c.Name == name })
	if at < 0 {
		return nil
	}
	var number float64
	switch v := values[at].(type) {
	case float64:
		number = v
	case int32:
		number = float64(v)
	case int16:
		number = float64(v)
	default:
		return nil
	}
	return &number
}
