package own

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"entrepot/schemas"
	"entrepot/schemas/sqltext"
	"entrepot/transforms"
	"entrepot/transforms/checks"

	"github.com/duckdb/duckdb-go/v2"
)

// Ground is what measures and checks are added to.
type Ground struct {
	Workspace string            // the SQL that makes the workspace's tables
	Published schemas.Catalogue // the program's tables
	Values    map[string]any    // what SQL can bind, the set's own parameters among them
}

// Tables lists the program's transforms with those of the set among them, each behind what
// it needs. Everything that can be known without data is checked before: what a SELECT
// reads, whether DuckDB understands it, and whether it gives what its YAML describes. What
// is wrong is an *Error with file, line and column.
func (s *Set) Tables(ctx context.Context, g Ground) ([]transforms.Transform, error) {
	if err := s.free(g.Published); err != nil {
		return nil, err
	}
	all, err := transforms.With(s.transforms())
	if err != nil {
		return nil, s.inSQL(err)
	}
	if err := s.declared(all, g.Values); err != nil {
		return nil, err
	}
	published := g.Published.With(s.Outputs()...)
	for _, m := range s.Measures {
		if err := m.known(published); err != nil {
			return nil, err
		}
	}
	if err := s.examined(all); err != nil {
		return nil, err
	}
	columns, err := s.bind(ctx, g, all)
	if err != nil || len(s.Checks) == 0 {
		return all, err
	}
	all, err = transforms.With(append(s.transforms(), s.united(columns)...))
	if err != nil {
		return nil, fmt.Errorf("internal error: unite the findings of checks: %w; please report it", err)
	}
	return all, nil
}

// free returns an *Error for a name that another table has.
func (s *Set) free(published schemas.Catalogue) error {
	taken := map[string]bool{}
	for _, t := range transforms.All() {
		taken[t.Name] = true
	}
	for _, o := range published {
		taken[o.Name] = true
	}
	for _, name := range transforms.Filled() {
		taken[name] = true
	}
	for _, m := range s.Measures {
		if taken[m.Name] {
			return place{file: m.source.sql()}.errorf("entrepot has a table %s itself: give the measure, and so its two files, another name", m.Name)
		}
		taken[m.Name] = true
	}
	for _, c := range s.Checks {
		if taken[c.table()] || slices.Contains(checks.Names(checks.All()), c.Name) {
			return place{file: c.source.sql()}.errorf("entrepot has a check or a table %s itself: give the check, and so its two files, another name",
				c.Name)
		}
		taken[c.table()] = true
	}
	return nil
}

// declared returns an *Error for a parameter that SQL names and nothing declares.
func (s *Set) declared(all []transforms.Transform, values map[string]any) error {
	for _, t := range all {
		source := s.sourceOf(t.Name)
		if source.SQL == "" {
			continue
		}
		for _, name := range t.Parameters {
			if _, known := values[name]; !known {
				return source.at(strings.Index(source.SQL, "$"+name)).errorf("nothing declares the parameter $%s; %s, or declare it under parameters in %s",
					name, suggestion(name, sortedNames(values)), source.yaml())
			}
		}
	}
	return nil
}

// examined finds for each check the table whose rows it looks at.
func (s *Set) examined(all []transforms.Transform) error {
	for i := range s.Checks {
		c := &s.Checks[i]
		if c.examines != "" {
			if message := transforms.Unreadable(all, c.examines); message != "" {
				return c.places["examines"].errorf("examines: %s", message)
			}
			continue
		}
		at := slices.IndexFunc(all, func(t transforms.Transform) bool { return t.Name == c.table() })
		if len(all[at].Needs) != 1 {
			return c.places[""].errorf("it reads several tables or none (%s): say with 'examines: TABLE' whose rows it looks at, for the number that checks shows",
				strings.Join(all[at].Needs, ", "))
		}
		c.examines = all[at].Needs[0]
	}
	return nil
}

// column is one that a SELECT gives.
type column struct{ name, kind string }

// bind makes the tables of the set in a database without rows, behind those that they need,
// and returns the columns of each.
func (s *Set) bind(ctx context.Context, g Ground, all []transforms.Transform) (_ map[string][]column, err error) {
	db, err := sql.Open("duckdb", "?threads=1")
	if err != nil {
		return nil, fmt.Errorf("open a database to try measures in: %w", err)
	}
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, g.Workspace+"; SET errors_as_json = true"); err != nil {
		return nil, fmt.Errorf("internal error: make the tables of the workspace: %w; please report it", err)
	}
	columns := map[string][]column{}
	wanted := s.wanted(all)
	for _, t := range all {
		if !wanted[t.Name] {
			continue
		}
		if err := s.try(ctx, db, t, g.Values); err != nil {
			return nil, err
		}
		if s.sourceOf(t.Name).SQL == "" {
			continue
		}
		if columns[t.Name], err = columnsOf(ctx, db, t.Name); err != nil {
			return nil, err
		}
	}
	for _, m := range s.Measures {
		if err := m.gives(columns[m.Name]); err != nil {
			return nil, err
		}
	}
	for _, m := range s.Measures {
		if err := m.tryEvidence(ctx, db); err != nil {
			return nil, err
		}
	}
	return columns, nil
}

