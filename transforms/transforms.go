// Package transforms holds the SQL between the staged rows and the published
// tables, one SELECT in one file for each table that it makes. A table has the name
// of its file, and its folder says where on the way of the data it stands; a table
// reads tables of its own folder and of those before it:
//
//	facts     which staged rows count, and what they add up to by code
//	codes     the set of HS codes in which trade is counted, and how others become these
//	world     everybody's trade in these codes, by year, and how whole it is
//	measures  what is published of it
//	checks    where the files contradict themselves
//
// A file runs by hand in DuckDB. Its parameters are named, as in $partner, and
// bound, never pasted into the text:
//
//	PREPARE q AS SELECT … FROM partner_imports WHERE partner = $partner;
//	EXECUTE q(partner := 842);
//
// What a transform reads, and so what it waits for and what makes it stale, is asked
// of DuckDB's parser; see reads.go.
//
// To add a measure, write its SQL here and describe its columns in package schemas;
// see docs/extending.md. To add a quality check, see checks/checks.go.
package transforms

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

//go:embed */*.sql
var files embed.FS

// Transform makes one table of the workspace from others.
type Transform struct {
	Name       string   // of the table and, with .sql, of the file
	Folder     string   // of the file, such as "measures"
	SQL        string   // the text of the file, one SELECT
	Code       string   // the SQL without its comments and line ends: what a change of it means that the table must be made anew
	Parameters []string // the names that the SQL binds, sorted
	ByYear     bool     // its rows of a year are made of rows of that year; see byYear
	YearBefore bool     // and of rows of the year before; see withYearBefore
	Reads      []string // tables and views that its SQL names, sorted
	Needs      []string // transforms whose tables it reads, sorted
	Staged     bool     // reads the staged rows, or what is noted of files
	Kept       bool     // only what looks through the staged rows reads its table
	Rows       bool     // looks through the staged rows: its cost grows with all partners of all files
	Names      bool     // reads the names of the input files
	Reference  []string // reference tables behind what it reads, by the names of schemas.Reference.Hash, sorted
}

// All lists the transforms, one for each file; every one stands behind those that it
// needs. The first call takes some thirty milliseconds.
func All() []Transform { return slices.Clone(all().transforms) }

// house is what is in the binary.
type house struct {
	transforms []Transform
	views      map[string][]string // of the workspace, and the tables that each reads
}

// all reads what is in the binary, so whatever it can't read is a fault of the program.
var all = sync.OnceValue(func() house {
	found, err := embedded()
	var views map[string][]string
	if err == nil {
		views, err = viewsRead()
	}
	if err == nil {
		err = addReads(found, reader{views: views, transforms: namesOf(found)})
	}
	if err != nil {
		panic(fmt.Sprintf("internal error: read the SQL of the transforms: %v; please report it", err))
	}
	return house{ordered(found), views}
})

// With is All with a user's tables, each of which has a Name, a Folder and SQL. One that has
// the name of a transform takes its place. That the SQL is none that may be run is an
// *SQLError.
func With(own []Transform) ([]Transform, error) {
	if len(own) == 0 {
		return All(), nil
	}
	found := All()
	var more []Transform
	for _, t := range own {
		t = newTransform(t.Folder+"/"+t.Name+".sql", t.SQL)
		more = append(more, t)
		if at := slices.IndexFunc(found, func(other Transform) bool { return other.Name == t.Name }); at >= 0 {
			found = slices.Delete(found, at, at+1)
		}
	}
	r := reader{views: all().views, transforms: namesOf(slices.Concat(found, more)), own: true}
	if err := addReads(more, r); err != nil {
		return nil, err
	}
	found = slices.Concat(found, more)
	if circle := circleOf(found); circle != nil {
		return nil, &SQLError{Table: circle[0], Position: -1, Message: "it reads what is made of it: " + strings.Join(circle, " reads ")}
	}
	return ordered(found), nil
}

func namesOf(found []Transform) map[string]bool {
	names := map[string]bool{}
	for _, t := range found {
		names[t.Name] = true
	}
	return names
}

// circleOf is a way from a transform along what each reads back to it; nil when there is
// none.
func circleOf(found []Transform) []string {
	needs := map[string][]string{}
	for _, t := range found {
		needs[t.Name] = t.Needs
	}
	sound := map[string]bool{}
	var way []string
	var walk func(name string) []string
	walk = func(name string) []string {
		if at := slices.Index(way, name); at >= 0 {
			return append(slices.Clone(way[at:]), name)
		}
		if sound[name] {
			return nil
		}
		way = append(way, name)
		for _, need := range needs[name] {
			if circle := walk(need); circle != nil {
				return circle
			}
		}
		way, sound[name] = way[:len(way)-1], true
		return nil
	}
	for _, t := range slices.Backward(found) { // a user's stand at the end
		if circle := walk(t.Name); circle != nil {
			return circle
		}
	}
	return nil
}

// embedded lists the transforms in the order of their paths, without what they read.
func embedded() ([]Transform, error) {
	paths, err := fs.Glob(files, "*/*.sql")
	if err != nil {
		return nil, err
	}
	var found []Transform
	for _, file := range paths {
		text, err := files.ReadFile(file)
		if err != nil {
			return nil, err
		}
		t := newTransform(file, string(text))
		t.YearBefore = slices.Contains(withYearBefore, t.Name)
		t.ByYear = t.YearBefore || slices.Contains(byYear, t.Name)
		if slices.ContainsFunc(found, func(other Transform) bool { return other.Name == t.Name }) {
			return nil, fmt.Errorf("%s: another folder has a table of this name", file)
		}
		found = append(found, t)
	}
	return found, nil
}

func newTransform(file, text string) Transform {
	t := Transform{Name: strings.TrimSuffix(path.Base(file), ".sql"), Folder: path.Dir(file), SQL: text}
	t.Code = strings.Join(strings.Fields(comment.ReplaceAllString(text, "")), " ")
	t.Parameters = Parameters(text)
	return t
}

// Parameters lists the names that a query binds, sorted.
func Parameters(query string) []string {
	var names []string
	for _, m := range parameter.FindAllStringSubmatch(comment.ReplaceAllString(query, ""), -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

var (
	comment   = regexp.MustCompile(`--[^\n]*`)
	parameter = regexp.MustCompile(`\$([a-z_]+)`)
)

// ordered puts every transform behind those that it needs.
func ordered(found []Transform) []Transform {
	var all []Transform
	placed := map[string]bool{}
	var place func(t Transform)
	place = func(t Transform) {
		if placed[t.Name] {
			return
		}
		placed[t.Name] = true
		for _, other := range found {
			if slices.Contains(t.Needs, other.Name) {
				place(other)
			}
		}
		all = append(all, t)
	}
	for _, t := range found {
		place(t)
	}
	return all
}
