// Package transforms holds the SQL between the staged rows and the published
// tables, one SELECT in one file for each table that it makes.
//
// A file runs by hand in DuckDB. Its parameters are named, as in $reporter, and
// bound, never pasted into the text:
//
//	PREPARE q AS SELECT … FROM world_trade WHERE reporter = $reporter;
//	EXECUTE q(reporter := 156);
//
// To add a measure, write its SQL here, add it to All, and describe its columns
// in package schemas.
package transforms

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

//go:embed *.sql
var files embed.FS

// Transform makes one table of the workspace from others.
type Transform struct {
	Name      string   // of the table and, with .sql, of the file
	Needs     []string // transforms whose tables it reads
	Staged    bool     // reads the staged rows
	Reference []string // reference tables that it reads, by the names of schemas.Reference.Hash
}

// All lists the transforms; every one stands behind those that it needs.
func All() []Transform {
	return []Transform{
		{Name: "superseded", Staged: true},
		{Name: "world_trade", Staged: true, Needs: []string{"superseded"}, Reference: conversion},
		{Name: "partner_imports", Staged: true, Needs: []string{"superseded"}, Reference: conversion},
		{Name: "unconverted", Staged: true, Needs: []string{"superseded"}, Reference: conversion},
		{Name: "years", Needs: []string{"world_trade"}},
		{Name: "listed_codes", Needs: []string{"world_trade", "years"}, Reference: []string{"sectors"}},
		{Name: "group_members", Needs: []string{"years"}, Reference: []string{"groups", "areas"}},
		{Name: "import_dependence_hs6", Needs: []string{"world_trade", "years", "listed_codes"}},
		{Name: "import_dependence", Needs: []string{"listed_codes", "import_dependence_hs6"}},
		{Name: "export_share_hs6", Needs: []string{"world_trade", "years"}, Reference: []string{"sectors", "hs_codes"}},
		{Name: "export_share", Needs: []string{"listed_codes", "years", "export_share_hs6"}},
		{Name: "dominance_hs6", Needs: []string{"export_share_hs6"}},
		{Name: "dominance", Needs: []string{"listed_codes", "years", "dominance_hs6"}},
		{Name: "partner_group_share_hs6", Needs: []string{"world_trade", "years", "partner_imports", "group_members"}, Reference: []string{"sectors"}},
		{Name: "partner_group_share", Needs: []string{"listed_codes", "group_members", "partner_group_share_hs6"}},
	}
}

var conversion = []string{"hs_codes", "hs_changes", "hs_overrides"}

// SQL is the text of the transform's file, one SELECT.
func (t Transform) SQL() (string, error) {
	text, err := files.ReadFile(t.Name + ".sql")
	if err != nil {
		return "", fmt.Errorf("transform %s: %w", t.Name, err)
	}
	return string(text), nil
}

var (
	comment   = regexp.MustCompile(`--[^\n]*`)
	parameter = regexp.MustCompile(`\$([a-z_]+)`)
)

// Parameters lists the names that the SQL binds, sorted.
func (t Transform) Parameters() ([]string, error) {
	text, err := t.SQL()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, m := range parameter.FindAllStringSubmatch(comment.ReplaceAllString(text, ""), -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Code is the SQL without its comments and line ends: what a change of it means
// that the table must be made anew.
func (t Transform) Code() (string, error) {
	text, err := t.SQL()
	return strings.Join(strings.Fields(comment.ReplaceAllString(text, "")), " "), err
}
