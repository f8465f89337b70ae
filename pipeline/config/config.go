// Package config is what a run is asked to do: the table of settings, and the files
// and flags that set them.
//
// A setting is one row of the table in settings.go. Its key in entrepot.yaml, its
// flag, its variable of the environment and its help text follow from that row. To add
// one: a field of Config, a row of the table, and where it is bound to SQL, and so stands
// in the manifest, a line in package job (parameters.go).
package config

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"entrepot/pipeline/objects"
	"entrepot/pipeline/progress"
	"entrepot/pipeline/usage"
	"entrepot/schemas"
	"entrepot/sources"
	"entrepot/transforms/checks"
)

// Config is what a run is asked to do. Settings lists its fields with their
// meaning and what they allow; a configuration file and the command's flags set
// them by the same names.
type Config struct {
	Data string // folder of input files, or the URL of an object store; "" runs on the built-in sample
	Out  string // folder for the results and the workspace
	Lake string // folder, or the URL of an object store, for what extraction makes of the input files; "" keeps it in the workspace

	Reporter        string // as schemas.Reference.Area finds it
	Years           []int  // empty: all that the data have
	DependenceRatio string // decimal numbers stay text, so that they stay exact
	DominanceShare  string
	Sectors         string // file, or "" for the embedded list
	PartnerGroup    string
	Groups          string // file, or ""
	Membership      string // "current" or "historical"
	Areas           string // file, or ""
	Harmonize       string // an HS revision such as "H4", ListRevision, "families" or "as-reported"
	Conversion      string // "corrected" or "official"
	World           string // "reported" or "mirrored"
	CIFFOB          string // decimal number
	EUInternal      string // "in" or "out"
	Months          string // "apart" or "sum"
	MinCoverage     string // decimal number

	MinProductCoverage string // decimal number

	VulnerabilityHighRatio   string // decimal numbers
	VulnerabilityHighShare   string
	VulnerabilitySevereRatio string
	VulnerabilitySevereShare string
	VulnerabilityEasingFall  string

	RatingStrongDependence  string // decimal numbers
	RatingWeakDependence    string
	RatingStrongExportShare string
	RatingWeakExportShare   string
	Firms                   string // file, or ""

	Partner         string   // as schemas.Reference.Area finds it
	HighTechSectors []string // empty: all of the list
	Markets         string   // file, or ""
	AffiliateSales  string   // file, or ""
	ValueAdded      string   // file, or ""
	Deflator        string   // file, or ""
	Products        string   // file, or ""
	Exporters       []string // areas, and names of groups
	Trade           string   // whether the table of trade is published: no, years or months

	HSTables string // folder of imported conversion tables, or ""
	Checks   map[string]checks.Severity

	MeasuresFolder string            // of the user's measures; "" for measures beside the configuration file, if it is there
	ChecksFolder   string            // of the user's checks; as that
	Parameters     map[string]string // of the user's measures and checks, by name
	Folder         string            // of the configuration file; "" is the current one

	MemoryLimit string // such as "2GiB"
	Threads     int    // 0: as many as there are processors

	MaxRejects          string // rows that may be rejected: "1%" or "200"
	AllowFewerReporters bool
	AllowEmpty          bool
	AllowIncomplete     bool

	Publish string // the URL of an object store for copies of the releases; "" makes none

	Hook        string        // a command for the shell after publishing, or ""
	HookTimeout time.Duration // after which it is ended

	MetricsFile     string // "" writes none
	OpenLineageFile string // "" writes none
	OpenLineageURL  string // of a server; "" sends none

	Wait          time.Duration // for another run to end; 0 does not wait
	Engine        string        // EmbeddedEngine, or the address of a Trino cluster
	EngineTimeout time.Duration // of one query; 0: what the cluster allows
	EngineRetries int

	KeepReleases int // the newest ones; 0 keeps all

	Fetch Fetch // how data are brought from their publishers

	// RunID identifies the run in logs, history and lineage; "" lets the run make one.
	RunID string

	// Watch is told how far a run has come, many times and by one goroutine at a
	// time; nil when nobody watches.
	Watch func(progress.Progress)

	Titles      map[string]Title   // of the report's figures, by figure
	Files       []sources.Settings // what is said of files that don't say it themselves
	SourceOrder []string           // the most trusted first
	Strict      bool               // a file that is not understood fails the run

	// IsWhole tells of a file, by the SHA-256 of its content, whether it is known to have
	// all codes, as those of the built-in sample are; nil knows none.
	IsWhole func(sha256 string) bool

	Base schemas.Base // the reference data, of which the user's tables replace some

	// Ignore lists patterns of names below Data that are no inputs; see sources.Settings.
	Ignore []string

	// Skip lists folders below Data that hold no inputs, beside Out.
	Skip []string

	// KeepBytes is how large a batch of input files must be to keep its table; see
	// package extract. It changes no result.
	KeepBytes int64

	// Said is where settings were set, by their keys; see Where.
	Said map[string]string

	warnings []string // see Warnings
}

