package portable

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"entrepot/schemas/sqltext"
)

// expression is one that is written.
type expression struct {
	sql       string
	name      string // of the column that it gives
	typ       string // as DuckDB names it; "" when it is not known
	aggregate bool
	constant  bool
	loose     bool // needs brackets beside an operator
}

// in is the expression as a part of another.
func (e expression) in() string {
	if e.loose {
		return "(" + e.sql + ")"
	}
	return e.sql
}

// items writes the list of a SELECT.
func (f *from) items(list []node) (all []expression) {
	for i, n := range list {
		if n.class() == "STAR" {
			all = append(all, f.star(n)...)
			continue
		}
		e := f.expression(n)
		e.name = n.str("alias")
		if names := n.strs("column_names"); e.name == "" && len(names) > 0 {
			e.name = names[len(names)-1]
		}
		if e.name == "" {
			e.name = fmt.Sprintf("column_%d", i+1)
		}
		if _, found := f.scope.items[e.name]; !found && n.str("alias") != "" {
			f.scope.items[e.name] = e
		}
		all = append(all, e)
	}
	return all
}

// star writes the columns that a * stands for.
func (f *from) star(n node) (all []expression) {
	left := n.strs("exclude_list")
	replaced := map[string]node{}
	for _, entry := range n.list("replace_list") {
		replaced[entry.str("key")] = entry.of("value")
	}
	for _, r := range f.scope.relations {
		of := n.str("relation_name")
		if of != "" && of != r.alias {
			continue
		}
		for _, c := range r.columns {
			if slices.Contains(left, c.Name) || of == "" && slices.Contains(r.hidden, c.Name) {
				continue
			}
			e := f.named(r, c.Name)
			if other, found := replaced[c.Name]; found {
				e = f.expression(other)
			}
			e.name = c.Name
			all = append(all, e)
		}
	}
	return all
}

func (f *from) named(r *relation, name string) expression {
	for _, c := range r.columns {
		if c.Name == name {
			return expression{sql: f.dialect.name(r.alias) + "." + f.dialect.name(name), name: name, typ: c.Type}
		}
	}
	failf("%s has no column %s", r.alias, name)
	return expression{}
}

// column writes a column: of the relations, else what the SELECT defines, else of the
// query around it.
func (f *from) column(names []string) expression {
	if len(names) > 2 {
		failf("%s can't be written", strings.Join(names, "."))
	}
	for s := f.scope; s != nil; s = s.around {
		for _, r := range s.relations {
			if len(names) == 2 && r.alias != names[0] {
				continue
			}
			if slices.ContainsFunc(r.columns, func(c Column) bool { return c.Name == names[len(names)-1] }) {
				return f.named(r, names[len(names)-1])
			}
		}
		if e, found := s.items[names[0]]; found && len(names) == 1 {
			e.sql, e.loose = e.in(), false
			return e
		}
	}
	failf("there is no column %s", strings.Join(names, "."))
	return expression{}
}

// expression writes one.
func (f *from) expression(n node) expression {
	switch n.class() {
	case "COLUMN_REF":
		return f.column(n.strs("column_names"))
	case "CONSTANT":
		return constant(n.of("value"))
	case "PARAMETER":
		return f.parameter(n.str("identifier"))
	case "CAST":
		return f.cast(n)
	case "CASE":
		return f.caseOf(n)
	case "COMPARISON":
		return f.operator(comparisons[n.str("type")], n.of("left"), n.of("right"))
	case "CONJUNCTION":
		return f.operator(map[string]string{"CONJUNCTION_AND": "AND", "CONJUNCTION_OR": "OR"}[n.str("type")], n.list("children")...)
	case "BETWEEN":
		of := f.all(n.of("input"), n.of("lower"), n.of("upper"))
		return joined(of, fmt.Sprintf("%s BETWEEN %s AND %s", of[0].in(), of[1].in(), of[2].in()), true)
	case "OPERATOR":
		return f.operatorNode(n)
	case "SUBQUERY":
		return f.subquery(n)
	case "WINDOW":
		return f.window(n)
	case "FUNCTION":
		return f.function(n)
	}
	failf("a %s can't be written", n.str("type"))
	return expression{}
}

