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

// Question asks why a row of a published table is what it is.
type Question struct {
	Out     string // output folder
	Release string // id; "" is the current one
	Table   string // its name, or a figure such as "figure14"
	Where   []Condition
	Lines   bool // down to the lines of the input files
}

// Condition picks rows by the value of a column, as text.
type Condition struct{ Column, Value string }

// Explanation answers a Question from the published files alone.
type Explanation struct {
	Release string   `json:"release"`
	Table   string   `json:"table"`
	Figure  string   `json:"figure"`
	Title   string   `json:"title"`
	Key     []string `json:"key"`
	Rows    []Row    `json:"rows"`      // one, unless nothing stands behind rows of the table
	More    int64    `json:"more_rows"` // that match, beside Rows
	Behind  []Behind `json:"behind"`
	Lines   []Line   `json:"lines"` // behind the row itself
	Note    string   `json:"note"`  // what the table can't tell

	Output schemas.Output `json:"-"` // what is known of the table
}

// Behind are the rows of another table behind the row, those that count most first.
type Behind struct {
	Table   string      `json:"table"`
	Title   string      `json:"title"`
	Columns []string    `json:"columns"`
	Keys    int         `json:"keys"`  // how many of Columns tell its rows apart
	Names   int         `json:"names"` // how many, at the end of Columns, are names of keys
	Idle    string      `json:"idle"`  // the column that is false in rows that count nowhere, or ""
	IdleIs  string      `json:"-"`     // what such a row is: "code that …"
	Rows    []BehindRow `json:"rows"`
}

// BehindRow has its values in the order of Columns.
type BehindRow struct {
	Values []any  `json:"values"`
	Lines  []Line `json:"lines,omitempty"`
}

// Line is a value of an input file. Used is the part that counts under the code.
type Line struct {
	File     string  `json:"file"`
	Line     int64   `json:"line"`
	Flow     string  `json:"flow"`
	Reporter int16   `json:"reporter"`
	Partner  int16   `json:"partner"`
	Revision string  `json:"hs_revision"`
	HS6      string  `json:"hs6"`
	Value    float64 `json:"value_usd"`
	Used     float64 `json:"used_usd"`

	// What the codes are called; "" in releases of versions that did not say it.
	ReporterName string `json:"reporter_name,omitempty"`
	PartnerName  string `json:"partner_name,omitempty"`
	Product      string `json:"product,omitempty"`
}

// mostRows is how many rows are read of a table that nothing stands behind.
const mostRows = 1000

// explainer answers one question.
type explainer struct {
	*Release
	db     *sql.DB
	output schemas.Output
	where  []Condition
}

// Explain answers a question. It reads the release only, so it works while a run
// is going on and for releases that are not the current one. A table, column or value
// that is not there is a *usage.Error that says which are, and so is a question that
// asks for several rows at once where something stands behind each.
func Explain(ctx context.Context, q Question) (e *Explanation, err error) {
	r, err := Find(q.Out, q.Release)
	if err != nil {
		return nil, err
	}
	found := r.Catalogue().Find(q.Table)
	if len(found) == 0 {
		return nil, usage.Errorf("there is no table or figure %q to explain; there are %s", q.Table, r.Catalogue().Known())
	}
	found = slices.DeleteFunc(found, func(o schemas.Output) bool { return !r.Has(o.Name) })
	if len(found) == 0 {
		return nil, usage.Errorf("release %s, of version %s, has no table %s", r.ID, r.Manifest.Version, q.Table)
	}
	db, err := r.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for i, o := range found {
		found[i] = r.seen(o)
	}
	o := asked(found, q.Where)
	where, err := r.ofReporter(o, q.Where)
	if err != nil {
		return nil, err
	}
	x := &explainer{r, db, o, where}
	return x.explain(ctx, q.Lines)
}

// ofReporter says in the conditions which reporter's rows are asked for: by its number what
// was given in another form and, where nothing was given, the first.
func (r *Release) ofReporter(o schemas.Output, where []Condition) ([]Condition, error) {
	given := slices.IndexFunc(where, func(c Condition) bool { return c.Column == "reporter" })
	if !o.Measured() || given < 0 && !r.Several() {
		return where, nil
	}
	where = slices.Clone(where)
	if given < 0 {
		given, where = len(where), append(where, Condition{Column: "reporter"})
	}
	m, err := r.Reporter(where[given].Value)
	where[given].Value = strconv.Itoa(int(m.Code))
	return where, err
}

// asked is the table of a figure whose key has the columns that were asked for.
func asked(found []schemas.Output, where []Condition) schemas.Output {
	for _, o := range found {
		if !slices.ContainsFunc(where, func(c Condition) bool { return !slices.Contains(o.SortBy, c.Column) }) {
			return o
		}
	}
	return found[0]
}

