package release

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"entrepot/pipeline/config"
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

// RowChange is a row that changed, with the columns that did, or one that came or went,
// with its values.
type RowChange struct {
	Key     Row           `json:"key"`
	Names   Row           `json:"names,omitempty"` // of the codes in Key
	Change  string        `json:"change"`          // changed, new, gone
	Ratio   *RatioChange  `json:"ratio,omitempty"`
	Columns []ValueChange `json:"columns,omitempty"`
	Values  Row           `json:"values,omitempty"`
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
func Diff(ctx context.Context, c Comparison) (*Difference, error) {
	a, err := Find(c.Out, c.From)
	if err != nil {
		return nil, err
	}
	b, err := Find(c.Out, c.To)
	if err != nil {
		return nil, err
	}
	outputs, err := chosen(both(a, b), c.Tables)
	if err != nil {
		return nil, err
	}
	return between(ctx, a, b, outputs, c.Most)
}

// Values compares all tables of two releases by their values, in the columns that both
// have: what two versions of the program can be held to. It tells no single row.
func Values(ctx context.Context, a, b *Release) (*Difference, error) {
	return between(ctx, a, b, both(a, b), 1)
}

// both lists the outputs that one of two releases may have tables of, as the later one knows
// them.
func both(a, b *Release) schemas.Catalogue { return a.Catalogue().With(b.Catalogue()...) }

func between(ctx context.Context, a, b *Release, outputs []schemas.Output, most int) (d *Difference, err error) {
	old, now := a.Manifest, b.Manifest
	d = &Difference{From: a.ID, To: b.ID, Parameters: changedParameters(old, now), Reference: changedReference(old, now),
		Inputs: changedInputs(old, now), Tables: []TableChange{}}
	db, err := engine.Open(ctx, "", engine.Options{})
	if err != nil {
		return nil, fmt.Errorf("compare releases: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	x := &comparison{db: db, a: a, b: b, old: a.Catalogue(), now: b.Catalogue(), catalogue: both(a, b), difference: d, most: most}
	if err := x.open(ctx); err != nil {
		return nil, fmt.Errorf("compare releases: %w", err)
	}
	for _, o := range outputs {
		if !a.Several() && !b.Several() {
			o = o.OfOne()
		}
		if err := x.compare(ctx, o); err != nil {
			return nil, fmt.Errorf("compare %s: %w", o.Name, err)
		}
	}
	return d, nil
}

// chosen lists the outputs of the tables and figures asked for, or all.
func chosen(from schemas.Catalogue, names []string) ([]schemas.Output, error) {
	if len(names) == 0 {
		return from, nil
	}
	var all []schemas.Output
	for _, name := range names {
		found := from.Find(name)
		if len(found) == 0 {
			return nil, usage.Errorf("there is no table or figure %q to compare; there are %s", name, from.Known())
		}
		all = append(all, found...)
	}
	return all, nil
}

// comparison has the tables of the two releases in the schemas a and b of a database.
type comparison struct {
	db           *sql.DB
	a, b         *Release
	old, now     schemas.Catalogue // of a and of b
	catalogue    schemas.Catalogue // of both
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
	for _, o := range c.catalogue {
		if !c.a.Has(o.Name) || !c.b.Has(o.Name) {
			continue
		}
		columns, err := c.common(ctx, o)
		if err != nil {
			return err
		}
		for schema, r := range map[string]*Release{"a": c.a, "b": c.b} {
			var all []string
			for _, column := range columns {
				all = append(all, fmt.Sprintf("CAST(%s AS %s) AS %s", r.today(column.Name), column.Type, sqltext.Name(column.Name)))
			}
			view := fmt.Sprintf("CREATE VIEW %s.%s AS SELECT %s FROM %s", schema, sqltext.Name(o.Name), strings.Join(all, ", "), r.parquet(o.Name))
			if _, err := c.db.ExecContext(ctx, view); err != nil {
				return fmt.Errorf("open %s of release %s: %w", o.Name, r.ID, err)
			}
		}
	}
	return nil
}

// today is the SQL of a column in the words of today: code_basis repeats what was set,
// which an older version may have called otherwise.
func (r *Release) today(column string) string {
	name := sqltext.Name(column)
	const setting = "conversion"
	was := fmt.Sprint(r.Manifest.Parameters[setting])
	_, is := config.Canonical(setting, was)
	if column != "code_basis" || is == was {
		return name
	}
	return fmt.Sprintf("replace(%s, %s, %s)", name, sqltext.Literal(was), sqltext.Literal(fmt.Sprint(is)))
}

// common lists the columns of an output that both releases have. What codes are called is
// no part of a measure.
func (c *comparison) common(ctx context.Context, o schemas.Output) ([]schemas.Column, error) {
	old, err := columnsOf(ctx, c.db, c.a, o.Name)
	if err != nil {
		return nil, err
	}
	now, err := columnsOf(ctx, c.db, c.b, o.Name)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(o.Computed(), func(column schemas.Column) bool {
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
	case !c.comparable(o):
		change.OnlyIn = c.b.ID // what the other has by this name is another table
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

// comparable tells whether both releases have the same key of a table. A user's measure may
// have got another one.
func (c *comparison) comparable(o schemas.Output) bool {
	old, err := c.old.Lookup(o.Name)
	if err != nil {
		return false
	}
	now, err := c.now.Lookup(o.Name)
	return err == nil && slices.Equal(old.SortBy, now.SortBy)
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
	const counts = "SELECT count(*) FILTER (change = 'changed'), count(*) FILTER (change = 'new'), count(*) FILTER (change = 'gone') FROM changed"
	err = c.db.QueryRowContext(ctx, counts).Scan(&change.Changed, &change.New, &change.Gone)
	if err != nil || change.Changed+change.New+change.Gone == 0 {
		return err
	}
	if change.Rows, err = c.readRows(ctx, o); err != nil {
		return err
	}
	if err := c.addNames(ctx, o, change.Rows); err != nil {
		return fmt.Errorf("read the names of codes: %w", err)
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

// addNames says what the codes in the keys of rows are called, as far as one of the
// releases does.
func (c *comparison) addNames(ctx context.Context, o schemas.Output, rows []RowChange) error {
	whole, err := c.catalogue.Lookup(o.Name) // o has no names, which are not compared
	if err != nil {
		return err
	}
	var names, releases []string
	for _, r := range []*Release{c.b, c.a} {
		there, err := columnsOf(ctx, c.db, r, o.Name)
		if err != nil {
			return err
		}
		if found := spoken(whole, o.SortBy, there); len(found) > 0 {
			names, releases = found, append(releases, r.parquet(o.Name))
		}
	}
	if len(names) == 0 {
		return nil
	}
	text, err := query("key_names.sql", map[string]any{"Names": names, "Releases": releases, "Key": o.SortBy})
	if err != nil {
		return err
	}
	_, err = engine.Query(ctx, c.db, func(r *sql.Rows) (struct{}, error) {
		var n int
		values := make([]any, len(names))
		targets := []any{&n}
		for i := range values {
			targets = append(targets, &values[i])
		}
		err := r.Scan(targets...)
		rows[n-1].Names = newRow(names, values)
		return struct{}{}, err
	}, text, sql.Named("most", c.most))
	return err
}

// compare fills in what changed, of the values of the columns as they were and are.
func (r *RowChange) compare(o schemas.Output, old, now []any) {
	r.Causes = []Cause{}
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
		switch {
		case r.Change != "changed":
			r.Values = append(r.Values, Field{column.Name, is[i]})
		case old[i] != now[i]:
			r.Columns = append(r.Columns, ValueChange{column.Name, old[i], now[i]})
		}
	}
	r.Key = key
	part, of := o.Ratio.Part, o.Ratio.Of
	ratio := RatioChange{value(o, old, part), value(o, old, of), value(o, now, part), value(o, now, of)}
	if !equal(ratio.FromPart, ratio.ToPart) || !equal(ratio.FromOf, ratio.ToOf) {
		r.Ratio = &ratio
	}
}

func equal(a, b *float64) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

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