var comparisons = map[string]string{
	"COMPARE_EQUAL": "=", "COMPARE_NOTEQUAL": "<>", "COMPARE_LESSTHAN": "<", "COMPARE_GREATERTHAN": ">", "COMPARE_LESSTHANOREQUALTO": "<=",
	"COMPARE_GREATERTHANOREQUALTO": ">=", "COMPARE_DISTINCT_FROM": "IS DISTINCT FROM", "COMPARE_NOT_DISTINCT_FROM": "IS NOT DISTINCT FROM",
}

func (f *from) all(list ...node) (all []expression) {
	for _, n := range list {
		all = append(all, f.expression(n))
	}
	return all
}

// joined is an expression made of others.
func joined(of []expression, text string, loose bool) expression {
	e := expression{sql: text, constant: len(of) > 0, loose: loose}
	for _, part := range of {
		e.aggregate = e.aggregate || part.aggregate
		e.constant = e.constant && part.constant
	}
	return e
}

func texts(of []expression) (all []string) {
	for _, e := range of {
		all = append(all, e.in())
	}
	return all
}

func (f *from) operator(word string, list ...node) expression {
	of := f.all(list...)
	if word == "" || len(of) == 0 {
		failf("an operator of DuckDB's can't be written")
	}
	return joined(of, strings.Join(texts(of), " "+word+" "), true)
}

// constant writes a value.
func constant(value node) expression {
	kind := value.of("type").str("id")
	e := expression{constant: true, typ: kind}
	switch v := value["value"].(type) {
	case string:
		e.sql = sqltext.Literal(v)
	case float64:
		e.sql = strconv.FormatFloat(v, 'f', -1, 64)
		if kind == "DECIMAL" {
			e.sql = decimal(int64(v), int(value.of("type").of("type_info")["scale"].(float64)))
		}
	default: // the parse leaves out what is empty
		switch {
		case value.is("is_null"):
			e.sql, e.typ = "NULL", ""
		case kind == "VARCHAR":
			e.sql = "''"
		case kind == "BOOLEAN":
			e.sql = strconv.FormatBool(value["value"] == true)
		default:
			failf("a constant of the type %s can't be written", kind)
		}
	}
	return e
}

func decimal(digits int64, scale int) string {
	text := fmt.Sprintf("%0*d", scale+1, digits)
	return text[:len(text)-scale] + "." + text[len(text)-scale:]
}

// parameter writes the value that is bound.
func (f *from) parameter(name string) expression {
	value, found := f.bound[name]
	switch v := value.(type) {
	case string:
		return expression{sql: sqltext.Literal(v), constant: true, typ: "VARCHAR"}
	case int64:
		return expression{sql: strconv.FormatInt(v, 10), constant: true, typ: "BIGINT"}
	}
	failf("the parameter %s has no value that can be written (%v, %t)", name, value, found)
	return expression{}
}

func typeOf(n node) string {
	info := n.of("type_info")
	switch n.str("id") {
	case "UNBOUND":
		return info.str("name")
	case "DECIMAL":
		scale, _ := info["scale"].(float64)
		return fmt.Sprintf("DECIMAL(%v,%v)", info["width"], scale)
	}
	return n.str("id")
}

func (f *from) cast(n node) expression {
	to, of := typeOf(n.of("cast_type")), f.expression(n.of("child"))
	e := joined([]expression{of}, "", false)
	e.typ = to
	switch {
	case to == "BOOLEAN" && of.sql == "'t'":
		e.sql = "true"
	case to == "BOOLEAN" && of.sql == "'f'":
		e.sql = "false"
	case f.enums[to] != nil && of.constant && of.sql != "NULL":
		e.sql = of.sql
	case n.is("try_cast"):
		e.sql = fmt.Sprintf("TRY_CAST(%s AS %s)", of.sql, f.dialect.typ(to))
	default:
		e.sql = fmt.Sprintf("CAST(%s AS %s)", of.sql, f.dialect.typ(to))
	}
	return e
}

