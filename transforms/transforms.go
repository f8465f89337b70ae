// Package transforms holds the SQL between the staged rows and the published
// tables, one SELECT in one file for each table that it makes.
//
// A file runs by hand in DuckDB. Its parameters are named, as in $reporter, and
// bound, never pasted into the text:
//
//	PREPARE q AS SELECT … FROM world_trade WHERE reporter = $reporter;
//	EXECUTE q(reporter := 156);
//
// What a transform reads, and so what it waits for and what makes it stale, is taken
// from its SQL: the names behind FROM and JOIN.
//
// To add a measure, write its SQL here and describe its columns in package schemas;
// see docs/extending.md.
package transforms

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

//go:embed *.sql
var files embed.FS

// Transform makes one table of the workspace from others.
type Transform struct {
	Name       string   // of the table and, with .sql, of the file
	SQL        string   // the text of the file, one SELECT
	Code       string   // the SQL without its comments and line ends: what a change of it means that the table must be made anew
	Parameters []string // the names that the SQL binds, sorted
	Needs      []string // transforms whose tables it reads
	Staged     bool     // reads the staged rows
	Reference  []string // reference tables behind what it reads, by the names of schemas.Reference.Hash
}

// workspaceTables says of the workspace's tables what they are made of: staged rows,
// reference tables by the names of schemas.Reference.Hash, and transforms.
var workspaceTables = map[string]struct {
	staged    bool
	reference []string
	needs     []string
}{
	"staged":           {staged: true},
	"other_sides":      {staged: true},
	"usable_rows":      {staged: true, needs: []string{"partner_sums"}},
	"files":            {staged: true},
	"file_order":       {staged: true},
	"rejects":          {staged: true},
	"left_out":         {staged: true},
	"facts_and_totals": {staged: true, reference: []string{"areas", "successions"}, needs: []string{"partner_sums", "superseded"}},
	"facts":            {staged: true, reference: []string{"areas", "successions"}, needs: []string{"partner_sums", "superseded"}},
	"counted_rows":     {staged: true, needs: []string{"partner_sums", "superseded"}},
	"counted_sums":     {needs: []string{"code_sums", "superseded"}},
	"control_totals":   {staged: true, reference: []string{"areas", "successions"}, needs: []string{"partner_sums", "superseded"}},
	"areas":            {reference: []string{"areas"}},
	"successions":      {reference: []string{"areas", "successions"}},
	"area_codes":       {reference: []string{"areas", "successions"}},
	"country_groups":   {reference: []string{"groups"}},
	"hs_codes":         {reference: []string{"hs_codes"}},
	"hs_links":         {reference: []string{"hs_changes", "hs_codes", "hs_overrides"}},
	"sector_codes":     {reference: []string{"sectors"}},
	"top_ten_firms":    {reference: []string{"top_ten_firms"}},
	"markets":          {reference: []string{"markets"}},
}

// All lists the transforms, one for each file; every one stands behind those that it
// needs.
func All() []Transform { return slices.Clone(all()) }

// all is what the embedded files say, which takes a while to read.
var all = sync.OnceValue(func() []Transform {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(fmt.Sprintf("list the embedded SQL: %v", err)) // it is in the binary
	}
	found := map[string]Transform{}
	var names []string
	for _, e := range entries {
		text, err := files.ReadFile(e.Name())
		if err != nil {
			panic(fmt.Sprintf("read the embedded SQL: %v", err))
		}
		t := Transform{Name: strings.TrimSuffix(e.Name(), ".sql"), SQL: string(text)}
		found[t.Name] = t
		names = append(names, t.Name)
	}
	var all []Transform
	placed := map[string]bool{}
	var place func(name string)
	place = func(name string) {
		if placed[name] {
			return
		}
		placed[name] = true
		t := found[name].reading(names)
		for _, need := range t.Needs {
			place(need)
		}
		all = append(all, t)
	}
	for _, name := range names {
		place(name)
	}
	return all
})

// reading fills in what the transform reads, by its SQL.
func (t Transform) reading(transforms []string) Transform {
	t.Code = strings.Join(strings.Fields(comment.ReplaceAllString(t.SQL, "")), " ")
	for _, m := range parameter.FindAllStringSubmatch(t.Code, -1) {
		t.Parameters = append(t.Parameters, m[1])
	}
	slices.Sort(t.Parameters)
	t.Parameters = slices.Compact(t.Parameters)
	for _, m := range readTable.FindAllStringSubmatch(t.Code, -1) {
		if name := m[1]; slices.Contains(transforms, name) {
			t.Needs = append(t.Needs, name)
		}
		table := workspaceTables[m[1]]
		t.Staged = t.Staged || table.staged
		t.Reference = append(t.Reference, table.reference...)
		t.Needs = append(t.Needs, table.needs...)
	}
	slices.Sort(t.Needs)
	slices.Sort(t.Reference)
	t.Needs, t.Reference = slices.Compact(t.Needs), slices.Compact(t.Reference)
	return t
}

var (
	comment   = regexp.MustCompile(`--[^\n]*`)
	readTable = regexp.MustCompile(`\b(?:FROM|JOIN) ([a-z_0-9]+)`)
	parameter = regexp.MustCompile(`\$([a-z_]+)`)
)