// New has every setting's default.
func New() *Config {
	c := &Config{KeepBytes: keepBytes}
	for _, s := range Settings() {
		if s.Default == "" {
			continue
		}
		if err := s.set(c, s.Default); err != nil {
			panic(fmt.Sprintf("default of %s: %v", s.Key, err)) // a fault of the table above
		}
	}
	return c
}

// keepBytes is the default of KeepBytes. Each table that a batch keeps makes every
// query a little longer to plan.
const keepBytes = 64 << 20

// DataFolder is the folder in which the input files are: the data folder, or where those of
// an object store are brought to.
func (c *Config) DataFolder() string {
	if objects.IsURL(c.Data) {
		return filepath.Join(c.Out, "work", "downloaded")
	}
	return c.Data
}

// DataShown is the data folder, or the object store, as people may see it.
func (c *Config) DataShown() string { return objects.Shown(c.Data) }

// LakeFolder is the folder of the lake on this machine; "" where it is in an object store, or
// there is none.
func (c *Config) LakeFolder() string {
	if !objects.IsURL(c.Lake) {
		return c.Lake
	}
	if at, err := url.Parse(c.Lake); err == nil && at.Scheme == "file" {
		return filepath.FromSlash(at.Path)
	}
	return ""
}

// LakeKeys is how the keys of the lake begin in the object store that the input files are in;
// "" where it is not a part of that.
func (c *Config) LakeKeys() string {
	data, err := url.Parse(objects.Shown(c.Data))
	at, failed := url.Parse(objects.Shown(c.Lake))
	if err != nil || failed != nil || !objects.IsURL(c.Data) || at.Scheme != data.Scheme || at.Host != data.Host {
		return ""
	}
	if below, is := strings.CutPrefix(at.Path, strings.TrimSuffix(data.Path, "/")+"/"); is {
		return below + "/"
	}
	return ""
}

// Set sets one setting. where stands before an error: "--years", "entrepot.yaml:7".
func (c *Config) Set(s Setting, value, where string) error {
	value = strings.TrimSpace(value)
	if now, old := s.OldValues[value]; old {
		c.Warn("%s: %s %s is called %s now", where, s.Key, value, now)
		value = now
	}
	if err := s.set(c, value); errors.As(err, new(*secretError)) {
		return usage.Errorf("%s: %s is not allowed: %w; it must be %s", where, s.Key, err, s.Allowed)
	} else if err != nil {
		return usage.Errorf("%s: %s %q is not allowed: it must be %s", where, s.Key, value, s.Allowed)
	}
	c.say(s.Key, where)
	return nil
}

// Where says where a setting was set: "--years", "entrepot.yaml:7".
func (c *Config) Where(key string) string { return cmp.Or(c.Said[key], key) }

func (c *Config) say(key, where string) {
	c.Said = maps.Clone(c.Said) // the configuration may serve another run
	if c.Said == nil {
		c.Said = map[string]string{}
	}
	c.Said[key] = where
}

// Warnings says which settings were given by a name or a word that they had in an
// earlier version.
func (c *Config) Warnings() []string { return c.warnings }

// Warn adds a warning to them.
func (c *Config) Warn(format string, args ...any) {
	c.warnings = append(c.warnings, fmt.Sprintf(format, args...))
}

// Lookup finds a setting by its key, or by one that it had before.
func Lookup(key string) (s Setting, old, found bool) {
	for _, s := range Settings() {
		if s.Key == key {
			return s, false, true
		}
		if slices.Contains(s.Old, key) {
			return s, true, true
		}
	}
	return Setting{}, false, false
}

// SetParameters sets what the manifest of a release says that was set, by the names
// of today or those of the version that made it. ownChecks and ownParameters are those of
// the user's that the release has.
func (c *Config) SetParameters(parameters map[string]any, ownChecks, ownParameters []string) error {
	text, err := json.Marshal(parameters[FilesKey])
	if err == nil {
		c.Files = nil
		err = json.Unmarshal(text, &c.Files)
	}
	if err != nil {
		return fmt.Errorf("read what the manifest says of files: %w", err)
	}
	c.Parameters = nil
	for _, name := range ownParameters {
		if value := fmt.Sprint(parameters[name]); c.setParameter(name, value) != nil {
			return fmt.Errorf("read the parameter %s of the manifest: %q", name, value)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		s, _, known := Lookup(name)
		if !known {
			continue // it follows from others, or is no setting of this version
		}
		value := fmt.Sprint(parameters[name])
		if s.Key == checksKey {
			value = asOfOld(value, ownChecks)
		}
		if err := c.Set(s, value, "manifest"); err != nil {
			return err
		}
	}
	return nil
}

// Canonical is a parameter of a release under the name and the word of today, so that
// releases of two versions can be compared.
func Canonical(name string, value any) (string, any) {
	s, _, known := Lookup(name)
	if !known {
		return name, value
	}
	if text, ok := value.(string); ok {
		if now, old := s.OldValues[text]; old {
			return s.Key, now
		}
	}
	return s.Key, value
}