func (f *from) caseOf(n node) expression {
	var of []expression
	text := "CASE"
	for _, check := range n.list("case_checks") {
		when, then := f.expression(check.of("when_expr")), f.expression(check.of("then_expr"))
		of = append(of, when, then)
		text += " WHEN " + when.sql + " THEN " + then.sql
	}
	otherwise := f.expression(n.of("else_expr"))
	of = append(of, otherwise)
	if otherwise.sql != "NULL" {
		text += " ELSE " + otherwise.sql
	}
	e := joined(of, text+" END", false)
	e.typ = of[1].typ
	return e
}

func (f *from) operatorNode(n node) expression {
	of := f.all(n.list("children")...)
	list := texts(of)
	switch n.str("type") {
	case "OPERATOR_NOT":
		return joined(of, "NOT "+list[0], true)
	case "OPERATOR_IS_NULL":
		return joined(of, list[0]+" IS NULL", true)
	case "OPERATOR_IS_NOT_NULL":
		return joined(of, list[0]+" IS NOT NULL", true)
	case "OPERATOR_COALESCE":
		e := joined(of, "coalesce("+strings.Join(list, ", ")+")", false)
		e.typ = of[0].typ
		return e
	case "COMPARE_IN":
		return joined(of, list[0]+" IN ("+strings.Join(list[1:], ", ")+")", true)
	case "COMPARE_NOT_IN":
		return joined(of, list[0]+" NOT IN ("+strings.Join(list[1:], ", ")+")", true)
	}
	failf("a %s can't be written", n.str("type"))
	return expression{}
}

func (f *from) subquery(n node) expression {
	inner := n.of("subquery").of("node")
	switch n.str("subquery_type") {
	case "EXISTS", "NOT_EXISTS":
		if list := inner.list("select_list"); len(list) == 1 && list[0].class() == "STAR" && inner.str("aggregate_handling") != "FORCE_AGGREGATES" {
			one := map[string]any{"class": "CONSTANT", "type": "VALUE_CONSTANT", "value": map[string]any{"type": map[string]any{"id": "INTEGER"}, "value": float64(1)}}
			inner = mapsWith(inner, "select_list", []any{one})
		}
		q := f.query(inner, f.defined, f.scope)
		return expression{sql: strings.ReplaceAll(n.str("subquery_type"), "_", " ") + " (" + q.sql + ")"}
	case "ANY":
		child := f.expression(n.of("child"))
		q := f.query(inner, f.defined, f.scope)
		return joined([]expression{child, {}}, child.in()+" IN ("+q.sql+")", true)
	case "SCALAR":
		q := f.query(inner, f.defined, f.scope)
		return expression{sql: "(" + q.sql + ")", typ: q.columns[0].Type}
	}
	failf("a subquery of the kind %s can't be written", n.str("subquery_type"))
	return expression{}
}

func mapsWith(n node, key string, value any) node {
	copied := node{}
	for k, v := range n {
		copied[k] = v
	}
	copied[key] = value
	return copied
}

// orders writes an ORDER BY. Engines differ in where NULL stands unless it is said, and an
// ENUM has the order of its values.
func (f *from) orders(list []node) string {
	var all []string
	for _, o := range list {
		e := f.expression(o.of("expression"))
		text := f.rank(e)
		if o.str("type") == "DESCENDING" {
			text += " DESC"
		}
		if nulls := o.str("null_order"); nulls != "ORDER_DEFAULT" && nulls != "NULLS_LAST" {
			failf("NULLS FIRST can't be written")
		}
		all = append(all, text+" NULLS LAST")
	}
	return "ORDER BY " + strings.Join(all, ", ")
}

// rank is what an expression is ordered by.
func (f *from) rank(e expression) string {
	values := f.enums[e.typ]
	if values == nil || slices.IsSorted(values) {
		return e.in()
	}
	return f.enumCode(e)
}

func (f *from) enumCode(e expression) string {
	text := "CASE " + e.sql
	for i, value := range f.enums[e.typ] {
		text += fmt.Sprintf(" WHEN %s THEN %d", sqltext.Literal(value), i)
	}
	return text + " END"
}

