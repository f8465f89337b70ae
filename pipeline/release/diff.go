package release

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"entrepot/pipeline/config"
	"entrepot/pipeline/engine"
	"entrepot/schemas"
)

// Difference is what changed between two releases, and why.
type Difference struct {
	From       string        `json:"from"`
	To         string        `json:"to"`
	Parameters []ValueChange `json:"parameters"`
	Reference  []string      `json:"reference_tables"` // those that changed
	Inputs     []InputChange `json:"inputs"`
	Cells      []CellChange  `json:"cells"`
}

// ValueChange is a parameter, or the version, that differs.
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

// CellChange is a cell of a figure that changed. Part and Of are counts of codes
// or US dollars, null when the cell was not known.
type CellChange struct {
	Measure  string   `json:"measure"`
	Sector   string   `json:"sector"`
	Year     int      `json:"year"`
	FromPart *float64 `json:"from_part"`
	FromOf   *float64 `json:"from_of"`
	ToPart   *float64 `json:"to_part"`
	ToOf     *float64 `json:"to_of"`
	Causes   []Cause  `json:"causes"` // the largest first
}

// Cause is a reason for a change. Share is its part of the change: of the codes
// that changed sides or, for measures of value, of the US dollars that changed.
type Cause struct {
	Reason string   `json:"reason"`
	Share  float64  `json:"share"`
	Codes  []string `json:"codes"`
}

// diffed says what of a measure's outputs makes up its part and its whole.
var diffed = map[string]struct{ part, of, hs6Part, hs6Of string }{
	"import_dependence":   {"codes_dependent", "codes_traded", "dependent::INT", "traded::INT"},
	"dominance":           {"codes_dominated", "codes_exported", "dominated::INT", "(world_exports_usd > 0 AND reached)::INT"},
	"export_share":        {"exports_usd", "world_exports_usd", "exports_usd", "world_exports_usd"},
	"partner_group_share": {"group_imports_usd", "imports_usd", "group_imports_usd", "imports_usd"},
}

