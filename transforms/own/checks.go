package own

import (
	"fmt"
	"slices"
	"strings"

	"entrepot/schemas/sqltext"
	"entrepot/transforms"
	"entrepot/transforms/checks"
)

// AllChecks lists the program's checks and those of the set.
func (s *Set) AllChecks() []checks.Check {
	all := checks.All()
	for _, c := range s.Checks {
		all = append(all, c.Check)
	}
	return all
}

// findingColumns are the columns of findings, with their types. hs6 is another name of code.
var findingColumns = []column{{"year", "SMALLINT"}, {"reporter", "SMALLINT"}, {"partner", "SMALLINT"}, {"flow", "VARCHAR"},
	{"hs_revision", "VARCHAR"}, {"code", "VARCHAR"}, {"value_usd", "DECIMAL(38,3)"}, {"compared_usd", "DECIMAL(38,3)"}}

// united are the transforms own_findings and own_examined with the checks of the set: what
// they find, in the columns that findings have, and how many rows they look at. columns are
// those of the checks' tables.
func (s *Set) united(columns map[string][]column) []transforms.Transform {
	var findings, examined []string
	for _, c := range s.Checks {
		findings = append(findings, c.findings(columns[c.table()]))
		examined = append(examined, fmt.Sprintf("SELECT %s AS check_name, count(*) AS examined FROM %s", sqltext.Literal(c.Name), sqltext.Name(c.examines)))
	}
	return []transforms.Transform{
		{Name: "own_findings", Folder: "checks", SQL: strings.Join(findings, "\nUNION ALL\n")},
		{Name: "own_examined", Folder: "checks", SQL: strings.Join(examined, "\nUNION ALL\n")},
	}
}

// findings selects what a check finds. What its SELECT gives beside the columns of findings
// stands in the note, with its name.
func (c Check) findings(given []column) string {
	has := func(name string) bool {
		return slices.ContainsFunc(given, func(g column) bool { return g.name == name })
	}
	list := []string{sqltext.Literal(c.Name) + " AS check_name"}
	used := []string{}
	for _, f := range findingColumns {
		from := f.name
		if f.name == "code" && !has(from) {
			from = "hs6"
		}
		if !has(from) {
			list = append(list, fmt.Sprintf("CAST(NULL AS %s) AS %s", f.kind, f.name))
			continue
		}
		used = append(used, from)
		list = append(list, fmt.Sprintf("CAST(%s AS %s) AS %s", sqltext.Name(from), f.kind, f.name))
	}
	var note []string
	if has("note") {
		note = append(note, "CAST(note AS VARCHAR)")
	}
	for _, g := range given {
		if !slices.Contains(used, g.name) && g.name != "note" {
			note = append(note, fmt.Sprintf("%s || CAST(%s AS VARCHAR)", sqltext.Literal(g.name+" "), sqltext.Name(g.name)))
		}
	}
	said := sqltext.Literal("not so: " + c.Help)
	if len(note) > 0 {
		said = "coalesce(nullif(concat_ws(', ', " + strings.Join(note, ", ") + "), ''), " + said + ")"
	}
	list = append(list, "CAST(NULL AS INTEGER) AS file_id", "CAST(NULL AS BIGINT) AS line", said+" AS note")
	return "SELECT " + strings.Join(list, ", ") + " FROM " + sqltext.Name(c.table())
}
