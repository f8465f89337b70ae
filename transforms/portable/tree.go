package portable

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// node is one of DuckDB's parse of a query, as json_serialize_sql writes it.
type node map[string]any

func (n node) str(key string) string  { s, _ := n[key].(string); return s }
func (n node) is(key string) bool     { b, _ := n[key].(bool); return b }
func (n node) class() string          { return n.str("class") }
func (n node) has(key string) bool    { return n[key] != nil }
func (n node) of(key string) node     { return asNode(n[key]) }
func (n node) list(key string) []node { return nodes(n[key]) }

func (n node) strs(key string) (all []string) {
	items, _ := n[key].([]any)
	for _, item := range items {
		s, _ := item.(string)
		all = append(all, s)
	}
	return all
}

func asNode(value any) node { m, _ := value.(map[string]any); return m }

func nodes(value any) (all []node) {
	items, _ := value.([]any)
	for _, item := range items {
		all = append(all, asNode(item))
	}
	return all
}

// parse is the tree of one SELECT.
func parse(ctx context.Context, conn *sql.Conn, query string) (node, error) {
	var text string
	if err := conn.QueryRowContext(ctx, "SELECT json_serialize_sql($query::VARCHAR, skip_default := true, skip_empty := true, skip_null := true)::VARCHAR",
		sql.Named("query", query)).Scan(&text); err != nil {
		return nil, fmt.Errorf("ask for the parse of the SQL: %w", err)
	}
	var tree struct {
		Error      bool   `json:"error"`
		Message    string `json:"error_message"`
		Statements []struct {
			Node map[string]any `json:"node"`
		} `json:"statements"`
	}
	if err := json.Unmarshal([]byte(text), &tree); err != nil {
		return nil, fmt.Errorf("read the parse of the SQL: %w", err)
	}
	if tree.Error || len(tree.Statements) != 1 {
		return nil, fmt.Errorf("no single SELECT: %s", tree.Message)
	}
	return tree.Statements[0].Node, nil
}

// timesRead counts how often a table is named below a node.
func timesRead(value any, table string) (n int) {
	switch value := value.(type) {
	case []any:
		for _, child := range value {
			n += timesRead(child, table)
		}
	case map[string]any:
		if value["type"] == "BASE_TABLE" && value["table_name"] == table {
			n++
		}
		for _, child := range value {
			n += timesRead(child, table)
		}
	}
	return n
}
