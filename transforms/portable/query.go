package portable

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// plan is the statements of one transform as they are written.
type plan struct {
	*Writer
	transform  string
	statements []Statement
	with       []string // of the statement at hand
	taken      map[string]bool
	reads      map[string]bool
	aliases    int
}

// query is a SELECT that is written, and the columns that it gives.
type query struct {
	sql     string
	columns []Column
}

// relation is what stands in a FROM.
type relation struct {
	alias   string
	columns []Column
	hidden  []string // which * leaves out, because USING has them from another
}

// scope is the relations whose columns may be named, and the definitions of what is named
// beside them; around it stands the query that a subquery is in.
type scope struct {
	relations []*relation
	items     map[string]expression
	around    *scope
}

// with is a query of a WITH: a table of its own, or a text.
type with struct {
	name   string
	tree   node
	before *withs // those that it may read
	inline bool
	done   bool
	query
	table string
}

// withs is what a name may mean: the last one with that name.
type withs struct {
	last *with
	next *withs
}

func (s *withs) named(name string) *with {
	for ; s != nil; s = s.next {
		if s.last.name == name {
			return s.last
		}
	}
	return nil
}

// statement writes a query as one that makes a table.
func (p *plan) statement(table string, tree node, defined *withs) query {
	outer, outerTaken, outerReads := p.with, p.taken, p.reads
	p.with, p.taken, p.reads = nil, map[string]bool{}, map[string]bool{}
	q := p.query(tree, defined, nil)
	text := q.sql
	if len(p.with) > 0 {
		text = "WITH " + strings.Join(p.with, ",\n") + "\n" + text
	}
	p.statements = append(p.statements, Statement{Table: table, Transform: p.transform, Select: text, Columns: q.columns, Reads: slices.Sorted(maps.Keys(p.reads))})
	p.with, p.taken, p.reads = outer, outerTaken, outerReads
	return q
}

// query writes a SELECT, or several with UNION between them.
func (p *plan) query(tree node, defined *withs, around *scope) query {
	entries := tree.of("cte_map").list("map")
	for _, e := range entries {
		body, name := e.of("value").of("query").of("node"), e.str("key")
		reads := timesRead(map[string]any(tree), name) - timesRead(map[string]any(body), name)
		c := &with{name: name, tree: body, before: defined}
		if reads > 1 {
			if e.of("value").str("materialized") == "CTE_MATERIALIZE_NEVER" {
				c.inline = true
			} else {
				c.table = p.transform + "__" + name
			}
		}
		defined = &withs{c, defined}
	}
	if tree.str("type") == "SET_OPERATION_NODE" {
		return p.union(tree, defined, around)
	}
	if tree.str("type") != "SELECT_NODE" {
		failf("a %s can't be written", tree.str("type"))
	}
	return p.selectNode(tree, defined, around)
}

func (p *plan) union(tree node, defined *withs, around *scope) query {
	if tree.str("setop_type") != "UNION" {
		failf("%s can't be written", tree.str("setop_type"))
	}
	word, all := "UNION", tree["setop_all"]
	if all == nil || all == true {
		word = "UNION ALL"
	}
	left := p.query(tree.of("left"), defined, around)
	right := p.query(tree.of("right"), defined, around)
	if len(left.columns) != len(right.columns) {
		failf("a UNION of %d and %d columns", len(left.columns), len(right.columns))
	}
	columns := slices.Clone(left.columns)
	for i := range columns {
		if columns[i].Type == "" {
			columns[i].Type = right.columns[i].Type
		}
	}
	return query{left.sql + "\n" + word + "\n" + right.sql, columns}
}

