package transforms

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"entrepot/schemas"
)

// SQLError is what is wrong with a user's SQL.
type SQLError struct {
	Table    string // that it makes
	Position int    // in bytes from the beginning of the SQL; below 0 when it has none
	Message  string // what is wrong, and the way out
}

func (e *SQLError) Error() string { return e.Message }

// parseError is that of a query that DuckDB can't parse, without the table.
func parseError(message, position string) error {
	at, err := strconv.Atoi(position)
	if err != nil {
		at = -1
	}
	return &SQLError{Position: at, Message: message}
}

// allow returns an *SQLError for a user's SELECT that reads what is no table, or that could
// give other rows of the same data.
func (r reader) allow(t Transform, read reading) error {
	var wrong *SQLError
	switch {
	case errors.As(read.err, &wrong) && strings.HasPrefix(wrong.Message, "Only SELECT statements"):
		return &SQLError{t.Name, wrong.Position, "it must be one SELECT, and nothing that changes or describes tables"}
	case errors.As(read.err, &wrong):
		return &SQLError{t.Name, wrong.Position, wrong.Message}
	case read.err != nil:
		return &SQLError{t.Name, -1, read.err.Error()}
	}
	if wrong = refused(read.tree); wrong != nil {
		return &SQLError{t.Name, wrong.Position, wrong.Message}
	}
	for _, name := range read.tables {
		if message := r.unreadable(name); message != "" {
			return &SQLError{t.Name, positionOf(read.tree, name), message}
		}
	}
	return nil
}

// unreadable says why a user's SQL can't read a table; "" when it can.
func (r reader) unreadable(name string) string {
	_, isView := r.views[name]
	from, filled := origins[name]
	switch {
	case r.transforms[name], isView && slices.Contains(openViews, name):
		return ""
	case isView || filled && from.staged:
		return fmt.Sprintf("%s has rows as they came, in the order of their files, and so is not for measures; facts has those that count", name)
	case filled:
		return ""
	case strings.ContainsAny(name, "./*:"):
		return fmt.Sprintf("it reads %q: a measure reads tables and no files; put data into the data folder, or into a table of settings (groups, products, markets)",
			name)
	}
	names := slices.Collect(maps.Keys(r.transforms))
	for table, from := range origins {
		if !from.staged {
			names = append(names, table)
		}
	}
	slices.Sort(names)
	if nearest := schemas.NearestOf(name, names); nearest != "" {
		return fmt.Sprintf("there is no table %s; did you mean %s?", name, nearest)
	}
	return fmt.Sprintf("there is no table %s; 'entrepot plan' lists them", name)
}

// Unreadable says why a user's SQL can't read a table, where there are these transforms; ""
// when it can.
func Unreadable(there []Transform, name string) string {
	return reader{views: all().views, transforms: namesOf(there), own: true}.unreadable(name)
}

// Filled lists the tables and views of the workspace that no transform makes.
func Filled() []string {
	return slices.Concat(slices.Collect(maps.Keys(origins)), slices.Collect(maps.Keys(all().views)), []string{"steps", "step_queries"})
}

// openViews are the views of the workspace whose rows do not hang on the order of files.
var openViews = []string{"facts", "facts_and_totals", "control_totals", "counted_sums", "area_codes", "hs_ancestors"}

// positionOf is where a parse names a table.
func positionOf(node any, table string) int {
	found := -1
	each(node, func(node map[string]any) bool {
		if found < 0 && node["type"] == "BASE_TABLE" && node["table_name"] == table {
			found = locationOf(node)
		}
		return found < 0
	})
	return found
}

// each calls look for the objects of a parse, from the outside in, until it returns false.
func each(node any, look func(map[string]any) bool) bool {
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			if !each(child, look) {
				return false
			}
		}
	case map[string]any:
		if !look(node) {
			return false
		}
		for _, key := range slices.Sorted(maps.Keys(node)) {
			if !each(node[key], look) {
				return false
			}
		}
	}
	return true
}

func locationOf(node map[string]any) int {
	if at, ok := node["query_location"].(float64); ok {
		return int(at)
	}
	return -1
}

// refused finds in a parse what a user's SQL may not have.
func refused(tree any) (wrong *SQLError) {
	each(tree, func(node map[string]any) bool {
		if message := refusal(node); message != "" {
			wrong = &SQLError{Position: locationOf(node), Message: message}
		}
		return wrong == nil
	})
	return wrong
}