// Diff compares two releases by their files alone.
func Diff(ctx context.Context, out, from, to string) (d *Difference, err error) {
	a, err := Find(out, from)
	if err != nil {
		return nil, err
	}
	b, err := Find(out, to)
	if err != nil {
		return nil, err
	}
	old, now := a.Manifest, b.Manifest
	d = &Difference{From: a.ID, To: b.ID, Parameters: changedParameters(old, now), Reference: changedReference(old, now), Inputs: changedInputs(old, now)}
	db, err := engine.Open(ctx, "", engine.Options{})
	if err != nil {
		return nil, fmt.Errorf("compare releases: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, o := range schemas.Outputs() {
		if _, ok := diffed[o.Name]; !ok {
			continue
		}
		c := comparison{db: db, a: a, b: b, output: o, difference: d}
		if err := c.run(ctx); err != nil {
			return nil, fmt.Errorf("compare %s: %w", o.Name, err)
		}
	}
	return d, nil
}

// changedParameters compares parameters by the names and words of today, whichever
// versions made the releases.
func changedParameters(old, now *Manifest) []ValueChange {
	var all []ValueChange
	if old.Version != now.Version {
		all = append(all, ValueChange{"version", old.Version, now.Version})
	}
	before, after := canonical(old.Parameters), canonical(now.Parameters)
	names := slices.Collect(maps.Keys(after))
	for name := range before {
		if _, kept := after[name]; !kept {
			names = append(names, name)
		}
	}
	for _, name := range slices.Sorted(slices.Values(names)) {
		if from, to := before[name], after[name]; name != "reference" && fmt.Sprint(from) != fmt.Sprint(to) {
			all = append(all, ValueChange{name, from, to})
		}
	}
	return all
}

func canonical(parameters map[string]any) map[string]any {
	all := map[string]any{}
	for name, value := range parameters {
		name, value = config.Canonical(name, value)
		all[name] = value
	}
	return all
}

// SameGround fails when the inputs or reference tables of a release that was computed
// anew are not those of the release.
func SameGround(was, now *Manifest) error {
	var differ []string
	for _, in := range changedInputs(was, now) {
		differ = append(differ, fmt.Sprintf("%s is %s", in.Name, in.Change))
	}
	for _, table := range changedReference(was, now) {
		differ = append(differ, fmt.Sprintf("reference table %s changed", table))
	}
	if len(differ) > 0 {
		return errors.New("it was made of other inputs: " + strings.Join(differ, ", "))
	}
	return nil
}

func changedReference(old, now *Manifest) []string {
	var all []string
	for _, table := range slices.Sorted(maps.Keys(now.Reference)) {
		if old.Reference[table] != now.Reference[table] {
			all = append(all, table)
		}
	}
	return all
}

func changedInputs(old, now *Manifest) []InputChange {
	var all []InputChange
	before := map[string]string{}
	for _, in := range old.Inputs {
		before[in.Name] = in.SHA256
	}
	for _, in := range now.Inputs {
		sum, known := before[in.Name]
		delete(before, in.Name)
		switch {
		case !known:
			all = append(all, InputChange{in.Name, "new"})
		case sum != in.SHA256:
			all = append(all, InputChange{in.Name, "changed"})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		all = append(all, InputChange{name, "gone"})
	}
	return all
}

// comparison is of one measure.
type comparison struct {
	db         *sql.DB
	a, b       *Release
	output     schemas.Output
	difference *Difference
}

// changedCode is a code of a sector and year whose part or whole changed.
type changedCode struct {
	sector, hs6 string
	year        int
	relisted    bool // in the sector in one release only
	weight      float64
	lines       map[string]float64 // US dollars that changed, by cause
}

func (c *comparison) run(ctx context.Context) error {
	cells, err := c.cells(ctx)
	if err != nil || len(cells) == 0 {
		return err
	}
	codes, err := c.codes(ctx)
	if err != nil {
		return err
	}
	if err := c.addLines(ctx, codes); err != nil {
		return err
	}
	for _, cell := range cells {
		cell.Causes = c.causes(cell, codes)
		c.difference.Cells = append(c.difference.Cells, cell)
	}
	return nil
}

func (c *comparison) cells(ctx context.Context) ([]CellChange, error) {
	e := diffed[c.output.Name]
	return engine.Query(ctx, c.db, func(rows *sql.Rows) (CellChange, error) {
		cell := CellChange{Measure: c.output.Name}
		err := rows.Scan(&cell.Sector, &cell.Year, &cell.FromPart, &cell.FromOf, &cell.ToPart, &cell.ToOf)
		return cell, err
	}, fmt.Sprintf(`SELECT sector, year, a.%[1]s::DOUBLE, a.%[2]s::DOUBLE, b.%[1]s::DOUBLE, b.%[2]s::DOUBLE
		FROM %[3]s a FULL JOIN %[4]s b USING (sector, year)
		WHERE a.%[1]s IS DISTINCT FROM b.%[1]s OR a.%[2]s IS DISTINCT FROM b.%[2]s
		ORDER BY sector, year`, e.part, e.of, c.a.parquet(c.output.Name), c.b.parquet(c.output.Name)))
}

func (c *comparison) codes(ctx context.Context) ([]*changedCode, error) {
	e := diffed[c.output.Name]
	side := func(r *Release) string {
		return fmt.Sprintf("(SELECT sector, year, hs6, %s AS part, %s AS whole FROM %s WHERE sector IS NOT NULL)", e.hs6Part, e.hs6Of, r.parquet(c.output.Name+"_hs6"))
	}
	counted := strings.HasPrefix(e.part, "codes")
	return engine.Query(ctx, c.db, func(rows *sql.Rows) (*changedCode, error) {
		code := &changedCode{lines: map[string]float64{}}
		err := rows.Scan(&code.sector, &code.year, &code.hs6, &code.relisted, &code.weight)
		if counted {
			code.weight = 1
		}
		return code, err
	}, fmt.Sprintf(`SELECT sector, year, hs6, a.hs6_here IS NULL OR b.hs6_here IS NULL,
			(abs(coalesce(a.part, 0) - coalesce(b.part, 0)) + abs(coalesce(a.whole, 0) - coalesce(b.whole, 0)))::DOUBLE
		FROM (SELECT *, hs6 AS hs6_here FROM %s) a FULL JOIN (SELECT *, hs6 AS hs6_here FROM %s) b USING (sector, year, hs6)
		WHERE coalesce(a.part, 0) <> coalesce(b.part, 0) OR coalesce(a.whole, 0) <> coalesce(b.whole, 0)
		ORDER BY ALL`, side(c.a), side(c.b)))
}

// addLines finds, for each changed code, the input lines that differ.
func (c *comparison) addLines(ctx context.Context, codes []*changedCode) error {
	which := strings.ReplaceAll(evidenceOf[c.output.Name].lines, "$reporter", fmt.Sprintf("(SELECT any_value(reporter) FROM %s)", c.b.parquet(c.output.Name)))
	// Two lines share a cell when a country's successor reports beside it.
	side := func(r *Release) string {
		return fmt.Sprintf(`(SELECT year, hs6, flow, reporter, partner, reported_revision, reported_hs6,
			sum(value_usd) AS value_usd, sum(used_usd) AS used_usd, min(file) AS file FROM %s WHERE %s GROUP BY ALL)`, r.parquet("lines"), which)
	}
	type line struct {
		year       int
		hs6, cause string
		usd        float64
	}
	lines, err := engine.Query(ctx, c.db, func(rows *sql.Rows) (l line, err error) {
		err = rows.Scan(&l.year, &l.hs6, &l.cause, &l.usd)
		return l, err
	}, fmt.Sprintf(`
		WITH a AS %[1]s, b AS %[2]s,
		reporters_a AS (SELECT DISTINCT year, flow, reporter FROM a), reporters_b AS (SELECT DISTINCT year, flow, reporter FROM b),
		changed AS (
			SELECT year, hs6, flow, reporter, a.file AS file_a, b.file AS file_b,
				abs(coalesce(a.used_usd, 0) - coalesce(b.used_usd, 0)) AS usd, a.value_usd AS value_a, b.value_usd AS value_b
			FROM a FULL JOIN b USING (year, hs6, flow, reporter, partner, reported_revision, reported_hs6)
			WHERE a.used_usd IS DISTINCT FROM b.used_usd)
		SELECT year, hs6,
			CASE
				WHEN value_a IS NOT DISTINCT FROM value_b THEN 'HS conversion'
				WHEN file_a IS NOT NULL AND file_b IS NOT NULL THEN 'revised values in ' || file_b
				WHEN file_a IS NULL AND (year, flow, reporter) NOT IN (FROM reporters_a) THEN 'reporter ' || reporter || ' came, in ' || file_b
				WHEN file_a IS NULL THEN 'new lines in ' || file_b
				WHEN (year, flow, reporter) NOT IN (FROM reporters_b) THEN 'reporter ' || reporter || ' went, with ' || file_a
				ELSE 'lines gone with ' || file_a
			END AS cause, sum(usd)::DOUBLE
		FROM changed GROUP BY ALL`, side(c.a), side(c.b)))
	if err != nil {
		return fmt.Errorf("compare lines: %w", err)
	}
	type key struct {
		year int
		hs6  string
	}
	by := map[key][]line{}
	for _, l := range lines {
		k := key{l.year, l.hs6}
		by[k] = append(by[k], l)
	}
	for _, code := range codes {
		for _, l := range by[key{code.year, code.hs6}] {
			code.lines[l.cause] += l.usd
		}
	}
	return nil
}

// causes divides a cell's change among its causes.
func (c *comparison) causes(cell CellChange, codes []*changedCode) []Cause {
	shares, members, total := map[string]float64{}, map[string][]string{}, 0.0
	for _, code := range codes {
		if code.sector != cell.Sector || code.year != cell.Year {
			continue
		}
		total += code.weight
		for reason, share := range c.reasons(code) {
			shares[reason] += code.weight * share
			members[reason] = append(members[reason], code.hs6)
		}
	}
	if total == 0 {
		return []Cause{{Reason: c.otherReason(), Share: 1, Codes: []string{}}}
	}
	var all []Cause
	for reason, share := range shares {
		slices.Sort(members[reason])
		all = append(all, Cause{reason, math.Round(share/total*1e4) / 1e4, members[reason]})
	}
	slices.SortFunc(all, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), strings.Compare(a.Reason, b.Reason))
	})
	return all
}

// reasons says why a code changed, with the parts of the change.
func (c *comparison) reasons(code *changedCode) map[string]float64 {
	if code.relisted && slices.Contains(c.difference.Reference, "sectors") {
		return map[string]float64{"sector list": 1}
	}
	total := 0.0
	for _, usd := range code.lines {
		total += usd
	}
	if total == 0 {
		return map[string]float64{c.otherReason(): 1}
	}
	parts := map[string]float64{}
	for cause, usd := range code.lines {
		parts[cause] = usd / total
	}
	return parts
}

// otherReason is that of a change without a changed line.
func (c *comparison) otherReason() string {
	var names []string
	for _, p := range c.difference.Parameters {
		names = append(names, p.Name)
	}
	switch {
	case len(names) > 0:
		return "parameter " + strings.Join(names, ", ")
	case len(c.difference.Reference) > 0:
		return "reference table " + strings.Join(c.difference.Reference, ", ")
	}
	return "the SQL of a transform"
}
