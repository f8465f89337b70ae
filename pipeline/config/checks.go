package config

import (
	"errors"
	"slices"
	"strings"

	"entrepot/transforms/checks"
)

func checkNames() []string {
	var names []string
	for _, c := range checks.All() {
		names = append(names, c.Name)
	}
	return names
}

func setChecks(c *Config, value string) error {
	chosen := map[string]checks.Severity{}
	for item := range strings.SplitSeq(value, ",") {
		name, severity, _ := strings.Cut(item, "=")
		name, severity = strings.TrimSpace(name), strings.TrimSpace(severity)
		if !slices.Contains(checkNames(), name) || !slices.Contains([]checks.Severity{checks.Off, checks.Warn, checks.Fail}, checks.Severity(severity)) {
			return errors.New("no check or no severity")
		}
		chosen[name] = checks.Severity(severity)
	}
	c.Checks = chosen
	return nil
}

// asOfOld is the setting of a release, by whichever version, for the checks of today:
// those that it did not have are off, and those that are no more are left away.
func asOfOld(value string) string {
	had := map[string]string{}
	for item := range strings.SplitSeq(value, ",") {
		name, severity, _ := strings.Cut(item, "=")
		had[strings.TrimSpace(name)] = severity
	}
	var all []string
	for _, name := range checkNames() {
		severity, ok := had[name]
		if !ok {
			severity = string(checks.Off)
		}
		all = append(all, name+"="+severity)
	}
	return strings.Join(all, ",")
}

// Severities writes down all checks: "rows=fail,levels=warn,…".
func (c *Config) Severities() string {
	var all []string
	for _, check := range checks.All() {
		severity := check.Default
		if chosen, ok := c.Checks[check.Name]; ok {
			severity = chosen
		}
		all = append(all, check.Name+"="+string(severity))
	}
	return strings.Join(all, ",")
}
