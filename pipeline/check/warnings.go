package check

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"slices"

	"entrepot/pipeline/engine"
	"entrepot/schemas"
	"entrepot/transforms"
)

//go:embed warnings/*.sql
var warningFiles embed.FS

// Warnings says what a reader of the figures must know: what is missing, and
// what to do about it.
func (c *Stage) Warnings(ctx context.Context) ([]string, error) {
	return warningTexts(ctx, c.Work.DB, c.Job.Parameters(), c.Job.Reporters)
}

// mostWarned is of how many reporters each is warned about by itself; of the others one
// warning says how many have gaps.
const mostWarned = 5

// warningTexts asks each query of the folder warnings, in the order of their names, for
// its warning: a row of one text, or no row when there is nothing to warn of. values
// are what the queries may bind; those that bind a reporter are asked for each.
func warningTexts(ctx context.Context, db engine.Querier, values map[string]any, of schemas.Reporters) ([]string, error) {
	named := of.Named[:min(mostWarned, len(of.Named))]
	values["warned"] = schemas.Reporters{Named: named}.Text()
	files, err := fs.Glob(warningFiles, "warnings/*.sql")
	if err != nil {
		return nil, fmt.Errorf("internal error: list the warnings: %w; please report it", err)
	}
	var all []string
	for _, file := range files {
		query, err := warningFiles.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("internal error: read the warnings: %w; please report it", err)
		}
		about := named
		if !slices.Contains(transforms.Parameters(string(query)), "reporter") {
			about = []schemas.Area{{}}
		}
		for _, area := range about {
			values["reporter"], values["reporter_name"] = int64(area.Code), area.Name
			bound, err := bind(file, string(query), values)
			if err != nil {
				return nil, err
			}
			found, err := engine.Query(ctx, db, engine.Scan[string], string(query), bound...)
			if err != nil {
				return nil, fmt.Errorf("look for what to warn of (%s): %w", file, err)
			}
			all = append(all, found...)
		}
	}
	return all, nil
}

// bind picks the values that the query of a file names.
func bind(file, query string, values map[string]any) (bound []any, err error) {
	for _, name := range transforms.Parameters(query) {
		value, ok := values[name]
		if !ok {
			return nil, fmt.Errorf("internal error: %s names the parameter $%s, which does not exist; please report it", file, name)
		}
		bound = append(bound, sql.Named(name, value))
	}
	return bound, nil
}
