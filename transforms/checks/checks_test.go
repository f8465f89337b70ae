package checks_test

import (
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"entrepot/transforms"
	"entrepot/transforms/checks"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"
)

// Every check of the table has SQL that finds, is in the union of all findings, and
// counts what it examined; and no SQL is of a check that the table does not have.
func TestChecksHaveTheirSQL(t *testing.T) {
	var names, files []string
	for _, check := range checks.All() {
		names = append(names, check.Name)
	}
	slices.Sort(names)
	tables := map[string]transforms.Transform{}
	var finding []string
	for _, transform := range transforms.All() {
		tables[transform.Name] = transform
		if strings.HasPrefix(transform.Name, "check_") && transform.Name != "check_findings" {
			files = append(files, transform.Name)
			finding = append(finding, checkNames(t, transform.SQL)...)
		}
	}
	slices.Sort(files)
	slices.Sort(finding)
	if diff := cmp.Diff(names, finding); diff != "" {
		t.Errorf("checks (-in the table +found by transforms/checks/check_*.sql):\n%s", diff)
	}
	united := slices.DeleteFunc(slices.Clone(tables["all_findings"].Needs), func(name string) bool { return !strings.HasPrefix(name, "check_") })
	if diff := cmp.Diff(files, united); diff != "" {
		t.Errorf("files (-transforms/checks/check_*.sql +united in all_findings.sql):\n%s", diff)
	}
	examined := checkNames(t, tables["checks_examined"].SQL)
	slices.Sort(examined)
	if diff := cmp.Diff(names, examined); diff != "" {
		t.Errorf("checks (-in the table +counted in checks_examined.sql):\n%s", diff)
	}
}

// checkNames lists the texts that a query writes into its column check_name, in DuckDB's
// parse of it.
func checkNames(t *testing.T, query string) []string {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var parse string
	if err := db.QueryRowContext(t.Context(), "SELECT json_serialize_sql(?::VARCHAR)::VARCHAR", query).Scan(&parse); err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal([]byte(parse), &tree); err != nil {
		t.Fatal(err)
	}
	return written(tree)
}

func written(node any) (names []string) {
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			names = append(names, written(child)...)
		}
	case map[string]any:
		if first := firstColumns(node); len(first) > 0 && first[0]["alias"] == "check_name" {
			for _, column := range first {
				names = append(names, texts(column)...)
			}
			return names
		}
		for _, child := range node {
			names = append(names, written(child)...)
		}
	}
	return names
}

// firstColumns has the first column of a SELECT, or of each SELECT of a UNION.
func firstColumns(node map[string]any) (columns []map[string]any) {
	if list, ok := node["select_list"].([]any); ok {
		column, _ := list[0].(map[string]any)
		return []map[string]any{column}
	}
	if node["type"] == "SET_OPERATION_NODE" {
		for _, side := range []any{node["left"], node["right"]} {
			if side, ok := side.(map[string]any); ok {
				columns = append(columns, firstColumns(side)...)
			}
		}
		children, _ := node["children"].([]any)
		for _, child := range children {
			if child, ok := child.(map[string]any); ok {
				columns = append(columns, firstColumns(child)...)
			}
		}
	}
	return columns
}

// texts has a text that stands there, or those that a CASE may give.
func texts(expression any) (all []string) {
	node, _ := expression.(map[string]any)
	switch node["type"] {
	case "VALUE_CONSTANT":
		value, _ := node["value"].(map[string]any)
		if text, ok := value["value"].(string); ok {
			all = append(all, text)
		}
	case "CASE_EXPR":
		cases, _ := node["case_checks"].([]any)
		for _, c := range cases {
			c, _ := c.(map[string]any)
			all = append(all, texts(c["then_expr"])...)
		}
		all = append(all, texts(node["else_expr"])...)
	}
	return all
}