func (x *explainer) explain(ctx context.Context, lines bool) (*Explanation, error) {
	if err := x.checkColumns(); err != nil {
		return nil, err
	}
	o := x.output
	e := &Explanation{Release: x.ID, Table: o.Name, Figure: o.Figure, Title: o.Title, Key: o.SortBy, Behind: []Behind{}, Output: o}
	if err := x.readRows(ctx, e); err != nil {
		return nil, err
	}
	if len(o.Behind) == 0 && o.Lines == "" {
		e.Note = "No other published table stands behind a row of " + o.Name + "."
		return e, nil
	}
	for _, evidence := range o.Behind {
		if !x.Has(evidence.Output) {
			continue // of a version that did not have it
		}
		b, err := x.behind(ctx, evidence, lines)
		if err != nil {
			return nil, fmt.Errorf("list the rows of %s behind %s: %w", evidence.Output, o.Name, err)
		}
		e.Behind = append(e.Behind, b)
	}
	if lines && o.Lines != "" {
		numbered, err := x.lines(ctx, "lines.sql", map[string]any{"Table": o.Name, "Where": x.condition(), "Lines": o.Lines})
		if err != nil {
			return nil, err
		}
		e.Lines = numbered[0]
	} else if o.Lines != "" {
		e.Note = "Lines of the input files stand behind it; --lines lists them."
	}
	return e, nil
}

func (x *explainer) checkColumns() error {
	for _, c := range x.where {
		if _, ok := x.output.Column(c.Column); !ok {
			return usage.Errorf("table %s has no column %q; its key is %s", x.output.Name, c.Column, strings.Join(x.output.SortBy, ", "))
		}
	}
	return nil
}

// condition picks the rows r that were asked for; its values are bound by the columns'
// names. What is not of a column's type is equal to nothing.
func (x *explainer) condition() string {
	var all []string
	for i, c := range x.where {
		column, _ := x.output.Column(c.Column)
		all = append(all, fmt.Sprintf("r.%s = TRY_CAST($where_%d AS %s)", sqltext.Name(c.Column), i, column.Type))
	}
	return strings.Join(all, " AND ")
}

func (x *explainer) bound(more ...any) []any {
	for i, c := range x.where {
		more = append(more, sql.Named(fmt.Sprintf("where_%d", i), c.Value))
	}
	return more
}

// readRows finds the row that was asked for, or the rows where nothing stands behind one.
func (x *explainer) readRows(ctx context.Context, e *Explanation) error {
	o := x.output
	columns, err := x.columns(ctx)
	if err != nil {
		return err
	}
	text, err := query("rows.sql", map[string]any{
		"Columns": sqltext.Names(columns), "Table": o.Name, "Where": x.condition(), "Key": o.SortBy})
	if err != nil {
		return err
	}
	var all int64
	e.Rows, err = engine.Query(ctx, x.db, func(rows *sql.Rows) (Row, error) {
		values, err := scanAny(rows, len(columns), &all)
		return newRow(columns, values), err
	}, text, x.bound(sql.Named("most", mostRows))...)
	if err != nil {
		return fmt.Errorf("find the row of %s: %w", o.Name, err)
	}
	e.More = all - int64(len(e.Rows))
	behind := len(o.Behind) > 0 || o.Lines != ""
	if len(e.Rows) == 0 {
		return x.nothing(ctx)
	}
	if behind && all > 1 {
		return x.several(ctx, all)
	}
	return nil
}

// columns lists the output's columns that the release has, in the output's order.
func (x *explainer) columns(ctx context.Context) ([]string, error) {
	there, err := columnsOf(ctx, x.db, x.Release, x.output.Name)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, c := range x.output.Columns {
		if slices.Contains(there, c.Name) {
			all = append(all, c.Name)
		}
	}
	return all, nil
}

// nothing is the error that no row is like that; it says what there is.
func (x *explainer) nothing(ctx context.Context) error {
	if len(x.where) == 0 {
		return usage.Errorf("table %s of release %s has no rows", x.output.Name, x.ID)
	}
	var columns, wanted []string
	for _, c := range x.where {
		columns = append(columns, c.Column)
		if c.Column == "year" {
			wanted = append(wanted, "in "+c.Value)
			continue
		}
		wanted = append(wanted, fmt.Sprintf("%s %q", c.Column, c.Value))
	}
	there, err := x.there(ctx, columns, "")
	if err != nil {
		return err
	}
	return usage.Errorf("table %s of release %s has no %s; it has %s", x.output.Name, x.ID, strings.Join(wanted, " "), there)
}

// several is the error that rows can't be told apart by what was asked for. It lists
// what the key has beside that.
func (x *explainer) several(ctx context.Context, rows int64) error {
	var missing, flags []string
	for _, column := range x.output.SortBy {
		if !slices.ContainsFunc(x.where, func(c Condition) bool { return c.Column == column }) {
			missing = append(missing, column)
			flags = append(flags, flagOf(column))
		}
	}
	there, err := x.there(ctx, missing, x.condition())
	if err != nil {
		return err
	}
	return usage.Errorf("explain needs %s for one row of %s, of which %d match; it has %s", and(flags), x.output.Name, rows, there)
}

// flagOf is how a column of a key is given on the command line.
func flagOf(column string) string {
	if column == "sector" || column == "year" {
		return "--" + column
	}
	return "--where " + column + "=…"
}