func (f *from) window(n node) expression {
	if n.str("start") != "UNBOUNDED_PRECEDING" || n.str("end") != "CURRENT_ROW_RANGE" || n.has("filter_expr") {
		failf("a window with a frame or a filter can't be written")
	}
	of := f.all(n.list("children")...)
	var over []string
	if partitions := f.all(n.list("partitions")...); len(partitions) > 0 {
		over = append(over, "PARTITION BY "+strings.Join(texts(partitions), ", "))
	}
	if orders := n.list("orders"); len(orders) > 0 {
		over = append(over, f.orders(orders))
	}
	e := expression{sql: fmt.Sprintf("%s(%s) OVER (%s)", n.str("function_name"), strings.Join(texts(of), ", "), strings.Join(over, " "))}
	if len(of) > 0 && n.str("function_name") != "count" {
		e.typ = of[0].typ
	}
	return e
}

// function writes a call: of a macro of the workspace, of an aggregate, or of what the
// table of the dialect has.
func (f *from) function(n node) expression {
	name := n.str("function_name")
	if m, found := f.macros[name]; found {
		return f.macro(n, m)
	}
	if name == "unnest" {
		return f.unnest(n)
	}
	of := f.all(n.list("children")...)
	if name == "enum_code" {
		return joined(of, f.enumCode(of[0]), false)
	}
	if name == "format" {
		return f.format(of)
	}
	call, known := f.dialect.call(name)
	if !known {
		failf("the function %s can't be written for %s", name, f.dialect.title)
	}
	e := joined(of, call(of), n.is("is_operator"))
	e.typ = resultType(name, of)
	if aggregates[name] {
		e.aggregate, e.constant, e.loose = true, false, false
		if n.is("distinct") {
			e.sql = strings.Replace(e.sql, "(", "(DISTINCT ", 1)
		}
		if orders := n.of("order_bys").list("orders"); len(orders) > 0 {
			e.sql = strings.TrimSuffix(e.sql, ")") + " " + f.orders(orders) + ")"
		}
		if n.has("filter") {
			e.sql += " FILTER (WHERE " + f.expression(n.of("filter")).sql + ")"
		}
	}
	return e
}

// macro writes the body of a macro with the arguments in their places.
func (f *from) macro(n node, m macro) expression {
	arguments := map[string]node{}
	for i, child := range n.list("children") {
		arguments[m.parameters[i]] = child
	}
	if n.has("filter") { // which belongs to the aggregate in it
		failf("a FILTER of a macro can't be written")
	}
	e := f.expression(asNode(substituted(map[string]any(m.body), arguments)))
	return e
}

// substituted is a tree with the columns that are parameters replaced.
func substituted(value any, arguments map[string]node) any {
	switch value := value.(type) {
	case []any:
		var all []any
		for _, child := range value {
			all = append(all, substituted(child, arguments))
		}
		return all
	case map[string]any:
		if value["class"] == "COLUMN_REF" {
			if names := node(value).strs("column_names"); len(names) == 1 {
				if argument, found := arguments[names[0]]; found {
					return map[string]any(argument)
				}
			}
		}
		copied := map[string]any{}
		for key, child := range value {
			copied[key] = substituted(child, arguments)
		}
		return copied
	}
	return value
}

// unnest has a row for each value of a list.
func (f *from) unnest(n node) expression {
	of := f.expression(n.list("children")[0])
	f.aliases++
	alias := fmt.Sprintf("u%d", f.aliases)
	f.unnests = append(f.unnests, f.dialect.unnest(of.sql, alias, "item"))
	return expression{sql: f.dialect.name(alias) + "." + f.dialect.name("item")}
}

// format writes a text with values in it.
func (f *from) format(of []expression) expression {
	pieces := strings.Split(strings.Trim(of[0].sql, "'"), "{}")
	var all []string
	for i, piece := range pieces {
		if piece != "" {
			all = append(all, sqltext.Literal(piece))
		}
		if i+1 < len(pieces) {
			all = append(all, fmt.Sprintf("CAST(%s AS %s)", of[i+1].sql, f.dialect.typ("VARCHAR")))
		}
	}
	return joined(of, strings.Join(all, " || "), true)
}
