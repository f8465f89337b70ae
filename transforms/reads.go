package transforms

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"entrepot/schemas"

	_ "github.com/duckdb/duckdb-go/v2" // the driver whose parser is asked
)

// origin says what the pipeline fills a table of the workspace from.
type origin struct {
	staged    bool     // from the files that were read
	reference []string // from reference tables, by the names of schemas.Reference.Hash
}

// origins has the tables of the workspace that no transform makes.
var origins = map[string]origin{
	"staged_rows":      {staged: true},
	"objects_in_force": {staged: true},
	"line_ranges":      {staged: true},
	"files":            {staged: true},
	"file_years":       {staged: true},
	"file_order":       {staged: true},
	"whole_by_content": {staged: true},
	"rejects":          {staged: true},
	"unknown_partners": {staged: true},
	"left_out":         {staged: true},
	"areas":            {reference: []string{"areas"}},
	"area_keys":        {reference: []string{"areas"}},
	"successions":      {reference: []string{"areas", "successions"}},
	"country_groups":   {reference: []string{"groups"}},
	"hs_codes":         {reference: []string{"hs_codes"}},
	"hs_steps":         {reference: []string{"hs_changes", "hs_codes", "hs_overrides"}},
	"hs_splits":        {reference: []string{"hs_changes", "hs_codes", "hs_overrides", "hs_successors"}},
	"sector_codes":     {reference: []string{"sectors"}},
	"top_ten_firms":    {reference: []string{"top_ten_firms"}},
	"markets":          {reference: []string{"markets"}},
	"deflators":        {reference: []string{"deflator"}},
	"affiliate_sales":  {reference: []string{"affiliate_sales"}},
	"product_codes":    {reference: []string{"products", "hs_codes"}},
	"value_added":      {reference: []string{"value_added"}},
	"activities":       {reference: []string{"value_added"}},
}

// kept are the tables that only what looks through the staged rows reads. Another engine that
// makes them keeps them, since they may be as large.
var kept = []string{"partner_sums"}

// viewsRead finds the tables that each view of the workspace reads.
func viewsRead() (map[string][]string, error) {
	views := workspaceViews()
	names := slices.Sorted(maps.Keys(views))
	var queries []string
	for _, name := range names {
		queries = append(queries, views[name])
	}
	read, err := tablesRead(context.Background(), queries)
	if err != nil {
		return nil, err
	}
	all := map[string][]string{}
	for i, name := range names {
		if read[i].err != nil {
			return nil, fmt.Errorf("the view %s of the workspace: %w", name, read[i].err)
		}
		all[name] = read[i].tables
	}
	return all, nil
}

// addReads fills in what each transform reads: itself or through views of the workspace.
func addReads(found []Transform, r reader) error {
	var queries []string
	for _, t := range found {
		queries = append(queries, t.SQL)
	}
	read, err := tablesRead(context.Background(), queries)
	if err != nil {
		return err
	}
	for i := range found {
		t, mine := &found[i], read[i]
		if r.own {
			if err := r.allow(*t, mine); err != nil {
				return err
			}
		}
		if err := errors.Join(mine.err, r.follow(t, mine.tables)); err != nil {
			return fmt.Errorf("%s/%s.sql: %w", t.Folder, t.Name, err)
		}
		t.Names, t.Reads = slices.Contains(mine.tables, "files"), mine.tables
		t.Kept = slices.Contains(kept, t.Name)
		slices.Sort(t.Needs)
		slices.Sort(t.Reference)
		t.Needs, t.Reference = slices.Compact(t.Needs), slices.Compact(t.Reference)
	}
	return nil
}

// reader knows what may stand behind a name.
type reader struct {
	views      map[string][]string
	transforms map[string]bool
	own        bool // what is read is a user's, and not to be trusted
}

// follow notes for a transform what stands behind the tables that its SQL names.
func (r reader) follow(t *Transform, tables []string) error {
	for _, name := range tables {
		behind, isView := r.views[name]
		from, filled := origins[name]
		switch {
		case r.transforms[name]:
			t.Needs = append(t.Needs, name)
			t.Rows = t.Rows || slices.Contains(kept, name)
		case isView:
			if err := r.follow(t, behind); err != nil {
				return err
			}
		case filled:
			t.Staged = t.Staged || from.staged
			t.Rows = t.Rows || name == "staged_rows"
			t.Reference = append(t.Reference, from.reference...)
		default:
			return fmt.Errorf("there is no table %s", name)
		}
	}
	return nil
}

