package portable

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"entrepot/schemas/sqltext"
)

// dialect is what one engine names in its own way. Everything else is the same in all.
type dialect struct {
	title  string
	writer *Writer
	types  map[string]string // by DuckDB's names; others are the same
	calls  map[string]string // templates of functions by DuckDB's names: {0}, {1} are the arguments, {*} is all of them
	quote  string
	rows   string // of a list: {0}, with the alias {1} and the column {2}
}

// Integers are as wide as in a lake; HUGEINT is only for sums within DECIMAL(38,0).
var dialects = map[string]dialect{
	"duckdb": {title: "DuckDB", quote: `"`, rows: "UNNEST({0}) AS {1}({2})",
		types: map[string]string{"UBIGINT": "BIGINT"},
		calls: map[string]string{
			"//": "{0} // {1}", "%": "{0} % {1}", "<<": "{0} << {1}", "&": "{0} & {1}",
			"bit_or": "bit_or({0})", "bit_count": "CAST(bit_count({0}) AS BIGINT)",
			"string_split": "string_split({0}, {1})", "list_contains": "list_contains({0}, {1})", "list": "array_agg({0})",
			"range": "range({0}, {1})", "starts_with": "starts_with({0}, {1})", "array_to_string": "array_to_string({0}, {1})",
			"arg_max": "max_by({0}, {1})", "row": "ROW({*})", "make_date": "make_date({*})",
			"hash": "CAST(CAST(hash({*}) AS HUGEINT) - 9223372036854775808 AS BIGINT)",
		}},
	"trino": {title: "Trino", quote: `"`, rows: "UNNEST({0}) AS {1}({2})",
		types: map[string]string{"UBIGINT": "BIGINT", "HUGEINT": "DECIMAL(38,0)", "TINYINT": "INTEGER", "SMALLINT": "INTEGER"},
		calls: map[string]string{
			"//": "({0} - mod({0}, {1})) / {1}", "%": "mod({0}, {1})", "<<": "bitwise_left_shift({0}, CAST({1} AS INTEGER))", "&": "bitwise_and({0}, {1})",
			"bit_or": "bitwise_or_agg({0})", "bit_count": "bit_count({0}, 64)",
			"string_split": "split({0}, {1})", "list_contains": "contains({0}, {1})", "list": "array_agg({0})",
			"range": "sequence({0}, {1} - 1)", "starts_with": "starts_with({0}, {1})", "array_to_string": "array_join({0}, {1})",
			"arg_max": "max_by({0}, {1})", "row": "ROW({*})", "make_date": "CAST(concat_ws('-', CAST({0} AS VARCHAR), CAST({1} AS VARCHAR), CAST({2} AS VARCHAR)) AS DATE)",
			"hash": "from_big_endian_64(xxhash64(to_utf8({#})))",
		}},
	"spark": {title: "Spark", quote: "`", rows: "LATERAL explode({0}) AS {1}({2})",
		types: map[string]string{"UBIGINT": "BIGINT", "HUGEINT": "DECIMAL(38,0)", "TINYINT": "INT", "SMALLINT": "INT", "INTEGER": "INT", "VARCHAR": "STRING"},
		calls: map[string]string{
			"//": "({0} - mod({0}, {1})) / {1}", "%": "mod({0}, {1})", "<<": "shiftleft({0}, CAST({1} AS INT))", "&": "{0} & {1}",
			"bit_or": "bit_or({0})", "bit_count": "bit_count({0})",
			"string_split": "split({0}, {1})", "list_contains": "array_contains({0}, {1})", "list": "collect_list({0})",
			"range": "sequence({0}, {1} - 1)", "starts_with": "startswith({0}, {1})", "array_to_string": "array_join({0}, {1})",
			"arg_max": "max_by({0}, {1})", "row": "struct({*})", "make_date": "make_date({*})",
			"hash": "xxhash64({#})",
		}},
}

// Dialects are those that there are.
func Dialects() []string { return slices.Sorted(maps.Keys(dialects)) }

// Title is what an engine is called.
func Title(dialect string) string { return dialects[dialect].title }

// common are functions that all engines have.
var common = map[string]string{
	"+": "{0} + {1}", "*": "{0} * {1}", "||": "{0} || {1}", "~~": "{0} LIKE {1}",
	"count_star": "count(*)", "count": "count({0})", "sum": "sum({0})", "min": "min({0})", "max": "max({0})", "any_value": "any_value({0})",
	"bool_or": "bool_or({0})", "bool_and": "bool_and({0})",
	"left": "substr({0}, 1, {1})", "length": "length({0})", "nullif": "nullif({*})", "abs": "abs({0})", "concat_ws": "concat_ws({*})", "lower": "lower({0})",
	// DuckDB's leave NULL out, some others' don't.
	"greatest": "coalesce(greatest({0}, {1}), {0}, {1})", "least": "coalesce(least({0}, {1}), {0}, {1})",
}

var aggregates = map[string]bool{
	"count_star": true, "count": true, "sum": true, "min": true, "max": true, "any_value": true, "bool_or": true, "bool_and": true,
	"bit_or": true, "list": true, "arg_max": true,
}

// resultType is the type of a call where it is the type of what is called with.
func resultType(name string, of []expression) string {
	switch name {
	case "min", "max", "any_value", "arg_max":
		return of[0].typ
	case "count", "count_star":
		return "BIGINT"
	}
	return ""
}

func (d dialect) name(name string) string {
	if d.quote == `"` {
		return sqltext.Name(name)
	}
	return d.quote + strings.ReplaceAll(name, d.quote, d.quote+d.quote) + d.quote
}

// typ is what a type is called. ENUM is text.
func (d dialect) typ(name string) string {
	if d.writer.enums[name] != nil {
		name = "VARCHAR"
	}
	if other, found := d.types[name]; found {
		return other
	}
	return name
}

func (d dialect) unnest(list, alias, column string) string {
	return strings.NewReplacer("{0}", list, "{1}", d.name(alias), "{2}", d.name(column)).Replace(d.rows)
}

// call is how a function is called.
func (d dialect) call(name string) (func(of []expression) string, bool) {
	switch name {
	case "-":
		return func(of []expression) string {
			if len(of) == 1 {
				return "-" + of[0].in()
			}
			return of[0].in() + " - " + of[1].in()
		}, true
	case "/": // of DuckDB's whole numbers and decimals it is a DOUBLE
		return func(of []expression) string {
			if of[0].typ != "DOUBLE" {
				failf("a division of what is no DOUBLE can't be written")
			}
			return of[0].in() + " / " + of[1].in()
		}, true
	}
	template, found := d.calls[name]
	if !found {
		template, found = common[name]
	}
	return func(of []expression) string {
		pairs := []string{"{*}", strings.Join(texts(of), ", "), "{#}", d.key(of)}
		for i, e := range of {
			pairs = append(pairs, fmt.Sprintf("{%d}", i), e.in())
		}
		return strings.NewReplacer(pairs...).Replace(template)
	}, found
}

// key is a text that tells values apart, NULL too.
func (d dialect) key(of []expression) string {
	var parts []string
	for _, e := range of {
		parts = append(parts, fmt.Sprintf("coalesce(CAST(%s AS %s), '-')", e.sql, d.typ("VARCHAR")))
	}
	return "concat_ws('|', " + strings.Join(parts, ", ") + ")"
}
