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
)

// Question asks why a cell of a figure is what it is.
type Question struct {
	Out     string // output folder
	Release string // id; "" is the current one
	Figure  string // "figure14", or the name of an output by sector and year
	Sector  string
	Year    int
	Lines   bool // down to the lines of the input files
}

// Explanation answers a Question from the published files alone.
type Explanation struct {
	Release string          `json:"release"`
	Measure string          `json:"measure"`
	Title   string          `json:"title"`
	Sector  string          `json:"sector"`
	Year    int             `json:"year"`
	Cell    map[string]any  `json:"cell"`
	Columns []string        `json:"columns"`
	Codes   []ExplainedCode `json:"codes"` // those that count in the numerator first
}

// ExplainedCode is a code of the sector with its values, in the order of Columns.
type ExplainedCode struct {
	HS6    string `json:"hs6"`
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
}

// evidence says which columns of a measure's HS-6 output explain it, in which
// order, and which lines stand behind them.
type evidence struct {
	columns []string
	order   string
	lines   string
}

var evidenceOf = map[string]evidence{
	"import_dependence":   {[]string{"imports_usd", "exports_usd", "import_export_ratio", "traded", "dependent"}, "dependent DESC, imports_usd DESC", "reporter = $reporter AND partner = 0"},
	"dominance":           {[]string{"exports_usd", "world_exports_usd", "export_share", "exporters", "dominated"}, "dominated DESC, export_share DESC", "flow = 'X' AND partner = 0"},
	"export_share":        {[]string{"exports_usd", "world_exports_usd", "export_share"}, "exports_usd DESC", "flow = 'X' AND partner = 0"},
	"partner_group_share": {[]string{"imports_usd", "group_imports_usd", "group_share", "partner_coverage"}, "imports_usd DESC", "reporter = $reporter AND flow = 'M'"},
}

// measure finds a sector-level output by its name or its figure.
func measure(name string) (schemas.Output, error) {
	var known []string
	for _, o := range schemas.Outputs() {
		if _, ok := evidenceOf[o.Name]; !ok {
			continue
		}
		if o.Name == name || schemas.FigureKey(o.Figure) == schemas.FigureKey(name) {
			return o, nil
		}
		known = append(known, schemas.FigureKey(o.Figure)+" ("+o.Name+")")
	}
	return schemas.Output{}, usage.Errorf("there is no figure %q to explain; there are %s", name, strings.Join(known, ", "))
}

// tables is a release with its tables open.
type tables struct {
	*Release
	db *sql.DB
}

func openTables(ctx context.Context, out, id string) (*tables, error) {
	r, err := Find(out, id)
	if err != nil {
		return nil, err
	}
	db, err := r.Open(ctx)
	if err != nil {
		return nil, err
	}
	return &tables{r, db}, nil
}

func (t *tables) close() error { return t.db.Close() }

// Explain answers a question. It reads the release only, so it works while a run
// is going on and for releases that are not the current one.
func Explain(ctx context.Context, q Question) (e *Explanation, err error) {
	output, err := measure(q.Figure)
	if err != nil {
		return nil, err
	}
	t, err := openTables(ctx, q.Out, q.Release)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	e = &Explanation{Release: t.ID, Measure: output.Name, Title: output.Title, Sector: q.Sector, Year: q.Year}
	if e.Cell, err = t.cell(ctx, output, q); err != nil {
		return nil, err
	}
	how := evidenceOf[output.Name]
	e.Columns = how.columns
	if e.Codes, err = t.codes(ctx, output, how, q); err != nil {
		return nil, fmt.Errorf("list the codes behind %s: %w", output.Name, err)
	}
	if q.Lines {
		err = t.addLines(ctx, e, how.lines)
	}
	return e, err
}

func (t *tables) cell(ctx context.Context, o schemas.Output, q Question) (map[string]any, error) {
	rows, err := t.db.QueryContext(ctx, "FROM "+t.parquet(o.Name)+" WHERE sector = $sector AND year = $year",
		sql.Named("sector", q.Sector), sql.Named("year", q.Year))
	if err != nil {
		return nil, fmt.Errorf("find the cell: %w", err)
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return nil, fmt.Errorf("find the cell: %w", err)
		}
		return nil, t.noCell(ctx, o, q)
	}
	values, targets := make([]any, len(o.Columns)), make([]any, len(o.Columns))
	for i := range values {
		targets[i] = &values[i]
	}
	if err := rows.Scan(targets...); err != nil {
		return nil, fmt.Errorf("find the cell: %w", err)
	}
	cell := map[string]any{}
	for i, c := range o.Columns {
		cell[c.Name] = values[i]
	}
	return cell, nil
}

// noCell says which sectors and years there are.
func (t *tables) noCell(ctx context.Context, o schemas.Output, q Question) error {
	var sectors, years string
	err := t.db.QueryRowContext(ctx, "SELECT string_agg(DISTINCT sector, ', ' ORDER BY sector), string_agg(DISTINCT year::VARCHAR, ', ' ORDER BY year::VARCHAR) FROM "+t.parquet(o.Name)).
		Scan(&sectors, &years)
	if err != nil {
		return fmt.Errorf("find the cell: %w", err)
	}
	return usage.Errorf("release %s has no sector %q in %d; it has the sectors %s and the years %s", t.ID, q.Sector, q.Year, sectors, years)
}

func (t *tables) codes(ctx context.Context, o schemas.Output, how evidence, q Question) ([]ExplainedCode, error) {
	return engine.Query(ctx, t.db, func(rows *sql.Rows) (ExplainedCode, error) {
		c := ExplainedCode{Values: make([]any, len(how.columns))}
		targets := []any{&c.HS6}
		for i := range c.Values {
			targets = append(targets, &c.Values[i])
		}
		err := rows.Scan(targets...)
		return c, err
	}, fmt.Sprintf("SELECT hs6, %s FROM %s WHERE sector = $sector AND year = $year ORDER BY %s NULLS LAST, hs6",
		strings.Join(how.columns, ", "), t.parquet(o.Name+"_hs6"), strings.ReplaceAll(how.order, ", ", " NULLS LAST, ")),
		sql.Named("sector", q.Sector), sql.Named("year", q.Year))
}

func (t *tables) addLines(ctx context.Context, e *Explanation, which string) error {
	args := []any{sql.Named("year", e.Year)}
	if strings.Contains(which, "$reporter") {
		args = append(args, sql.Named("reporter", e.Cell["reporter"]))
	}
	type found struct {
		code string
		Line
	}
	all, err := engine.Query(ctx, t.db, func(rows *sql.Rows) (f found, err error) {
		err = rows.Scan(&f.code, &f.File, &f.Line.Line, &f.Flow, &f.Reporter, &f.Partner, &f.Revision, &f.HS6, &f.Value, &f.Used)
		return f, err
	}, "SELECT hs6, file, line, flow, reporter, partner, reported_revision, reported_hs6, value_usd, used_usd FROM "+t.parquet("lines")+
		" WHERE year = $year AND "+which+" ORDER BY flow, partner, reporter, reported_hs6", args...)
	if err != nil {
		return fmt.Errorf("list the lines: %w", err)
	}
	for _, f := range all {
		if i := slices.IndexFunc(e.Codes, func(c ExplainedCode) bool { return c.HS6 == f.code }); i >= 0 {
			e.Codes[i].Lines = append(e.Codes[i].Lines, f.Line)
		}
	}
	return nil
}