// workspaceViews has the SELECT of each view of the workspace, by its name.
func workspaceViews() map[string]string {
	views := map[string]string{}
	for _, m := range createView.FindAllStringSubmatch(comment.ReplaceAllString(schemas.Base{}.Workspace(), ""), -1) {
		views[m[1]] = m[2]
	}
	return views
}

var createView = regexp.MustCompile(`CREATE VIEW (\w+) AS\s+([^;]+);`)

// reading is what one query reads.
type reading struct {
	tables []string
	tree   any   // its parse
	err    error // why DuckDB can't read the query
}

// tablesRead finds the tables and views that each query reads, in DuckDB's own parse
// of it. The driver's GetTableNames can't tell: it binds the query, and answers that a
// query with parameters or macros reads nothing.
func tablesRead(ctx context.Context, queries []string) (all []reading, err error) {
	db, err := sql.Open("duckdb", "?threads=1")
	if err != nil {
		return nil, fmt.Errorf("open a database for its parser: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, `SELECT json_serialize_sql(query, skip_default := true, skip_empty := true, skip_null := true)::VARCHAR
		FROM unnest($queries::VARCHAR[]) WITH ORDINALITY q(query, place) ORDER BY place`, sql.Named("queries", queries))
	if err != nil {
		return nil, fmt.Errorf("ask for the parse of the SQL: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("ask for the parse of the SQL: %w", err)
		}
		all = append(all, readingOf(text))
	}
	return all, rows.Err()
}

// readingOf takes what a query reads from its parse.
func readingOf(parse string) reading {
	var tree struct {
		Error      bool   `json:"error"`
		Message    string `json:"error_message"`
		Position   string `json:"position"`
		Statements []any  `json:"statements"`
	}
	if err := json.Unmarshal([]byte(parse), &tree); err != nil {
		return reading{err: err}
	}
	if tree.Error {
		return reading{err: parseError(tree.Message, tree.Position)}
	}
	if len(tree.Statements) != 1 {
		return reading{err: fmt.Errorf("%d statements, want one SELECT", len(tree.Statements))}
	}
	found := map[string]bool{}
	findTables(tree.Statements[0], nil, found)
	return reading{tables: slices.Sorted(maps.Keys(found)), tree: tree.Statements[0]}
}

// findTables adds the tables below a node. A name that a WITH around the node defines
// is no table; but what stands in a WITH knows only what was defined before it, and
// itself when it is RECURSIVE.
func findTables(node any, defined []string, found map[string]bool) {
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			findTables(child, defined, found)
		}
	case map[string]any:
		if name, ok := node["table_name"].(string); ok && node["type"] == "BASE_TABLE" && !slices.Contains(defined, name) {
			found[name] = true
		}
		if name, ok := node["cte_name"].(string); ok && node["type"] == "RECURSIVE_CTE_NODE" {
			defined = append(slices.Clone(defined), name)
		}
		defined = findInWith(node["cte_map"], defined, found)
		for key, child := range node {
			if key != "cte_map" {
				findTables(child, defined, found)
			}
		}
	}
}

// findInWith adds the tables in the queries of a WITH, and returns the names that are
// defined behind it.
func findInWith(with any, defined []string, found map[string]bool) []string {
	entries, _ := with.(map[string]any)
	list, _ := entries["map"].([]any)
	defined = slices.Clone(defined)
	for _, entry := range list {
		if entry, ok := entry.(map[string]any); ok {
			findTables(entry["value"], defined, found)
			name, _ := entry["key"].(string)
			defined = append(defined, name)
		}
	}
	return defined
}

// tablesReadNow reads one query.
func tablesReadNow(query string) (reading, error) {
	read, err := tablesRead(context.Background(), []string{query})
	if err != nil {
		return reading{}, err
	}
	return read[0], nil
}
