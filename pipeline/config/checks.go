package config

import (
	"errors"
	"slices"
	"strings"
)

// Severity says what a quality check's finding leads to.
type Severity string

// The severities. Fail keeps a release from being published.
const (
	Off  Severity = "off"
	Warn Severity = "warn"
	Fail Severity = "fail"
)

// QualityCheck is a check between the stages. Its SQL is in package transforms,
// in a file whose name starts with check_.
type QualityCheck struct {
	Name    string
	Default Severity
	Help    string
}

// QualityChecks lists the checks, in the order in which they are shown.
func QualityChecks() []QualityCheck {
	return []QualityCheck{
		{"rows", Fail, "every row that was read is staged, rejected or left out"},
		{"unknown_codes", Warn, "codes exist in their HS revision"},
		{"duplicates", Warn, "no two rows contradict each other without a date to tell the newer"},
		{"levels", Warn, "HS-6 rows add up to no more than the HS-4, HS-2 and TOTAL rows"},
		{"levels_short", Warn, "HS-6 rows add up to at least 95 % of their heading"},
		{"partners", Warn, "partners add up to no more than World"},
		{"partners_short", Warn, "partners add up to at least 95 % of World"},
		{"year_on_year", Warn, "a reporter's flow is between half and twice that of its year before"},
		{"mirror", Warn, "imports from a partner are between half and twice its exports to the reporter"},
		{"unconverted", Warn, "codes have a counterpart in the set in which they are counted"},
		{"coverage", Warn, "years have at least min_coverage of the reporters and of the exports"},
	}
}

func checkNames() []string {
	var names []string
	for _, c := range QualityChecks() {
		names = append(names, c.Name)
	}
	return names
}

func setChecks(c *Config, value string) error {
	chosen := map[string]Severity{}
	for item := range strings.SplitSeq(value, ",") {
		name, severity, _ := strings.Cut(item, "=")
		name, severity = strings.TrimSpace(name), strings.TrimSpace(severity)
		if !slices.Contains(checkNames(), name) || !slices.Contains([]Severity{Off, Warn, Fail}, Severity(severity)) {
			return errors.New("no check or no severity")
		}
		chosen[name] = Severity(severity)
	}
	c.Checks = chosen
	return nil
}

// severities writes down all checks: "rows=fail,levels=warn,…".
func (c *Config) Severities() string {
	var all []string
	for _, check := range QualityChecks() {
		severity := check.Default
		if chosen, ok := c.Checks[check.Name]; ok {
			severity = chosen
		}
		all = append(all, check.Name+"="+string(severity))
	}
	return strings.Join(all, ",")
}
