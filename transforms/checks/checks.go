// Package checks lists the quality checks between the measures and their publication.
//
// To add one: a row in the table below, and its SQL in this folder. A check is a SELECT
// of its findings, in check_<theme>.sql, whose first column is the check's
// name; all_findings.sql lists these files. What it examined is counted in
// checks_examined.sql. A test says which of them is missing.
package checks

// Severity says what a finding of a check leads to.
type Severity string

// The severities.
const (
	Off  Severity = "off"  // the check is not reported
	Warn Severity = "warn" // findings are reported
	Fail Severity = "fail" // findings keep a release from being published
)

// Known tells whether it is one of the severities.
func (s Severity) Known() bool { return s == Off || s == Warn || s == Fail }

// Check is one quality check.
type Check struct {
	Name    string
	Default Severity
	Help    string // what is so when the check finds nothing
}

// All lists the checks, in the order in which they are shown.
func All() []Check {
	return []Check{
		{"rows", Fail, "every row that was read is staged, rejected or left out"},
		{"unknown_codes", Warn, "codes exist in their HS revision"},
		{"duplicates", Warn, "no two rows contradict each other without a date to tell the newer"},
		{"versions", Warn, "no cell counts that only an older version of a source has"},
		{"levels", Warn, "HS-6 rows add up to no more than the HS-4, HS-2 and TOTAL rows"},
		{"levels_short", Warn, "HS-6 rows add up to at least 95 % of their heading"},
		{"partners", Warn, "partners add up to no more than World"},
		{"partners_short", Warn, "partners add up to at least 95 % of World"},
		{"year_on_year", Warn, "a reporter's flow is between half and twice that of its year before"},
		{"mirror", Warn, "imports from a partner are between half and twice its exports to the reporter"},
		{"unconverted", Warn, "codes have a counterpart in the set in which they are counted"},
		{"product_coverage", Warn, "the files cover min_product_coverage of each sector's codes"},
		{"gone_codes", Warn, "codes that count as 0 by the reach of all rows are 0 in the year before and after, too"},
		{"coverage", Warn, "the reporters of each year hold at least min_coverage of the exports by value"},
	}
}

// Names lists the names of checks.
func Names(all []Check) []string {
	var names []string
	for _, c := range all {
		names = append(names, c.Name)
	}
	return names
}
