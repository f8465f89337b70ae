package config

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"entrepot/pipeline/objects"
	"entrepot/schemas"
)

func text(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, value string) error {
		if value == "" {
			return errors.New("empty")
		}
		*field(c) = value
		return nil
	}
}

// setNames takes a list of names; "all" is none.
func setNames(field func(*Config) *[]string) func(*Config, string) error {
	return func(c *Config, value string) error {
		var names []string
		for name := range strings.SplitSeq(value, ",") {
			if name = strings.TrimSpace(name); name == "" || slices.Contains(names, name) {
				return errors.New("an empty name, or the same twice")
			}
			names = append(names, name)
		}
		if slices.Equal(names, []string{"all"}) {
			names = nil
		}
		*field(c) = names
		return nil
	}
}

// setStore takes the URL of an object store.
func setStore(c *Config, value string) error {
	if err := objects.Check(value); err != nil {
		return &secretError{err}
	}
	c.Publish = value
	return nil
}

// setPlace takes a folder, or the URL of an object store.
func setPlace(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, value string) error {
		if objects.IsURL(value) {
			if err := objects.Check(value); err != nil {
				return &secretError{err}
			}
		}
		return text(field)(c, value)
	}
}

// setOut takes the folder of the results. DuckDB's driver reads the path of a database as the
// address of a page, and what such an address gives another meaning can't stand in it.
func setOut(c *Config, value string) error {
	if parsed, err := url.Parse(filepath.Join(value, "work")); err != nil || parsed.RawQuery != "" || parsed.Fragment != "" {
		return fmt.Errorf("%q can't be opened as a database's folder", value)
	}
	return text(func(c *Config) *string { return &c.Out })(c, value)
}

// setServer takes the address of a server that is spoken to by HTTP.
func setServer(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, value string) error {
		parsed, err := url.Parse(value)
		switch {
		case err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https":
			return &secretError{errors.New("it is no address of a server")}
		case parsed.User != nil:
			return &secretError{errors.New("it holds credentials")}
		}
		*field(c) = value
		return nil
	}
}

// secretError is that of a value that may hold a password: it is not shown.
type secretError struct{ error }

func setPatterns(c *Config, value string) error {
	if err := setNames(func(c *Config) *[]string { return &c.Ignore })(c, value); err != nil {
		return err
	}
	for _, pattern := range c.Ignore {
		if _, err := path.Match(pattern, ""); err != nil {
			return fmt.Errorf("%q is no pattern: %w", pattern, err)
		}
	}
	return nil
}

func oneOf(field func(*Config) *string, allowed ...string) func(*Config, string) error {
	return func(c *Config, value string) error {
		if !slices.Contains(allowed, value) {
			return errors.New("not allowed")
		}
		*field(c) = value
		return nil
	}
}

func setYears(c *Config, value string) error {
	if value == "all" {
		c.Years = nil
		return nil
	}
	var years []int
	for item := range strings.SplitSeq(value, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(item), "-")
		first, err := strconv.Atoi(strings.TrimSpace(from))
		if err != nil {
			return err
		}
		last := first
		if isRange {
			if last, err = strconv.Atoi(strings.TrimSpace(to)); err != nil {
				return err
			}
		}
		if first < 1962 || last > 2100 || first > last {
			return errors.New("no year")
		}
		for y := first; y <= last; y++ {
			years = append(years, y)
		}
	}
	slices.Sort(years)
	c.Years = slices.Compact(years)
	return nil
}

var (
	ratioForm  = regexp.MustCompile(`^\d{1,5}(\.\d{1,4})?$`)
	shareForm  = regexp.MustCompile(`^(\d{1,3}(?:\.\d{1,4})?)\s*%$|^([01](?:\.\d{1,6})?)$`)
	memoryForm = regexp.MustCompile(`^\d+(\.\d+)?\s*(KB|MB|GB|TB|KiB|MiB|GiB|TiB)$`)
)

func setRatioOf(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, value string) error {
		n, err := strconv.ParseFloat(value, 64)
		if err != nil || !ratioForm.MatchString(value) || n <= 0 {
			return errors.New("no ratio")
		}
		*field(c) = canonical(value)
		return nil
	}
}

func setShare(c *Config, value string) error {
	return setShareOf(func(c *Config) *string { return &c.DominanceShare })(c, value)
}

