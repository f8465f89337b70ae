// Package own reads the measures and checks that users add in two folders: of each, one
// SELECT in NAME.sql and what is to be known of it in NAME.yaml. See docs/extending.md.
//
// A release keeps both texts, so that what stands in it can be shown, explained and computed
// anew without the folders.
package own

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"entrepot/schemas"
	"entrepot/transforms"
	"entrepot/transforms/checks"
)

// Source is the text of one measure or check.
type Source struct {
	Name string `json:"name"`
	SQL  string `json:"sql"`
	YAML string `json:"yaml"`

	sqlFile, yamlFile string // "" of a release
}

// Sources are the texts of all measures and checks, by name.
type Sources struct {
	Measures []Source `json:"measures,omitempty"`
	Checks   []Source `json:"checks,omitempty"`
}

// None tells whether there are neither measures nor checks.
func (s Sources) None() bool { return len(s.Measures) == 0 && len(s.Checks) == 0 }

// Changed names the measures and checks of which the texts differ, or that one side lacks.
func Changed(old, now Sources) []string {
	var all []string
	for kind, lists := range map[string][2][]Source{"measure": {old.Measures, now.Measures}, "check": {old.Checks, now.Checks}} {
		texts := map[string][2]string{}
		for side, list := range lists {
			for _, source := range list {
				both := texts[source.Name]
				both[side] = source.SQL + "\x00" + source.YAML
				texts[source.Name] = both
			}
		}
		for name, both := range texts {
			if both[0] != both[1] {
				all = append(all, kind+" "+name)
			}
		}
	}
	slices.Sort(all)
	return all
}

// Set is what the texts say.
type Set struct {
	Measures   []Measure
	Checks     []Check
	Parameters []Parameter
}

// Measure is a table that is published.
type Measure struct {
	schemas.Output
	Level  string // "6", "4" or "2": how many digits its codes have; "sector": it is of sectors; "" says nothing
	source Source
	places places
}

// Check is a quality check: a SELECT of what is wrong.
type Check struct {
	checks.Check
	examines string // the table whose rows it looks at; "" for the one that it reads
	source   Source
	places   places
}

// Parameter is a value that SQL binds by its name, and that a setting may change.
type Parameter struct {
	Name, Description string
	Type              string // "integer", "number", "text" or "boolean"
	Default           string
	place             place
}

// Error is what is wrong in a file, with the place where known.
type Error struct {
	File         string
	Line, Column int // 0 when not known
	Message      string
}

func (e *Error) Error() string {
	where := e.File
	if e.Line > 0 {
		where += fmt.Sprintf(":%d", e.Line)
	}
	if e.Line > 0 && e.Column > 0 {
		where += fmt.Sprintf(":%d", e.Column)
	}
	return where + ": " + e.Message
}

// place is where something stands.
type place struct {
	file         string
	line, column int
}

// places are those of the parts of a YAML file, such as "key" or "columns.year".
type places map[string]place

// errorf is what is wrong there.
func (p place) errorf(format string, args ...any) error {
	return &Error{p.file, p.line, p.column, fmt.Sprintf(format, args...)}
}

// Errorf is what is wrong with the parameter, at its declaration.
func (p Parameter) Errorf(format string, args ...any) error { return p.place.errorf(format, args...) }

// Read reads the texts in two folders; "" has none.
func Read(measures, checks string) (s Sources, err error) {
	if s.Measures, err = readFolder(measures); err != nil {
		return s, err
	}
	s.Checks, err = readFolder(checks)
	return s, err
}

// readFolder reads the pairs of files in a folder. Others are passed over.
func readFolder(folder string) ([]Source, error) {
	if folder == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", folder, err)
	}
	found := map[string]*Source{}
	for _, entry := range entries {
		name, kind := entry.Name(), filepath.Ext(entry.Name())
		if entry.IsDir() || strings.HasPrefix(name, ".") || !slices.Contains([]string{".sql", ".yaml", ".yml"}, kind) {
			continue
		}
		name = strings.TrimSuffix(name, kind)
		if found[name] == nil {
			found[name] = &Source{Name: name}
		}
		if err := found[name].read(filepath.Join(folder, entry.Name()), kind == ".sql"); err != nil {
			return nil, err
		}
	}
	var all []Source
	for _, s := range found {
		switch {
		case s.sqlFile == "":
			return nil, &Error{File: s.yamlFile, Message: fmt.Sprintf("it describes a SELECT that is not there: write it in %s.sql beside it", s.Name)}
		case s.yamlFile == "":
			return nil, &Error{File: s.sqlFile, Message: fmt.Sprintf("nothing says what it makes: describe it in %s.yaml beside it (title, key, columns; docs/extending.md)", s.Name)}
		}
		all = append(all, *s)
	}
	slices.SortFunc(all, func(a, b Source) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

func (s *Source) read(file string, isSQL bool) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	if isSQL {
		s.SQL, s.sqlFile = strings.TrimRight(strings.TrimSpace(string(text)), ";\n\t "), file
		s.SQL = leading(string(text)) + s.SQL
		return nil
	}
	if s.yamlFile != "" {
		return &Error{File: file, Message: "it is described in " + s.yamlFile + " already; keep one of the two"}
	}
	s.YAML, s.yamlFile = string(text), file
	return nil
}