// selectNode writes one SELECT.
func (p *plan) selectNode(tree node, defined *withs, around *scope) query {
	s := &scope{items: map[string]expression{}, around: around}
	f := from{plan: p, defined: defined, scope: s}
	text := f.write(tree.of("from_table"))
	items := f.items(tree.list("select_list"))
	if tree.of("cte_map") == nil && tree.is("is_star") {
		failf("internal")
	}
	conditions := f.conditions
	if tree.has("where_clause") {
		conditions = append(conditions, f.expression(tree.of("where_clause")).in())
	}
	var b strings.Builder
	distinct := ""
	for _, m := range tree.list("modifiers") {
		if m.str("type") != "DISTINCT_MODIFIER" || m.has("distinct_on_targets") {
			failf("a %s can't be written", m.str("type"))
		}
		distinct = "DISTINCT "
	}
	var columns []Column
	var list []string
	for _, item := range items {
		list = append(list, item.sql+" AS "+p.dialect.name(item.name))
		columns = append(columns, Column{item.name, item.typ})
	}
	kept := ""
	if tree.has("qualify") {
		kept = f.expression(tree.of("qualify")).sql
		list = append(list, kept+" AS "+p.dialect.name("is_kept"))
	}
	fmt.Fprintf(&b, "SELECT %s%s", distinct, strings.Join(list, ", "))
	if text += f.unnested(text); text != "" {
		b.WriteString("\nFROM " + text)
	}
	if len(conditions) > 0 {
		b.WriteString("\nWHERE " + strings.Join(conditions, " AND "))
	}
	b.WriteString(f.groupBy(tree, items))
	if tree.has("having") {
		b.WriteString("\nHAVING " + f.expression(tree.of("having")).sql)
	}
	q := query{b.String(), columns}
	if kept != "" {
		var names []string
		for _, c := range columns {
			names = append(names, p.dialect.name(c.Name))
		}
		q.sql = fmt.Sprintf("SELECT %s\nFROM (%s) judged\nWHERE %s", strings.Join(names, ", "), q.sql, p.dialect.name("is_kept"))
	}
	return q
}

// groupBy names what rows are grouped by; GROUP BY ALL groups by all that is no aggregate.
func (f *from) groupBy(tree node, items []expression) string {
	var keys []string
	add := func(e expression) {
		if !e.constant && !slices.Contains(keys, e.sql) {
			keys = append(keys, e.sql)
		}
	}
	if tree.str("aggregate_handling") == "FORCE_AGGREGATES" {
		for _, item := range items {
			if !item.aggregate {
				add(item)
			}
		}
	}
	for _, e := range tree.list("group_expressions") {
		add(f.expression(e))
	}
	if sets, _ := tree["group_sets"].([]any); len(sets) > 1 {
		failf("several GROUPING SETS can't be written")
	}
	if len(keys) == 0 {
		return ""
	}
	return "\nGROUP BY " + strings.Join(keys, ", ")
}

// from writes what one SELECT reads.
type from struct {
	*plan
	defined    *withs
	scope      *scope
	conditions []string // that semi and anti joins come to
	unnests    []string
}

func (f *from) write(tree node) string {
	switch tree.str("type") {
	case "EMPTY":
		return ""
	case "JOIN":
		return f.join(tree)
	}
	text, r := f.relation(tree)
	f.scope.relations = append(f.scope.relations, r)
	return text
}

// unnested is what stands behind the FROM for lists that the SELECT has rows of.
func (f *from) unnested(text string) string {
	var all string
	for i, u := range f.unnests {
		if i > 0 || text != "" {
			all += "\nCROSS JOIN "
		}
		all += u
	}
	return all
}

// join writes a join. A semi or anti join only leaves rows of its left side out, whatever
// is joined behind it, so it may be a condition on the rows.
func (f *from) join(tree node) string {
	kind := tree.str("join_type")
	left := f.write(tree.of("left"))
	if kind == "SEMI" || kind == "ANTI" {
		f.exists(kind == "ANTI", tree)
		return left
	}
	if ref := tree.str("ref_type"); ref != "REGULAR" && ref != "CROSS" {
		failf("a %s join can't be written", ref)
	}
	text, r := f.relation(tree.of("right"))
	before := *f.scope
	before.relations = slices.Clone(f.scope.relations)
	f.scope.relations = append(f.scope.relations, r)
	if tree.str("ref_type") == "CROSS" {
		return left + "\nCROSS JOIN " + text
	}
	var conditions []string
	for _, c := range tree.strs("using_columns") {
		outer := *f
		outer.scope = &before
		conditions = append(conditions, outer.column([]string{c}).sql+" = "+f.named(r, c).sql)
		r.hidden = append(r.hidden, c)
	}
	if tree.has("condition") {
		conditions = append(conditions, f.expression(tree.of("condition")).in())
	}
	word, known := map[string]string{"INNER": "JOIN", "LEFT": "LEFT JOIN"}[kind]
	if !known {
		failf("a %s join can't be written", kind)
	}
	return left + "\n" + word + " " + text + " ON " + strings.Join(conditions, " AND ")
}