func setShareOf(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, value string) error {
		m := shareForm.FindStringSubmatch(value)
		if m == nil {
			return errors.New("no share")
		}
		share := m[2]
		if m[1] != "" {
			share = percent(m[1])
		}
		if n, err := strconv.ParseFloat(share, 64); err != nil || n > 1 {
			return errors.New("no share")
		}
		*field(c) = canonical(share)
		return nil
	}
}

func setFactor(c *Config, value string) error {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || !ratioForm.MatchString(value) || n < 1 || n > 2 {
		return errors.New("no factor")
	}
	c.CIFFOB = canonical(value)
	return nil
}

// Number is the value of a share or ratio that was checked when it was set.
func Number(text string) float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(fmt.Sprintf("setting %q was not checked: %v", text, err))
	}
	return n
}

// percent divides a decimal number by 100 by moving its point.
func percent(number string) string {
	whole, fraction, _ := strings.Cut(number, ".")
	digits := "00" + whole + fraction
	point := len(digits) - len(fraction) - 2
	return digits[:point] + "." + digits[point:]
}

// canonical drops the zeros that do not count, so that 2, 2.0 and 02 are one.
func canonical(number string) string {
	whole, fraction, _ := strings.Cut(number, ".")
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	if whole == "" {
		whole = "0"
	}
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

var budgetForm = regexp.MustCompile(`^\d{1,3}(\.\d{1,4})?%$|^\d{1,12}$`)

func setBudget(c *Config, value string) error {
	value = strings.ReplaceAll(value, " ", "")
	if !budgetForm.MatchString(value) {
		return errors.New("no budget")
	}
	c.MaxRejects = value
	return nil
}

func yesNo(field func(*Config) *bool) func(*Config, string) error {
	return func(c *Config, value string) error {
		b, err := strconv.ParseBool(value)
		*field(c) = b
		return err
	}
}

var sourceForm = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

func setSourceOrder(c *Config, value string) error {
	var names []string
	for name := range strings.SplitSeq(value, ",") {
		if name = strings.TrimSpace(name); !sourceForm.MatchString(name) || slices.Contains(names, name) {
			return errors.New("no source")
		}
		names = append(names, name)
	}
	c.SourceOrder = names
	return nil
}

// ListRevision is the value of harmonize that leaves the revision to the sector list.
const ListRevision = "list"

func setHarmonize(c *Config, value string) error {
	allowed := append(schemas.HS().IDs(), ListRevision, "families", "as-reported")
	return oneOf(func(c *Config) *string { return &c.Harmonize }, allowed...)(c, strings.TrimPrefix(value, "to "))
}

func setMemory(c *Config, value string) error {
	if !memoryForm.MatchString(value) {
		return errors.New("no size")
	}
	c.MemoryLimit = strings.ReplaceAll(value, " ", "")
	return nil
}

func setKeep(c *Config, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return errors.New("no number of releases")
	}
	c.KeepReleases = n
	return nil
}

// EmbeddedEngine is DuckDB in the program itself.
const EmbeddedEngine = "duckdb"

// OnCluster tells whether steps that look through all rows run on a cluster.
func (c *Config) OnCluster() bool { return c.Engine != "" && c.Engine != EmbeddedEngine }

// setEngine takes the embedded engine, or the address of a cluster.
func setEngine(c *Config, value string) error {
	if value != EmbeddedEngine {
		parsed, err := url.Parse(value)
		if err != nil {
			return &secretError{errors.New("it is no address of a cluster")}
		}
		if _, has := parsed.User.Password(); has {
			return &secretError{errors.New("it holds a password: give it in the environment, as ENTREPOT_ENGINE_PASSWORD")}
		}
		if parsed.Host == "" || strings.Trim(parsed.Path, "/") == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
			return errors.New("it is no address of a cluster and its catalog")
		}
	}
	c.Engine = value
	return nil
}

func setRetries(c *Config, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return errors.New("no number of times")
	}
	c.EngineRetries = n
	return nil
}

// setDuration takes a duration that may be zero.
func setDuration(field func(*Config) *time.Duration) func(*Config, string) error {
	return func(c *Config, value string) error {
		d, err := time.ParseDuration(value)
		if err != nil || d < 0 {
			return errors.New("no duration")
		}
		*field(c) = d
		return nil
	}
}

func setHookTimeout(c *Config, value string) error {
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 {
		return errors.New("no duration")
	}
	c.HookTimeout = d
	return nil
}

func setThreads(c *Config, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > 1024 {
		return errors.New("no number of threads")
	}
	c.Threads = n
	return nil
}