// wanted are the tables of the set and those that they need, and those that stand behind
// them.
func (s *Set) wanted(all []transforms.Transform) map[string]bool {
	wanted := map[string]bool{}
	for _, m := range s.Measures {
		wanted[m.Name] = true
		for _, e := range m.Behind {
			wanted[e.Output] = true
		}
		if m.Lines != "" || len(m.Behind) > 0 {
			wanted["lines"] = true
		}
	}
	for _, c := range s.Checks {
		wanted[c.table()] = true
	}
	for _, t := range slices.Backward(all) {
		for _, need := range t.Needs {
			wanted[need] = wanted[need] || wanted[t.Name]
		}
	}
	return wanted
}

// try makes a table without data.
func (s *Set) try(ctx context.Context, db *sql.DB, t transforms.Transform, values map[string]any) error {
	var bound []any
	for _, name := range t.Parameters {
		bound = append(bound, sql.Named(name, values[name]))
	}
	begin := "CREATE OR REPLACE TABLE " + sqltext.Name(t.Name) + " AS\n"
	_, err := db.ExecContext(ctx, begin+t.SQL, bound...)
	if err != nil && s.sourceOf(t.Name).SQL == "" {
		return fmt.Errorf("internal error: make the table %s without data: %w; please report it", t.Name, err)
	}
	if err != nil {
		message, position := failure(err)
		return s.sourceOf(t.Name).at(position-len(begin)).errorf("%s", message)
	}
	return nil
}

// failure is what DuckDB says of SQL, and where in it; below 0 when it does not say that.
func failure(err error) (message string, position int) {
	var wrong *duckdb.Error
	var said struct {
		Message  string `json:"exception_message"`
		Position string `json:"position"`
	}
	if !errors.As(err, &wrong) || json.Unmarshal([]byte(wrong.Msg), &said) != nil {
		return err.Error(), -1
	}
	lines := strings.Split(said.Message, "\n")
	message = strings.TrimSuffix(lines[0], "!")
	for _, line := range lines[1:] {
		if strings.HasPrefix(line, "Candidate bindings") || strings.HasPrefix(line, "Did you mean") {
			message += "; " + strings.ToLower(line[:1]) + strings.Replace(line[1:], ": : ", ": ", 1)
		}
	}
	if position, err = strconv.Atoi(said.Position); err != nil {
		position = -1
	}
	return message, position
}

func columnsOf(ctx context.Context, db *sql.DB, table string) (all []column, err error) {
	rows, err := db.QueryContext(ctx, "SELECT column_name, column_type FROM (DESCRIBE "+sqltext.Name(table)+")")
	if err != nil {
		return nil, fmt.Errorf("list the columns of %s: %w", table, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var c column
		if err := rows.Scan(&c.name, &c.kind); err != nil {
			return nil, fmt.Errorf("list the columns of %s: %w", table, err)
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

// gives returns an *Error where the SELECT and what its YAML says of columns differ.
func (m Measure) gives(given []column) error {
	var names []string
	for _, c := range given {
		names = append(names, c.name)
		said, known := m.Column(c.name)
		if !known {
			return m.places["columns"].errorf("the SELECT gives a column %s (%s) that columns does not describe; %s",
				c.name, c.kind, suggestion(c.name, m.columnNames()))
		}
		if !fits(said.Type, c.kind) {
			return m.places["columns."+c.name].errorf("column %s is %s, but the SELECT gives %s: correct the type, or CAST(… AS %[2]s) in %[4]s",
				c.name, said.Type, c.kind, m.source.sql())
		}
	}
	for _, c := range m.Columns {
		if !slices.Contains(names, c.Name) {
			return m.places["columns."+c.Name].errorf("the SELECT gives no column %s; %s", c.Name, suggestion(c.Name, names))
		}
	}
	return nil
}

// fits tells whether values of a type of DuckDB can be published as one of ours, without
// a loss that nobody asked for.
func fits(published schemas.Type, given string) bool {
	whole := strings.HasSuffix(given, "INT") || given == "INTEGER" || strings.HasPrefix(given, "DECIMAL(") && strings.HasSuffix(given, ",0)")
	switch published {
	case schemas.SmallInt, schemas.Integer:
		return whole || given == "UINTEGER"
	case schemas.Double:
		return whole || given == "UINTEGER" || given == "DOUBLE" || given == "FLOAT" || strings.HasPrefix(given, "DECIMAL(")
	case schemas.Boolean:
		return given == "BOOLEAN"
	}
	return given == "VARCHAR" || strings.HasPrefix(given, "ENUM(")
}

// tryEvidence returns an *Error for SQL in the YAML that DuckDB does not understand.
func (m Measure) tryEvidence(ctx context.Context, db *sql.DB) error {
	ask := func(at, from, expression string) error {
		if expression == "" {
			return nil
		}
		if _, err := db.ExecContext(ctx, "SELECT 1 FROM "+from+" ORDER BY "+expression); err != nil {
			message, _ := failure(err)
			return m.places[at].errorf("%s: %s", at[strings.LastIndex(at, ".")+1:], message)
		}
		return nil
	}
	own := sqltext.Name(m.Name)
	err := errors.Join(ask("ratio.low", own, m.Ratio.Low), ask("ratio.partial", own, m.Ratio.Partial))
	if m.Lines != "" {
		err = errors.Join(err, ask("lines", own+" e, lines l", m.Lines))
	}
	for i, e := range m.Behind {
		at, from := fmt.Sprintf("behind[%d].", i+1), own+" r, "+sqltext.Name(e.Output)+" e"
		err = errors.Join(err, ask(at+"where", from, e.Where), ask(at+"order", from, e.Order), ask(at+"part", from, e.Part),
			ask(at+"of", from, e.Of), ask(at+"lines", from+", lines l", e.Lines))
	}
	return err
}
