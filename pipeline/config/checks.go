package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"entrepot/pipeline/usage"
	"entrepot/transforms/checks"
)

// The settings of the severities, and of the values of the user's parameters.
const (
	checksKey     = "checks"
	parametersKey = "parameters"
)

// nameForm is what names of checks and parameters look like.
var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// setChecks takes severities. Which checks there are is known when those of the user are:
// see CheckNames.
func setChecks(c *Config, value string) error {
	chosen := map[string]checks.Severity{}
	for item := range strings.SplitSeq(value, ",") {
		name, severity, _ := strings.Cut(item, "=")
		name, severity = strings.TrimSpace(name), strings.TrimSpace(severity)
		if !nameForm.MatchString(name) || !checks.Severity(severity).Known() {
			return errors.New("no check or no severity")
		}
		chosen[name] = checks.Severity(severity)
	}
	c.Checks = chosen
	return nil
}

// asOfOld is the setting of a release, by whichever version, for the checks of today:
// those that it did not have are off, and those that are no more are left away. own are
// those of the user's that the release has.
func asOfOld(value string, own []string) string {
	had := map[string]string{}
	for item := range strings.SplitSeq(value, ",") {
		name, severity, _ := strings.Cut(item, "=")
		had[strings.TrimSpace(name)] = severity
	}
	var all []string
	for _, name := range slices.Concat(checks.Names(checks.All()), own) {
		severity, ok := had[name]
		if !ok {
			severity = string(checks.Off)
		}
		all = append(all, name+"="+severity)
	}
	return strings.Join(all, ",")
}

// CheckNames returns a *usage.Error for a severity of a check that is not there.
func (c *Config) CheckNames(there []checks.Check) error {
	for _, name := range slices.Sorted(maps.Keys(c.Checks)) {
		if slices.ContainsFunc(there, func(check checks.Check) bool { return check.Name == name }) {
			continue
		}
		s, _, _ := Lookup(checksKey)
		return usage.Errorf("%s: %s %q is not allowed: it must be %s", c.Where(checksKey), checksKey, fmt.Sprintf("%s=%s", name, c.Checks[name]), s.Allowed)
	}
	return nil
}

// OwnFolder is the folder of the user's measures or checks: the one that a setting names, or
// one of that name beside the configuration file, if it is there; "" is none.
func (c *Config) OwnFolder(named, beside string) (string, error) {
	if named != "" {
		if info, err := os.Stat(named); err != nil || !info.IsDir() {
			return "", usage.Errorf("%s: there is no folder %s", c.Where(beside+"_folder"), named)
		}
		return named, nil
	}
	folder := filepath.Join(c.Folder, beside)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return "", nil
	}
	return folder, nil
}

// setParameters takes values of the parameters of the user's measures and checks, beside
// those that were set before.
func setParameters(c *Config, value string) error {
	for item := range strings.SplitSeq(value, ",") {
		name, text, found := strings.Cut(item, "=")
		if err := c.setParameter(strings.TrimSpace(name), strings.TrimSpace(text)); err != nil || !found {
			return errors.New("no name and value")
		}
	}
	return nil
}

// setParameter takes the value of one. Where it was set is for the caller to say.
func (c *Config) setParameter(name, value string) error {
	if !nameForm.MatchString(name) || value == "" {
		return errors.New("no name and value")
	}
	c.Parameters = maps.Clone(c.Parameters) // the configuration may serve another run
	if c.Parameters == nil {
		c.Parameters = map[string]string{}
	}
	c.Parameters[name] = value
	c.Said = maps.Clone(c.Said)
	delete(c.Said, parametersKey+"."+name)
	return nil
}

// WhereParameter says where the value of a parameter was set.
func (c *Config) WhereParameter(name string) string {
	return cmp.Or(c.Said[parametersKey+"."+name], c.Where(parametersKey))
}

// Severities writes down all checks: "rows=fail,levels=warn,…".
func (c *Config) Severities(there []checks.Check) string {
	var all []string
	for _, check := range there {
		severity := check.Default
		if chosen, ok := c.Checks[check.Name]; ok {
			severity = chosen
		}
		all = append(all, check.Name+"="+string(severity))
	}
	return strings.Join(all, ",")
}