// exists adds the condition that a semi or an anti join comes to.
func (f *from) exists(not bool, tree node) {
	inner := from{plan: f.plan, defined: f.defined, scope: &scope{around: f.scope}}
	text, r := inner.relation(tree.of("right"))
	if f.aliased(r.alias) { // it would hide the one outside
		f.aliases++
		fresh := fmt.Sprintf("%s_%d", r.alias, f.aliases)
		text = strings.TrimSuffix(text, f.dialect.name(r.alias)) + f.dialect.name(fresh)
		r.alias = fresh
	}
	inner.scope.relations = []*relation{r}
	var conditions []string
	for _, c := range tree.strs("using_columns") {
		conditions = append(conditions, inner.named(r, c).sql+" = "+f.column([]string{c}).sql)
	}
	if tree.has("condition") {
		conditions = append(conditions, inner.expression(tree.of("condition")).in())
	}
	word := "EXISTS"
	if not {
		word = "NOT EXISTS"
	}
	f.conditions = append(f.conditions, fmt.Sprintf("%s (SELECT 1 FROM %s WHERE %s)", word, text, strings.Join(conditions, " AND ")))
}

func (f *from) aliased(alias string) bool {
	return slices.ContainsFunc(f.scope.relations, func(r *relation) bool { return r.alias == alias })
}

// relation writes a table, a view, a query of a WITH or a subquery, with its alias.
func (f *from) relation(tree node) (string, *relation) {
	r := &relation{alias: tree.str("alias")}
	if r.alias == "" {
		r.alias = tree.str("table_name")
	}
	if r.alias == "" {
		f.aliases++
		r.alias = fmt.Sprintf("q%d", f.aliases)
	}
	var text string
	switch tree.str("type") {
	case "BASE_TABLE":
		text, r.columns = f.table(tree.str("table_name"))
	case "SUBQUERY":
		inner := tree.of("subquery").of("node")
		if values := inner.of("from_table"); values.str("type") == "EXPRESSION_LIST" {
			return f.values(values, tree, r)
		}
		q := f.query(inner, f.defined, nil)
		text, r.columns = "("+q.sql+")", q.columns
	default:
		failf("a %s can't be written", tree.str("type"))
	}
	if len(tree.strs("column_name_alias")) > 0 {
		failf("names of columns behind %s can't be written", r.alias)
	}
	return text + " " + f.dialect.name(r.alias), r
}

// values writes rows that stand in the query: a SELECT for each, as every engine has it.
func (f *from) values(tree, around node, r *relation) (string, *relation) {
	names := around.strs("column_name_alias")
	rows, _ := tree["values"].([]any)
	var all []string
	for _, row := range rows {
		var cells []string
		for i, cell := range nodes(row) {
			e := f.expression(cell)
			cells = append(cells, e.sql+" AS "+f.dialect.name(names[i]))
			if len(r.columns) <= i {
				r.columns = append(r.columns, Column{names[i], e.typ})
			}
		}
		all = append(all, "SELECT "+strings.Join(cells, ", "))
	}
	return "(" + strings.Join(all, " UNION ALL ") + ") " + f.dialect.name(r.alias), r
}

// table writes what a name stands for.
func (f *from) table(name string) (string, []Column) {
	if c := f.defined.named(name); c != nil {
		return f.withNamed(c)
	}
	if view, found := f.views[name]; found {
		q := f.query(view, nil, nil)
		return "(" + q.sql + ")", q.columns
	}
	columns, found := f.tables[name]
	if found && f.lake && name == stagedRows {
		f.reads[LakeRows], f.reads[ObjectsInForce] = true, true
		return "(" + f.rowsInForce(columns) + ")", columns
	}
	if !found {
		failf("there is no table %s", name)
	}
	f.reads[name] = true
	return f.dialect.name(name), columns
}

// withNamed writes the query of a WITH where it is read.
func (f *from) withNamed(c *with) (string, []Column) {
	switch {
	case c.inline:
		q := f.query(c.tree, c.before, nil)
		return "(" + q.sql + ")", q.columns
	case c.table != "":
		if !c.done {
			c.query, c.done = f.statement(c.table, c.tree, c.before), true
		}
		f.reads[c.table] = true
		return f.dialect.name(c.table), c.columns
	}
	q := f.query(c.tree, c.before, nil)
	name := c.name
	for f.taken[name] || f.tables[name] != nil { // it would hide the table
		name += "_here"
	}
	f.taken[name] = true
	f.with = append(f.with, f.dialect.name(name)+" AS (\n"+q.sql+"\n)")
	return f.dialect.name(name), q.columns
}
