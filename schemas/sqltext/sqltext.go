// Package sqltext writes the parts of SQL that can't be bound as parameters:
// names, and texts where DuckDB wants a literal, as in SET and in file paths.
//
// Everything else is bound by name (sql.Named).
package sqltext

import "strings"

// Literal is a text as an SQL literal. A NUL would end the statement, so it is
// written as chr(0).
func Literal(text string) string {
	quoted := "'" + strings.ReplaceAll(text, "'", "''") + "'"
	if strings.Contains(quoted, "\x00") {
		return "(" + strings.ReplaceAll(quoted, "\x00", "' || chr(0) || '") + ")"
	}
	return quoted
}

// Name is a quoted identifier: of a table, a view or a column.
func Name(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Names lists quoted identifiers, with commas between them.
func Names(names []string) string {
	var all []string
	for _, name := range names {
		all = append(all, Name(name))
	}
	return strings.Join(all, ", ")
}

// Parquet is the call that reads one Parquet file; its name is not a pattern.
func Parquet(paths ...string) string {
	var all []string
	for _, path := range paths {
		all = append(all, Literal(escapeGlob(path)))
	}
	return "read_parquet([" + strings.Join(all, ", ") + "])"
}

// File is a path as DuckDB's readers take it: its readers expand patterns, so that
// "TradeData[1].csv" would name another file.
func File(path string) string { return Literal(escapeGlob(path)) }

func escapeGlob(path string) string {
	return strings.NewReplacer("[", "[[]", "]", "[]]", "*", "[*]", "?", "[?]").Replace(path)
}
