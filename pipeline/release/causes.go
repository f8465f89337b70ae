package release

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"

	"entrepot/pipeline/engine"
	"entrepot/schemas"
	"entrepot/transforms/own"

	"github.com/duckdb/duckdb-go/v2"
)

// addCauses says of each row why it changed: of rows with lines behind them, by the
// lines that differ; of others, what differs between the releases.
func (c *comparison) addCauses(ctx context.Context, o schemas.Output, rows []RowChange) error {
	evidence, ok := c.traced(o)
	if !ok {
		for i := range rows {
			rows[i].Causes = []Cause{{Reason: c.anyReason(), Share: 1, Codes: []string{}}}
		}
		return nil
	}
	if err := c.compareLines(ctx); err != nil {
		return fmt.Errorf("compare lines: %w", err)
	}
	text, err := query("causes.sql", c.causes(o, evidence))
	if err != nil {
		return err
	}
	_, err = engine.Query(ctx, c.db, func(r *sql.Rows) (cause Cause, err error) {
		var n int
		var codes duckdb.Composite[[]string]
		err = r.Scan(&n, &cause.Reason, &cause.Share, &codes)
		cause.Codes, cause.Share = codes.Get(), math.Round(cause.Share*1e4)/1e4
		rows[n-1].Causes = append(rows[n-1].Causes, cause)
		return cause, err
	}, text, sql.Named("most", c.most), sql.Named("other", c.otherReason()),
		sql.Named("sectors_changed", slices.Contains(c.difference.Reference, "sectors")))
	if err != nil {
		return fmt.Errorf("find the causes: %w", err)
	}
	for i := range rows {
		if len(rows[i].Causes) == 0 {
			rows[i].Causes = []Cause{{Reason: c.otherReason(), Share: 1, Codes: []string{}}}
		}
	}
	return nil
}

// traced is the evidence by which a change is traced to lines: rows by code, of another
// output or of this one.
func (c *comparison) traced(o schemas.Output) (schemas.Evidence, bool) {
	own := schemas.Evidence{Output: o.Name, On: o.SortBy}
	for _, evidence := range append(slices.Clone(o.Behind), own) {
		of, err := c.catalogue.Lookup(evidence.Output)
		if err != nil || of.Lines == "" || !c.has(of.Name) || !c.has("lines") {
			continue
		}
		if _, byCode := of.Column("hs6"); byCode {
			return evidence, true
		}
	}
	return schemas.Evidence{}, false
}

func (c *comparison) has(table string) bool { return c.a.Has(table) && c.b.Has(table) }

// causes is the data of causes.sql.
func (c *comparison) causes(o schemas.Output, evidence schemas.Evidence) map[string]any {
	of, _ := c.catalogue.Lookup(evidence.Output) // traced has found it
	part, _ := o.Column(o.Ratio.Part)
	orZero := func(text string) string {
		if text == "" {
			return "0"
		}
		return text
	}
	return map[string]any{
		"Evidence": of.Name, "Tie": evidence.Tie(), "Lines": linesOf(of, evidence.Lines),
		"Part": orZero(evidence.Part), "Of": orZero(evidence.Of), "Counted": part.Unit == "codes",
	}
}

// compareLines makes the table changed_lines, once.
func (c *comparison) compareLines(ctx context.Context) error {
	if c.linesChanged {
		return nil
	}
	text, err := query("changed_lines.sql", nil)
	if err != nil {
		return err
	}
	_, err = c.db.ExecContext(ctx, text)
	c.linesChanged = err == nil
	return err
}

// otherReason is that of a change without a changed line.
func (c *comparison) otherReason() string {
	d := c.difference
	switch {
	case len(d.Parameters) > 0:
		return c.parameters()
	case len(d.Reference) > 0:
		return c.reference()
	}
	return c.sqlReason()
}

// sqlReason is that the tables are made otherwise: the user's, as far as they differ, or the
// program's.
func (c *comparison) sqlReason() string {
	changed := own.Changed(c.a.Manifest.Own, c.b.Manifest.Own)
	if len(changed) == 0 {
		return "the SQL of a transform"
	}
	return few(changed)
}

// anyReason is that of a change of which no lines tell.
func (c *comparison) anyReason() string {
	d := c.difference
	var all []string
	if len(d.Inputs) > 0 {
		var names []string
		for _, in := range d.Inputs {
			names = append(names, in.Name)
		}
		all = append(all, "input "+few(names))
	}
	if len(d.Parameters) > 0 {
		all = append(all, c.parameters())
	}
	if len(d.Reference) > 0 {
		all = append(all, c.reference())
	}
	if len(all) == 0 {
		return c.sqlReason()
	}
	return strings.Join(all, "; ")
}

func (c *comparison) parameters() string {
	var names []string
	for _, p := range c.difference.Parameters {
		names = append(names, p.Name)
	}
	return "parameter " + strings.Join(names, ", ")
}

func (c *comparison) reference() string {
	return "reference table " + strings.Join(c.difference.Reference, ", ")
}
