package release

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"entrepot/pipeline/engine"
	"entrepot/pipeline/usage"
	"entrepot/schemas"
	"entrepot/schemas/sqltext"
)

// Selection asks for rows of a published table.
type Selection struct {
	Out     string
	Release string   // id; "" is the current one
	Table   string   // its name, or a figure, whose main table it is
	Filters []Filter // all of them hold
	By      string   // the column whose largest values come first; "" for the order of the table
	Columns []string // none: all
	Most    int64    // rows at most; 0 for all
}

// Filter keeps the rows that have one of the values. Codes of goods may be given by their
// beginning, countries by a code or name, and what has a label by that.
type Filter struct {
	Column string // or one of the kinds of columns below
	Values []string
}

// Codes as the column of a filter stands for the table's column of codes of goods.
const Codes = "code"

// Shown is what a table has of what was asked for.
type Shown struct {
	Release string         `json:"release"`
	Table   string         `json:"table"`
	Title   string         `json:"title"`
	Output  schemas.Output `json:"-"` // with the columns that the release has
	Rows    []Row          `json:"rows"`
	More    int64          `json:"more"` // rows that were not asked for
}

// Show reads rows of a published table. A table, column or value that is not there is a
// *usage.Error that says what there is.
func Show(ctx context.Context, s Selection) (shown *Shown, err error) {
	r, err := Find(s.Out, s.Release)
	if err != nil {
		return nil, err
	}
	o, err := r.mainTable(s.Table)
	if err != nil {
		return nil, err
	}
	chosen, err := chosenColumns(o, s.Columns)
	if err != nil {
		return nil, err
	}
	if s.By != "" {
		if _, err := columnOf(o, s.By); err != nil {
			return nil, err
		}
	}
	db, err := r.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	x := &explainer{Release: r, db: db, output: o}
	where, bound, err := x.filter(s.Filters)
	if err != nil {
		return nil, err
	}
	return x.show(ctx, s, chosen, where, bound)
}

// mainTable is the table of that name, or the main one of a figure.
func (r *Release) mainTable(name string) (schemas.Output, error) {
	found := r.Catalogue().Find(name)
	if len(found) == 0 {
		return schemas.Output{}, r.noTable(name)
	}
	all, err := r.Tables(found[0].Name)
	if err != nil {
		return schemas.Output{}, err
	}
	return all[0], nil
}

func chosenColumns(o schemas.Output, names []string) ([]string, error) {
	var all []string
	for _, c := range o.Columns {
		all = append(all, c.Name)
	}
	if len(names) == 0 {
		return all, nil
	}
	for _, name := range names {
		if _, err := columnOf(o, name); err != nil {
			return nil, err
		}
	}
	return names, nil
}

func columnOf(o schemas.Output, name string) (schemas.Column, error) {
	if c, ok := o.Column(name); ok {
		return c, nil
	}
	var names []string
	for _, c := range o.Columns {
		names = append(names, c.Name)
	}
	if nearest := schemas.NearestOf(name, names); nearest != "" {
		return schemas.Column{}, usage.Errorf("table %s has no column %q; did you mean %s? It has %s", o.Name, name, nearest, strings.Join(names, ", "))
	}
	return schemas.Column{}, usage.Errorf("table %s has no column %q; it has %s", o.Name, name, strings.Join(names, ", "))
}

// filter is the condition that all filters hold, with what is bound to it.
func (x *explainer) filter(filters []Filter) (where string, bound []any, err error) {
	var all []string
	for _, f := range filters {
		column, err := x.filtered(f.Column)
		if err != nil {
			return "", nil, err
		}
		var one []string
		for _, value := range f.Values {
			condition, value, err := x.is(column, value, fmt.Sprintf("value_%d", len(bound)))
			if err != nil {
				return "", nil, err
			}
			one = append(one, condition)
			bound = append(bound, sql.Named(fmt.Sprintf("value_%d", len(bound)), value))
		}
		x.where = append(x.where, Condition{Column: column.Name, Value: strings.Join(f.Values, ", ")})
		all = append(all, "("+strings.Join(one, " OR ")+")")
	}
	return strings.Join(all, " AND "), bound, nil
}

// filtered is the column of a filter.
func (x *explainer) filtered(name string) (schemas.Column, error) {
	if name == Codes {
		for _, c := range x.output.Columns {
			if c.Kind == schemas.Goods {
				return c, nil
			}
		}
	}
	return columnOf(x.output, name)
}

// is the condition that a column has a value.
func (x *explainer) is(c schemas.Column, value, name string) (string, string, error) {
	column := "r." + sqltext.Name(c.Name)
	switch c.Kind {
	case schemas.Goods:
		return "starts_with(" + column + ", $" + name + ")", value, nil
	case schemas.Areas:
		code, err := areaCode(value)
		return column + " = TRY_CAST($" + name + " AS " + string(c.Type) + ")", code, err
	}
	condition := column + " = TRY_CAST($" + name + " AS " + string(c.Type) + ")"
	for _, label := range x.output.NamesOf(c.Name) {
		condition += " OR lower(r." + sqltext.Name(label.Name) + ") = lower($" + name + ")"
	}
	return condition, value, nil
}

// areaCode is the number of an area that may be given by a name or another code.
func areaCode(text string) (string, error) {
	if _, err := strconv.Atoi(text); err == nil {
		return text, nil
	}
	reference, err := schemas.Load(schemas.Files{})
	if err != nil {
		return "", fmt.Errorf("read the names of countries: %w", err)
	}
	area, err := reference.Area(text)
	if err != nil {
		return "", usage.Errorf("%w", err)
	}
	return strconv.Itoa(int(area.Code)), nil
}

func (x *explainer) show(ctx context.Context, s Selection, columns []string, where string, bound []any) (*Shown, error) {
	o := x.output
	text, err := query("show.sql", map[string]any{"Columns": columns, "Table": o.Name, "Where": where, "By": s.By, "Key": o.SortBy})
	if err != nil {
		return nil, err
	}
	most := sql.NullInt64{Int64: s.Most, Valid: s.Most > 0}
	shown := &Shown{Release: x.ID, Table: o.Name, Title: o.Title, Output: o}
	var all int64
	shown.Rows, err = engine.Query(ctx, x.db, func(rows *sql.Rows) (Row, error) {
		values, err := scanAny(rows, len(columns), &all)
		return newRow(columns, values), err
	}, text, slices.Concat(bound, []any{sql.Named("most", most)})...)
	if err != nil {
		return nil, fmt.Errorf("read %s of release %s: %w", o.Name, x.ID, err)
	}
	if len(shown.Rows) == 0 && len(x.where) > 0 {
		return nil, x.nothing(ctx)
	}
	if shown.Rows == nil {
		shown.Rows = []Row{}
	}
	shown.More = all - int64(len(shown.Rows))
	return shown, nil
}