// leading is the white space before a text, which keeps its lines where they are.
func leading(text string) string {
	return text[:len(text)-len(strings.TrimLeft(text, " \t\r\n\f\v"))]
}

// Write writes the texts into two folders, from which Read reads them.
func (s Sources) Write(measures, checks string) error {
	for folder, sources := range map[string][]Source{measures: s.Measures, checks: s.Checks} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return fmt.Errorf("write %s: %w", folder, err)
		}
		for _, one := range sources {
			if !nameForm.MatchString(one.Name) {
				return fmt.Errorf("%q is no name of a measure or check", one.Name)
			}
			sql, yaml := filepath.Join(folder, one.Name+".sql"), filepath.Join(folder, one.Name+".yaml")
			if err := errors.Join(os.WriteFile(sql, []byte(one.SQL), 0o644), os.WriteFile(yaml, []byte(one.YAML), 0o644)); err != nil {
				return fmt.Errorf("write %s: %w", folder, err)
			}
		}
	}
	return nil
}

// sql is the file with the SELECT, as messages name it.
func (s Source) sql() string {
	if s.sqlFile == "" {
		return s.Name + ".sql"
	}
	return s.sqlFile
}

func (s Source) yaml() string {
	if s.yamlFile == "" {
		return s.Name + ".yaml"
	}
	return s.yamlFile
}

// at is a place in the SELECT, by the number of bytes before it; below 0 it is the file.
func (s Source) at(position int) place {
	if position < 0 || position > len(s.SQL) {
		return place{file: s.sql()}
	}
	before := s.SQL[:position]
	return place{s.sql(), strings.Count(before, "\n") + 1, len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1}
}

// Parse reads what the texts say. What is wrong with them is an *Error.
func (s Sources) Parse() (*Set, error) {
	set := &Set{}
	for _, source := range s.Measures {
		m, parameters, err := parseMeasure(source)
		if err != nil {
			return nil, err
		}
		set.Measures = append(set.Measures, m)
		if err := set.declare(parameters); err != nil {
			return nil, err
		}
	}
	for _, source := range s.Checks {
		c, parameters, err := parseCheck(source)
		if err != nil {
			return nil, err
		}
		set.Checks = append(set.Checks, c)
		if err := set.declare(parameters); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// declare adds parameters, which are known to all measures and checks.
func (s *Set) declare(more []Parameter) error {
	for _, p := range more {
		at := slices.IndexFunc(s.Parameters, func(other Parameter) bool { return other.Name == p.Name })
		if at >= 0 {
			return p.Errorf("the parameter %s is declared in %s already: declare it once, and bind $%[1]s in both",
				p.Name, s.Parameters[at].place.file)
		}
		s.Parameters = append(s.Parameters, p)
	}
	return nil
}

// CheckNames lists the names of the checks.
func (s *Set) CheckNames() []string {
	var all []string
	for _, c := range s.Checks {
		all = append(all, c.Name)
	}
	return all
}

// ParameterNames lists the names of the parameters.
func (s *Set) ParameterNames() []string {
	var all []string
	for _, p := range s.Parameters {
		all = append(all, p.Name)
	}
	return all
}

// Outputs lists the tables of the measures.
func (s *Set) Outputs() []schemas.Output {
	var all []schemas.Output
	for _, m := range s.Measures {
		all = append(all, m.Output)
	}
	return all
}

// table is the one of the workspace in which a check's findings stand.
func (c Check) table() string { return "check_" + c.Name }

// transforms are the tables of measures and checks.
func (s *Set) transforms() []transforms.Transform {
	var all []transforms.Transform
	for _, m := range s.Measures {
		all = append(all, transforms.Transform{Name: m.Name, Folder: "measures", SQL: m.source.SQL})
	}
	for _, c := range s.Checks {
		all = append(all, transforms.Transform{Name: c.table(), Folder: "checks", SQL: c.source.SQL})
	}
	return all
}

// sourceOf is the text of the SELECT that makes a table.
func (s *Set) sourceOf(table string) Source {
	for _, m := range s.Measures {
		if m.Name == table {
			return m.source
		}
	}
	for _, c := range s.Checks {
		if c.table() == table {
			return c.source
		}
	}
	return Source{Name: table}
}

// Where names the file with the SELECT of a table; "" when it is none of a user's.
func (s *Set) Where(table string) string {
	source := s.sourceOf(table)
	if source.SQL == "" {
		return ""
	}
	return source.sql()
}

// inSQL turns what is wrong with SQL into an *Error with line and column.
func (s *Set) inSQL(err error) error {
	var wrong *transforms.SQLError
	if errors.As(err, &wrong) {
		return s.sourceOf(wrong.Table).at(wrong.Position).errorf("%s", wrong.Message)
	}
	return err
}