// refusal says what is wrong with an object of a parse; "" when nothing is.
func refusal(node map[string]any) string {
	if node["sample"] != nil {
		return "a sample has other rows each time, and a release must come out the same"
	}
	name, _ := node["function_name"].(string)
	switch node["type"] {
	case "BASE_TABLE":
		if schema, _ := node["schema_name"].(string); schema != "" || node["catalog_name"] != nil {
			return fmt.Sprintf("name the table without %s: a measure reads the tables of entrepot alone", schema)
		}
	case "SHOW_REF":
		return "DESCRIBE, SHOW and SUMMARIZE describe tables; it must be one SELECT of their rows"
	case "TABLE_FUNCTION":
		function, _ := node["function"].(map[string]any)
		if name, _ = function["function_name"].(string); !slices.Contains(tableFunctions, name) {
			return fmt.Sprintf("%s() reads what is no table of entrepot: a measure reads neither files nor the network; put data into the data folder, "+
				"or into a table of settings (groups, products, markets)", name)
		}
	case "COLUMN_REF":
		if names, _ := node["column_names"].([]any); len(names) == 1 && changingWords[fmt.Sprint(names[0])] {
			return changes(fmt.Sprint(names[0]))
		}
	case "FUNCTION":
		return refusedFunction(name, node)
	case "WINDOW_ROW_NUMBER":
		if list, _ := node["orders"].([]any); len(list) == 0 {
			return "row_number() depends on the order in which rows happen to come: write OVER (… ORDER BY …), by what tells the rows apart"
		}
	}
	return limitWithoutOrder(node)
}

func refusedFunction(name string, node map[string]any) string {
	if changing[name] {
		return changes(name + "()")
	}
	by, _ := node["order_bys"].(map[string]any)
	if list, _ := by["orders"].([]any); ordering[name] && len(list) == 0 {
		return fmt.Sprintf("%s() depends on the order in which rows happen to come: write %[1]s(… ORDER BY …), or use min() or max()", name)
	}
	return ""
}

func changes(what string) string {
	return what + " has another value each time, and a release must come out the same; declare a parameter for what you want to set"
}

// limitWithoutOrder says that a SELECT has the first rows of no order.
func limitWithoutOrder(node map[string]any) string {
	modifiers, _ := node["modifiers"].([]any)
	limit, order := false, false
	for _, m := range modifiers {
		m, _ := m.(map[string]any)
		limit = limit || m["type"] == "LIMIT_MODIFIER" || m["type"] == "LIMIT_PERCENT_MODIFIER"
		order = order || m["type"] == "ORDER_MODIFIER"
	}
	if limit && !order {
		return "LIMIT without ORDER BY takes whichever rows happen to come first: add ORDER BY, by what tells the rows apart"
	}
	return ""
}

// tableFunctions are those that read nothing.
var tableFunctions = []string{"unnest", "range", "generate_series", "generate_subscripts", "json_each", "json_tree"}

// changing are the functions, and the words that stand for functions, of DuckDB that answer
// otherwise each time or on each machine: those that it calls volatile or constant within a
// query alone, and those that tell of the surroundings. A test asks DuckDB for them.
var changing = setOf("ago current_catalog current_connection_id current_database current_date current_query current_query_id current_role " +
	"current_schema current_schemas current_setting current_time current_timestamp current_transaction_id current_user currval " +
	"gen_random_uuid get_block_size get_current_time get_current_timestamp getenv getvariable in_search_path localtime localtimestamp nextval now " +
	"random session_user setseed sleep_ms stats today transaction_timestamp txid_current user uuid uuidv4 uuidv7 version write_log " +
	"approx_count_distinct approx_quantile approx_top_k reservoir_quantile")

// changingWords are those of them that stand without brackets.
var changingWords = setOf("current_catalog current_date current_role current_schema current_time current_timestamp current_user localtime " +
	"localtimestamp session_user user")

// ordering are the aggregates that depend on the order of the rows.
var ordering = setOf("any_value arbitrary array_agg first group_concat last list listagg string_agg json_group_array json_group_object")

func setOf(words string) map[string]bool {
	all := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		all[word] = true
	}
	return all
}

// Expression returns an error for what is no expression of SQL by itself, or one that a
// user's SQL may not have. It may have several parts, as ORDER BY has.
func Expression(text string) error {
	if strings.Contains(text, ";") || strings.Contains(text, "--") || strings.Contains(text, "/*") {
		return errors.New("it must be one expression of SQL, without comments and semicolons")
	}
	read, err := tablesReadNow("SELECT 1 ORDER BY " + text)
	switch {
	case err != nil:
		return err
	case read.err != nil:
		return read.err
	case len(read.tables) > 0:
		return errors.New("it must be an expression, without a SELECT")
	}
	if wrong := refused(read.tree); wrong != nil {
		return wrong
	}
	statement, _ := read.tree.(map[string]any)
	node, _ := statement["node"].(map[string]any)
	if modifiers, _ := node["modifiers"].([]any); node["type"] != "SELECT_NODE" || len(modifiers) != 1 {
		return errors.New("it must be one expression of SQL")
	}
	return nil
}
