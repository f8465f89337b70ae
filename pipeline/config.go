package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"entrepot/sources"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"
)

// Config is what a run is asked to do. Settings lists its fields with their
// meaning and what they allow; a configuration file and the command's flags set
// them by the same names.
type Config struct {
	Data string // folder of input files; "" runs on the built-in sample
	Out  string // folder for the results and the workspace

	Reporter        string // M49 or ISO-3
	Years           []int  // empty: all that the data have
	DependenceRatio string // decimal numbers stay text, so that they stay exact
	DominanceShare  string
	Sectors         string // file, or "" for the embedded list
	PartnerGroup    string
	Groups          string // file, or ""
	Membership      string // "today" or "then"
	Areas           string // file, or ""
	Harmonize       string // "H4", "H5", "H6", "families" or "as-reported"
	Conversion      string // "proposed" or "official"
	World           string // "reported" or "mirrored"
	CIFFOB          string // decimal number
	EUInternal      string // "in" or "out"
	MinCoverage     string // decimal number

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

	Partner         string   // M49 or ISO-3
	HighTechSectors []string // empty: all of the list
	Markets         string   // file, or ""
	Exporters       []string // M49, ISO-3 or names of groups

	HSTables string // folder of imported conversion tables, or ""
	Checks   map[string]Severity

	MemoryLimit string // such as "2GiB"
	Threads     int    // 0: as many as there are processors

	MaxRejects          string // rows that may be set aside: "1%" or "200"
	AllowFewerReporters bool
	AllowEmpty          bool

	MetricsFile     string // "" writes none
	OpenLineageFile string // "" writes none

	Wait         time.Duration // for another run to end; 0 does not wait
	KeepReleases int           // the newest ones; 0 keeps all

	// Watch is told how far a run has come, many times and by one goroutine at a
	// time; nil when nobody watches.
	Watch func(Progress)

	Files       []sources.Settings // what is said of files that don't say it themselves
	SourceOrder []string           // the most trusted first
	Strict      bool               // a file that is not understood fails the run

	skip []string // folders below Data that hold no inputs, beside Out

	keepBytes int64 // see keepBytes
}

// Setting is one key of the configuration, and the flag of the same name with
// dashes for underscores.
type Setting struct {
	Key      string
	Default  string
	Allowed  string   // shown when a value is wrong
	Help     string   // one line, for --help
	More     []string // further lines, for the configuration file
	IsPath   bool     // relative to the file that sets it
	IsSwitch bool     // the flag may stand without a value, which means true
	set      func(c *Config, value string) error
}

