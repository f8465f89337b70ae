package release

import (
	"embed"
	"fmt"
	"strings"
	"text/template"

	"entrepot/schemas"
	"entrepot/schemas/sqltext"
)

//go:embed *.sql
var sqlFiles embed.FS

// templates are the queries over tables that the outputs name. Their identifiers are
// quoted; values are bound.
var templates = template.Must(template.New("").
	Funcs(template.FuncMap{"name": sqltext.Name, "names": sqltext.Names}).ParseFS(sqlFiles, "*.sql"))

// query fills in a template.
func query(name string, data any) (string, error) {
	var text strings.Builder
	if err := templates.ExecuteTemplate(&text, name, data); err != nil {
		return "", fmt.Errorf("internal error: fill in %s: %w; please report it", name, err)
	}
	return text.String(), nil
}

// aliased lists columns of a table that has an alias.
func aliased(alias string, columns []string) []string {
	all := make([]string, len(columns))
	for i, column := range columns {
		all[i] = alias + "." + sqltext.Name(column)
	}
	return all
}

// linesOf is the condition that lines l stand behind rows e of an evidence.
func linesOf(o schemas.Output, more string) string {
	if more == "" {
		return o.Lines
	}
	return o.Lines + " AND " + more
}
