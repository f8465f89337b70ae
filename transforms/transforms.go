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
		{Name: "superseded", Staged: true, Reference: []string{"successions", "areas"}},
		{Name: "revisions_in_use", Staged: true, Needs: []string{"superseded"}, Reference: with("sectors")},
		{Name: "hs_conversion", Needs: []string{"revisions_in_use"}, Reference: with()},
		{Name: "all_families", Needs: []string{"revisions_in_use"}, Reference: with("sectors")},
		{Name: "families", Needs: []string{"all_families", "revisions_in_use"}, Reference: with()},
		{Name: "code_sectors", Needs: []string{"all_families"}, Reference: []string{"sectors"}},
		{Name: "world_trade", Staged: true, Needs: []string{"superseded", "hs_conversion"}, Reference: with()},
		{Name: "partner_imports", Staged: true, Needs: []string{"superseded", "hs_conversion"}, Reference: with()},
		{Name: "unconverted", Staged: true, Needs: []string{"superseded", "hs_conversion"}, Reference: with()},
		{Name: "years", Needs: []string{"world_trade"}},
		{Name: "year_revisions", Needs: []string{"years", "world_trade", "hs_conversion"}},
		{Name: "listed_codes", Needs: []string{"year_revisions", "code_sectors"}},
		{Name: "unreached_codes", Staged: true, Needs: []string{"superseded", "hs_conversion", "years"}, Reference: with()},
		{Name: "group_members", Needs: []string{"years"}, Reference: []string{"groups", "areas"}},
		{Name: "missing_reporters", Needs: []string{"world_trade", "years"}, Reference: []string{"areas", "successions"}},
		{Name: "world_exports", Staged: true, Needs: []string{"superseded", "hs_conversion", "world_trade", "years"}, Reference: with("groups")},
		{Name: "coverage", Needs: []string{"years", "world_trade", "missing_reporters", "world_exports"}},
		{Name: "import_dependence_hs6", Needs: []string{"world_trade", "years", "listed_codes"}},
		{Name: "import_dependence", Needs: []string{"listed_codes", "unreached_codes", "import_dependence_hs6"}},
		{Name: "export_share_hs6", Needs: []string{"world_exports", "year_revisions", "coverage", "unreached_codes", "code_sectors"}, Reference: []string{"hs_codes"}},
		{Name: "export_share", Needs: []string{"listed_codes", "coverage", "export_share_hs6"}},
		{Name: "dominance_hs6", Needs: []string{"export_share_hs6"}},
		{Name: "dominance", Needs: []string{"listed_codes", "coverage", "unreached_codes", "dominance_hs6"}},
		{Name: "partner_group_share_hs6", Needs: []string{"world_trade", "years", "partner_imports", "group_members", "code_sectors"}},
		{Name: "partner_group_share", Needs: []string{"listed_codes", "group_members", "partner_group_share_hs6"}},
		{Name: "import_dependence_sensitivity", Needs: []string{"listed_codes", "import_dependence_hs6"}},
		{Name: "dominance_sensitivity", Needs: []string{"listed_codes", "coverage", "dominance_hs6"}},
		{Name: "vulnerabilities", Needs: []string{"world_trade", "year_revisions", "listed_codes", "partner_imports", "group_members", "unreached_codes"}},
		{Name: "ratings", Needs: []string{"import_dependence", "dominance", "export_share"}, Reference: []string{"top_ten_firms"}},
		{Name: "partner_trend", Needs: []string{"world_trade", "partner_imports", "years", "year_revisions", "listed_codes"}},
		{Name: "high_tech_monthly", Staged: true, Needs: []string{"superseded", "hs_conversion", "code_sectors"}, Reference: with()},
		{Name: "market_share", Needs: []string{"world_trade", "year_revisions", "listed_codes"}, Reference: []string{"markets"}},
		{Name: "group_exports", Staged: true, Needs: []string{"superseded", "hs_conversion", "world_trade", "years", "code_sectors"}, Reference: with("groups")},
		{Name: "lines", Staged: true, Needs: []string{"superseded", "hs_conversion", "listed_codes"}, Reference: with()},
		{Name: "check_levels", Staged: true, Needs: []string{"superseded", "years"}, Reference: []string{"successions"}},
		{Name: "check_partners", Staged: true, Needs: []string{"superseded", "years"}, Reference: []string{"successions"}},
		{Name: "check_year_on_year", Needs: []string{"world_trade", "years"}},
		{Name: "check_mirror", Staged: true, Needs: []string{"superseded", "hs_conversion", "partner_imports", "years"}, Reference: with()},
		{Name: "check_duplicates", Staged: true, Needs: []string{"superseded", "years"}},
		{Name: "check_codes", Staged: true, Needs: []string{"unconverted", "years"}, Reference: with()},
		{Name: "check_rows", Staged: true},
		{Name: "check_coverage", Needs: []string{"coverage"}},
		{Name: "check_results", Staged: true, Needs: []string{"check_levels", "check_partners", "check_year_on_year", "check_mirror",
			"check_duplicates", "check_codes", "check_rows", "check_coverage"}},
		{Name: "checks", Needs: []string{"check_results"}},
		{Name: "check_findings", Needs: []string{"check_results"}},
	}
}

// with names the reference tables behind hs_links and the view facts, and others.
func with(others ...string) []string {
	return append([]string{"hs_codes", "hs_changes", "hs_overrides", "areas", "successions"}, others...)
}

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