// Settings lists every setting, in the order of the configuration file.
func Settings() []Setting {
	return []Setting{
		{Key: "data", Allowed: "a folder", IsPath: true, Help: "folder with the trade files; its subfolders are read too",
			set: text(func(c *Config) *string { return &c.Data })},
		{Key: "out", Default: "out", Allowed: "a folder", IsPath: true, Help: "folder for the results; out/current is the newest release",
			set: text(func(c *Config) *string { return &c.Out })},
		{Key: "reporter", Default: "156", Allowed: "an M49 code such as 156 or an ISO-3 code such as CHN",
			Help: "the country whose trade is measured",
			More: []string{"UN Comtrade's numeric code (156 China, 842 United States, 251 France) or ISO-3."},
			set:  text(func(c *Config) *string { return &c.Reporter })},
		{Key: "years", Default: "all", Allowed: "all, a range such as 2015-2023, or a list such as 2015, 2019, 2021-2023",
			Help: "the years to report", set: setYears},
		{Key: "dependence_ratio", Default: "2", Allowed: "a number above 0, such as 2 or 1.5",
			Help: "a code is import-dependent when imports are at least this many times exports",
			set:  setRatioOf(func(c *Config) *string { return &c.DependenceRatio })},
		{Key: "dominance_share", Default: "30%", Allowed: "a share between 0 and 1 such as 0.3, or a percentage such as 30%",
			Help: "a code is dominated when the reporter has more than this share of world exports", set: setShare},
		{Key: "sectors", Allowed: "a CSV file with the columns sector,hs_revision,hs6,reason", IsPath: true,
			Help: "sector list that replaces the built-in one (nine sectors of Made in China 2025)",
			set:  text(func(c *Config) *string { return &c.Sectors })},
		{Key: "partner_group", Default: "OECD", Allowed: "a group of the group table; built in are OECD and EU",
			Help: "group of partners whose share of imports is measured",
			set:  text(func(c *Config) *string { return &c.PartnerGroup })},
		{Key: "groups", Allowed: "a CSV file with the columns group,area,joined,left", IsPath: true,
			Help: "table of country groups that replaces the built-in one",
			set:  text(func(c *Config) *string { return &c.Groups })},
		{Key: "membership", Default: "today", Allowed: "today or then",
			Help: "count the group's members of today, or of then: each year its own",
			set:  oneOf(func(c *Config) *string { return &c.Membership }, "today", "then")},
		{Key: "areas", Allowed: "a CSV file with the columns code,iso3,name,kind,valid_from,valid_to,reporter", IsPath: true,
			Help: "table of countries and areas that replaces the built-in one",
			set:  text(func(c *Config) *string { return &c.Areas })},
		{Key: "harmonize", Default: "H4", Allowed: "H4 (HS 2012), H5 (HS 2017), H6 (HS 2022), another revision of hs_tables, families or as-reported",
			Help: "HS revision into which all codes are converted",
			More: []string{"Reporters change revisions in different years. An older revision is exact: each newer",
				"code has one older code. To a newer one, codes that were split are shared out equally,",
				"and the outputs say how much value that concerns (split_usd). Families count codes",
				"that the conversion links as one; as-reported counts codes by their number."},
			set: setHarmonize},
		{Key: "conversion", Default: "proposed", Allowed: "proposed or official",
			Help: "the UN's official conversion as it is, or with 18 better targets proposed by entrepot",
			More: []string{"The official table sends displays to telephones and e-waste to processors."},
			set:  oneOf(func(c *Config) *string { return &c.Conversion }, "proposed", "official")},
		{Key: "hs_tables", Allowed: "a folder that 'entrepot reference import' wrote", IsPath: true,
			Help: "conversion tables that replace the built-in ones or add HS revisions",
			set:  text(func(c *Config) *string { return &c.HSTables })},
		{Key: "world", Default: "reported", Allowed: "reported or mirrored",
			Help: "world exports are what reporters report, or mirrored: missing reporters are filled in from their partners' imports",
			set:  oneOf(func(c *Config) *string { return &c.World }, "reported", "mirrored")},
		{Key: "cif_fob", Default: "1.06", Allowed: "a number from 1 to 2, such as 1.06",
			Help: "factor by which imports (CIF) are divided to stand for exports (FOB) in mirrored mode", set: setFactor},
		{Key: "eu_internal", Default: "in", Allowed: "in or out",
			Help: "leave the trade between members of the EU in world exports, or out",
			set:  oneOf(func(c *Config) *string { return &c.EUInternal }, "in", "out")},
		{Key: "min_coverage", Default: "90%", Allowed: "a share between 0 and 1 such as 0.9, or a percentage such as 90%",
			Help: "years of which fewer reporters are there are flagged (low_coverage)", set: setShareOf(func(c *Config) *string { return &c.MinCoverage })},
		{Key: "vulnerability_high_ratio", Default: "2", Allowed: "a number above 0, such as 2 or 1.5",
			Help: "a heading's vulnerability is high from this ratio of imports to exports on, if the group's share is high too",
			More: []string{"The thresholds of vulnerabilities are entrepot's own: the report shows classes and does not",
				"say where they begin."},
			set: setRatioOf(func(c *Config) *string { return &c.VulnerabilityHighRatio })},
		{Key: "vulnerability_high_share", Default: "50%", Allowed: "a share between 0 and 1 such as 0.5, or a percentage such as 50%",
			Help: "the partner group's share of a heading's imports from which on its vulnerability is high",
			set:  setShareOf(func(c *Config) *string { return &c.VulnerabilityHighShare })},
		{Key: "vulnerability_severe_ratio", Default: "5", Allowed: "a number above 0, such as 5 or 7.5",
			Help: "a heading's vulnerability is severe from this ratio on, if the group's share is severe too",
			set:  setRatioOf(func(c *Config) *string { return &c.VulnerabilitySevereRatio })},
		{Key: "vulnerability_severe_share", Default: "75%", Allowed: "a share between 0 and 1 such as 0.75, or a percentage such as 75%",
			Help: "the partner group's share from which on a vulnerability is severe",
			set:  setShareOf(func(c *Config) *string { return &c.VulnerabilitySevereShare })},
		{Key: "vulnerability_easing_fall", Default: "25%", Allowed: "a share between 0 and 1 such as 0.25, or a percentage such as 25%",
			Help: "a vulnerability is easing when imports fell by this part or more from the first year to the last",
			set:  setShareOf(func(c *Config) *string { return &c.VulnerabilityEasingFall })},
		{Key: "firms", Allowed: "a CSV file with the columns sector,firms", IsPath: true,
			Help: "how many of the reporter's firms are among the world's ten largest of a sector, which its rating asks for",
			More: []string{"Trade data do not tell. Where it decides and the table has no row, competitiveness is unknown."},
			set:  text(func(c *Config) *string { return &c.Firms })},
		{Key: "rating_strong_dependence", Default: "10%", Allowed: "a share between 0 and 1 such as 0.1, or a percentage such as 10%",
			Help: "a sector of which less is import-dependent is rated strong",
			set:  setShareOf(func(c *Config) *string { return &c.RatingStrongDependence })},
		{Key: "rating_weak_dependence", Default: "30%", Allowed: "a share between 0 and 1 such as 0.3, or a percentage such as 30%",
			Help: "a sector of which more is import-dependent is rated weak",
			set:  setShareOf(func(c *Config) *string { return &c.RatingWeakDependence })},
		{Key: "rating_strong_export_share", Default: "20%", Allowed: "a share between 0 and 1 such as 0.2, or a percentage such as 20%",
			Help: "a sector with a larger share of world exports is rated strong, if firms says so too",
			set:  setShareOf(func(c *Config) *string { return &c.RatingStrongExportShare })},
		{Key: "rating_weak_export_share", Default: "10%", Allowed: "a share between 0 and 1 such as 0.1, or a percentage such as 10%",
			Help: "a sector whose share of world exports and dominated share are both smaller is rated weak",
			set:  setShareOf(func(c *Config) *string { return &c.RatingWeakExportShare })},
		{Key: "partner", Default: "842", Allowed: "an M49 code such as 842 or an ISO-3 code such as USA",
			Help: "the one partner from which imports are followed over time",
			set:  text(func(c *Config) *string { return &c.Partner })},
		{Key: "high_tech_sectors", Default: "all", Allowed: "all, or a list of sectors of the sector list such as aerospace, biomed",
			Help: "sectors whose trade is shown by month, from monthly files",
			set:  setNames(func(c *Config) *[]string { return &c.HighTechSectors })},
		{Key: "markets", Allowed: "a CSV file with the columns sector,year,market_usd,source", IsPath: true,
			Help: "sizes of the sectors' markets in the reporter's country, of which imports are a share",
			More: []string{"Trade data do not tell. Without it, market_share is empty."},
			set:  text(func(c *Config) *string { return &c.Markets })},
		{Key: "exporters", Default: "CHN, EU, USA, JPN, KOR", Allowed: "a list of M49 codes, ISO-3 codes or groups of the group table, such as CHN, EU, USA",
			Help: "countries and groups whose exports are compared; a group's are without the trade between its members",
			set:  setNames(func(c *Config) *[]string { return &c.Exporters })},
		{Key: "checks", Allowed: "a list such as levels=fail, mirror=off; a check (" + strings.Join(checkNames(), ", ") + ") is off, warn or fail",
			Help: "severities of the quality checks that differ from their defaults", set: setChecks},
		{Key: "max_rejects", Default: "1%", Allowed: "a percentage of the rows such as 1%, or a number of rows such as 200",
			Help: "rows that may be set aside; with more, nothing is published",
			More: []string{"Rows that can't be used are never dropped in silence: they are counted and listed in", "the table rejects. A release that lacks some ends with exit code 3."},
			set:  setBudget},
		{Key: "allow_fewer_reporters", Default: "false", Allowed: "true or false",
			Help: "publish although reporters of the current release are missing in some year", IsSwitch: true,
			set: yesNo(func(c *Config) *bool { return &c.AllowFewerReporters })},
		{Key: "allow_empty", Default: "false", Allowed: "true or false",
			Help: "end well when the data folder has no files, instead of failing; nothing is published", IsSwitch: true,
			set: yesNo(func(c *Config) *bool { return &c.AllowEmpty })},
		{Key: "keep_releases", Default: "10", Allowed: "a whole number; 0 keeps all",
			Help: "releases that are kept, the current one among them", set: setKeep},
		{Key: "metrics_file", Allowed: "a file, such as /var/lib/node_exporter/entrepot.prom", IsPath: true,
			Help: "write figures of each run to this file for Prometheus' textfile collector", set: text(func(c *Config) *string { return &c.MetricsFile })},
		{Key: "openlineage_file", Allowed: "a file, such as lineage.ndjson", IsPath: true,
			Help: "add an OpenLineage event at the beginning and the end of each run to this file", set: text(func(c *Config) *string { return &c.OpenLineageFile })},
		{Key: "wait", Default: "0s", Allowed: "a duration such as 10m or 30s",
			Help: "wait so long for another run in the same folder to end", set: setWait},
		{Key: "source_order", Default: "comtrade, wits, itc, baci, comext", Allowed: "a list of sources, such as comtrade, baci",
			Help: "sources by trust: where two have a value of the same cell, the first one's counts",
			More: []string{"Two sources never add up. 'entrepot sources conflicts' lists where they differ. Sources that", "are not in the list come after it."},
			set:  setSourceOrder},
		{Key: "strict", Default: "false", Allowed: "true or false",
			Help: "fail when a file is not understood, instead of going on without it", IsSwitch: true,
			set: yesNo(func(c *Config) *bool { return &c.Strict })},
		{Key: "memory_limit", Default: "2GiB", Allowed: "a size such as 2GiB or 800MB",
			Help: "memory that DuckDB may use before it spills to disk", set: setMemory},
		{Key: "threads", Default: "0", Allowed: "a whole number; 0 means one for each processor",
			Help: "threads that DuckDB may use; results do not depend on them", set: setThreads},
	}
}

