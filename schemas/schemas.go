// Package schemas says what the pipeline's tables look like and holds the
// reference data that gives their codes a meaning.
//
// It has three parts:
//
//   - workspace.sql, the tables of the DuckDB file that a run works in: the
//     staged rows, what was rejected or left out and why, and the view of the fact table;
//   - outputs_measures.go and outputs_quality.go, the table of the published Parquet tables: each
//     column with its type, its unit and its meaning, and how a row is explained,
//     compared and shown; output.go says what an entry may have;
//   - reference.go and reference/, the areas, country groups, HS codes, HS
//     conversions and sector lists. They are embedded in the binary; a user's
//     file of the same layout replaces any of them.
//
// The package imports nothing else of the module: sources, transforms and the
// pipeline all stand on it.
package schemas

import (
	_ "embed"
	"strings"
)

//go:embed workspace.sql
var workspace string

// Workspace is the SQL that makes the tables of an empty workspace.
func (b Base) Workspace() string {
	revisions := b.revisions()
	return strings.NewReplacer(
		"{{.Revisions}}", "'"+strings.Join(revisions.IDs(), "', '")+"'",
		"{{.RevisionIn}}", revisions.inSQL("year"),
	).Replace(workspace)
}