// there says which values columns have.
func (x *explainer) there(ctx context.Context, columns []string, where string) (string, error) {
	var all []string
	for _, column := range columns {
		values, err := x.values(ctx, column, where)
		if err != nil {
			return "", err
		}
		all = append(all, "the "+plural(column)+" "+few(values))
	}
	return and(all), nil
}

func (x *explainer) values(ctx context.Context, column, where string) ([]string, error) {
	text, err := query("values.sql", map[string]any{"Column": column, "Table": x.output.Name, "Where": where})
	if err != nil {
		return nil, err
	}
	var bound []any
	if where != "" {
		bound = x.bound()
	}
	values, err := engine.Query(ctx, x.db, engine.Scan[sql.NullString], text, bound...)
	if err != nil {
		return nil, fmt.Errorf("list the values of %s in %s: %w", column, x.output.Name, err)
	}
	var all []string
	for _, v := range values {
		if v.Valid {
			all = append(all, v.String)
		}
	}
	return all, nil
}

// behind reads the rows of an evidence, with their lines if they are asked for.
func (x *explainer) behind(ctx context.Context, evidence schemas.Evidence, lines bool) (Behind, error) {
	o, err := x.Catalogue().Lookup(evidence.Output)
	if err != nil {
		return Behind{}, err
	}
	o = x.seen(o)
	b := Behind{Table: o.Name, Title: o.Title, Idle: evidence.Idle, IdleIs: evidence.IdleIs, Columns: apart(o, evidence)}
	b.Keys = len(b.Columns)
	names, err := x.namesOf(ctx, o, b.Columns)
	if err != nil {
		return b, err
	}
	b.Names = len(names)
	b.Columns = slices.Concat(b.Columns, evidence.Columns, names)
	data := map[string]any{
		"Columns": strings.Join(aliased("e", b.Columns), ", "), "Table": x.output.Name, "Evidence": o.Name,
		"Tie": evidence.Tie(), "Where": x.condition(), "Order": order(o, evidence), "Lines": linesOf(o, evidence.Lines),
	}
	text, err := query("behind.sql", data)
	if err != nil {
		return b, err
	}
	b.Rows, err = engine.Query(ctx, x.db, func(rows *sql.Rows) (BehindRow, error) {
		values, err := scanAny(rows, len(b.Columns))
		return BehindRow{Values: values}, err
	}, text, x.bound()...)
	if err != nil || !lines || o.Lines == "" {
		return b, err
	}
	numbered, err := x.lines(ctx, "behind_lines.sql", data)
	for row, lines := range numbered {
		b.Rows[row].Lines = lines
	}
	return b, err
}

// namesOf lists the columns that say what the codes in columns of an output are called, as
// far as the release has them.
func (x *explainer) namesOf(ctx context.Context, o schemas.Output, columns []string) ([]string, error) {
	there, err := columnsOf(ctx, x.db, x.Release, o.Name)
	if err != nil {
		return nil, err
	}
	return spoken(o, columns, there), nil
}

// spoken lists, of the columns that are there, those that say in words what the codes in
// columns of an output are called. Sectors speak for themselves.
func spoken(o schemas.Output, columns, there []string) []string {
	var all []string
	for _, column := range columns {
		code, _ := o.Column(column)
		for _, c := range o.NamesOf(column) {
			if code.Kind != schemas.Sectors && !c.IsCode() && slices.Contains(there, c.Name) {
				all = append(all, c.Name)
			}
		}
	}
	return all
}

// apart lists what tells the rows behind one row apart: the key without what they
// have in common.
func apart(o schemas.Output, evidence schemas.Evidence) []string {
	var all []string
	for _, column := range o.SortBy {
		if !slices.Contains(evidence.On, column) {
			all = append(all, column)
		}
	}
	return all
}

// order puts the rows of an evidence in an order that leaves nothing to chance.
func order(o schemas.Output, evidence schemas.Evidence) string {
	all := aliased("e", o.SortBy)
	if evidence.Order != "" {
		all = append([]string{evidence.Order}, all...)
	}
	return strings.Join(all, ", ")
}

// lines reads lines by the number of the row that they stand behind.
func (x *explainer) lines(ctx context.Context, name string, data any) (map[int][]Line, error) {
	text, err := query(name, data)
	if err != nil {
		return nil, err
	}
	all := map[int][]Line{}
	_, err = engine.Query(ctx, x.db, func(rows *sql.Rows) (l Line, err error) {
		var row int
		err = rows.Scan(&row, &l.File, &l.Line, &l.Flow, &l.Reporter, &l.Partner, &l.Revision, &l.HS6, &l.Value, &l.Used,
			&l.ReporterName, &l.PartnerName, &l.Product)
		l.File = x.InputPath(l.File)
		all[row] = append(all[row], l)
		return l, err
	}, text, x.bound()...)
	if err != nil {
		return nil, fmt.Errorf("list the lines: %w", err)
	}
	return all, nil
}