// A UsageError is a wrong setting or flag: the user's to mend.
type UsageError struct{ Reason string }

func (e *UsageError) Error() string { return e.Reason }

func usage(format string, args ...any) error {
	return &UsageError{fmt.Sprintf(format, args...)}
}

// NewConfig has every setting's default.
func NewConfig() *Config {
	c := &Config{keepBytes: keepBytes}
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

// Set sets one setting. where stands before an error: "--years", "entrepot.yaml:7".
func (c *Config) Set(s Setting, value, where string) error {
	if err := s.set(c, strings.TrimSpace(value)); err != nil {
		return usage("%s: %s %q is not allowed: it must be %s", where, s.Key, value, s.Allowed)
	}
	return nil
}

// ReadFile sets what a YAML file sets. Errors name the file, the line, the key
// and the value, and say what is allowed.
func (c *Config) ReadFile(file string) error {
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return usage("configuration file %s does not exist; 'entrepot init' writes one", file)
	}
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return usage("%s: %s", file, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(document.Content) == 0 {
		return nil
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return usage("%s:%d: expected lines of 'key: value'", file, root.Line)
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		where := fmt.Sprintf("%s:%d", file, key.Line)
		if first, twice := lines[key.Value]; twice {
			return usage("%s: %s stands on line %d already", where, key.Value, first)
		}
		lines[key.Value] = key.Line
		if err := c.setNode(file, where, key.Value, value); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) setNode(file, where, key string, node *yaml.Node) error {
	if key == filesKey {
		return c.setFiles(file, node)
	}
	settings := Settings()
	i := slices.IndexFunc(settings, func(s Setting) bool { return s.Key == key })
	if i < 0 {
		return usage("%s: there is no setting %q; %s", where, key, suggest(key, settings))
	}
	s := settings[i]
	value := node.Value
	switch {
	case node.Kind == yaml.SequenceNode:
		var items []string
		for _, item := range node.Content {
			items = append(items, item.Value)
		}
		value = strings.Join(items, ",")
	case node.Kind != yaml.ScalarNode:
		return usage("%s: %s must be %s", where, key, s.Allowed)
	case node.Tag == "!!null":
		return nil // "sectors:" with nothing behind it keeps the default
	}
	if s.IsPath && value != "" && !filepath.IsAbs(value) {
		value = filepath.Join(filepath.Dir(file), value)
	}
	return c.Set(s, value, where)
}

// suggest names the setting that an unknown key is closest to, or all of them.
func suggest(key string, settings []Setting) string {
	names := []string{filesKey}
	best, distance := "", 4
	for _, s := range settings {
		names = append(names, s.Key)
		if d := levenshtein.ComputeDistance(strings.ToLower(key), s.Key); d < distance {
			best, distance = s.Key, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "there are " + strings.Join(names, ", ")
}

// Template is a commented configuration file with every setting at its default.
func Template() string {
	var b strings.Builder
	b.WriteString("# Configuration of entrepot. Every setting stands here with its default;\n" +
		"# a flag of the same name overrides it (--memory-limit for memory_limit).\n" +
		"# Paths are relative to this file.\n")
	for _, s := range Settings() {
		fmt.Fprintf(&b, "\n# %s.\n", strings.ToUpper(s.Help[:1])+s.Help[1:])
		for _, line := range s.More {
			fmt.Fprintf(&b, "# %s\n", line)
		}
		fmt.Fprintf(&b, "# Allowed: %s.\n", s.Allowed)
		switch {
		case s.Key == "data":
			b.WriteString("data: data\n")
		case s.Default == "":
			fmt.Fprintf(&b, "# %s:\n", s.Key)
		default:
			fmt.Fprintf(&b, "%s: %s\n", s.Key, s.Default)
		}
	}
	return b.String() + filesTemplate
}

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

// number is the value of a share or ratio that was checked when it was set.
func number(text string) float64 {
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

func setHarmonize(c *Config, value string) error {
	return oneOf(func(c *Config) *string { return &c.Harmonize }, "H0", "H1", "H2", "H3", "H4", "H5", "H6", "families", "as-reported")(c, strings.TrimPrefix(value, "to "))
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

func setWait(c *Config, value string) error {
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 {
		return errors.New("no duration")
	}
	c.Wait = d
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
