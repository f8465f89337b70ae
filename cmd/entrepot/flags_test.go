package main

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"entrepot/pipeline/config"

	"github.com/spf13/pflag"
)

// Values that are allowed and no defaults, of settings whose kind does not tell.
var otherValues = map[string]string{
	"reporter": "842", "years": "2019", "dependence_ratio": "3", "partner_group": "EU", "membership": "historical", "harmonize": "H5",
	"conversion": "official", "world": "mirrored", "cif_fob": "1.05", "eu_internal": "out", "months": "sum", "partner": "392",
	"high_tech_sectors": "aerospace", "exporters": "CHN, USA", "trade": "years", "checks": "levels=fail", "parameters": "floor=5", "max_rejects": "7", "source_order": "baci, comtrade",
	"ignore": "*.bak", "publish": "file:///srv/trade", "fetch_calls_per_second": "2", "fetch_records_per_call": "7000", "fetch_codes": "AG6",
	"fetch_baci": "HS22", "fetch_url": "https://example.org", "fetch_baci_url": "https://example.org", "fetch_comext_url": "https://example.org",
	"fetch_tiva_url": "https://example.org", "openlineage_url": "https://marquez.example.org", "memory_limit": "1GiB", "engine": "https://anna@trino.example.org/trade", "vulnerability_high_ratio": "7", "vulnerability_severe_ratio": "9",
}

func otherValue(t *testing.T, s config.Setting) string {
	t.Helper()
	switch {
	case otherValues[s.Key] != "":
		return otherValues[s.Key]
	case s.Kind == config.Switch:
		return "true"
	case s.Kind == config.Whole:
		return "7"
	case s.Kind == config.Duration:
		return "7m"
	case strings.Contains(s.Allowed, "percentage"):
		return "12%"
	}
	return "other" // a file, a folder, a command, an address
}

// Every setting can be set by its variable of the environment, which goes before the
// configuration file, and a flag goes before it.
func TestEnvironmentSetsEverySetting(t *testing.T) {
	t.Chdir(t.TempDir())
	read := func(args ...string) *config.Config {
		t.Helper()
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		addConfig(flags)
		addSettings(flags)
		if err := flags.Parse(args); err != nil {
			t.Fatal(err)
		}
		settings, _, err := readConfig(flags)
		if err != nil {
			t.Fatal(err)
		}
		settings.IsWhole = nil // functions can't be compared
		settings.Said = nil    // it is what differs
		return settings
	}
	plain := read()
	for _, s := range config.Settings() {
		t.Run(s.Key, func(t *testing.T) {
			value, name := otherValue(t, s), environmentName(s.Key)
			byFlag := read("--" + flagName(s.Key) + "=" + value)
			if reflect.DeepEqual(byFlag, plain) {
				t.Fatalf("%s is the default: the test needs another value", value)
			}
			t.Setenv(name, value)
			if byEnvironment := read(); !reflect.DeepEqual(byEnvironment, byFlag) {
				t.Errorf("%s=%s does not set what the flag sets", name, value)
			}
			if s.Default == "" {
				return
			}
			content := s.Key + ": " + s.Default + "\n"
			if err := os.WriteFile(configFile, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
			defer os.Remove(configFile)
			if both := read(); !reflect.DeepEqual(both, byFlag) {
				t.Errorf("%s does not go before %q of the file", name, content)
			}
			if all := read("--" + flagName(s.Key) + "=" + s.Default); !reflect.DeepEqual(all, plain) {
				t.Errorf("the flag does not go before %s", name)
			}
		})
	}
}

// So do the flags that are no settings.
func TestEnvironmentSetsLogging(t *testing.T) {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	addConfig(flags)
	addLogging(flags)
	t.Setenv("ENTREPOT_LOG_FORMAT", "json")
	t.Setenv("ENTREPOT_QUIET", "true")
	t.Setenv("ENTREPOT_CONFIG", "other.yaml")
	if format, quiet, err := logging(flags); err != nil || format != "json" || !quiet {
		t.Errorf("logging is %s, quiet %v, %v", format, quiet, err)
	}
	if file, err := configFileOf(flags); err != nil || file != "other.yaml" {
		t.Errorf("the configuration file is %s, %v", file, err)
	}
	if err := flags.Parse([]string{"--log-format", "text", "--quiet=false", "--config", "my.yaml"}); err != nil {
		t.Fatal(err)
	}
	if format, quiet, err := logging(flags); err != nil || format != "text" || quiet {
		t.Errorf("with flags, logging is %s, quiet %v, %v", format, quiet, err)
	}
	if file, err := configFileOf(flags); err != nil || file != "my.yaml" {
		t.Errorf("with a flag, the configuration file is %s, %v", file, err)
	}
}

// A setting that was renamed is still taken by its old name, which help does not show,
// and a warning says the new one.
func TestOldNameOfASetting(t *testing.T) {
	setting, _, _ := config.Lookup("dominance_share")
	setting.Old = []string{"dominance_threshold"}
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	addConfig(flags)
	addSetting(flags, setting)
	if !flags.Lookup("dominance-threshold").Hidden || flags.Lookup("dominance-share").Hidden {
		t.Error("help must show the new name and not the old one")
	}
	if err := flags.Parse([]string{"--dominance-threshold", "40%"}); err != nil {
		t.Fatal(err)
	}
	settings, _, err := readConfig(flags)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"--dominance-threshold is called --dominance-share now"}
	if got := settings.Warnings(); settings.DominanceShare != "0.4" || !slices.Equal(got, want) {
		t.Errorf("dominance_share is %s, with the warnings %q", settings.DominanceShare, got)
	}
}

// Every setting has a flag, below the heading of its group, and a newcomer finds few
// at the top.
func TestHelpShowsEverySetting(t *testing.T) {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	addConfig(flags)
	addSettings(flags)
	flags.SortFlags = false
	var b strings.Builder
	listFlags(&b, flags)
	sections := map[string]string{}
	for _, section := range strings.Split(b.String(), "\n\n") {
		title, list, _ := strings.Cut(strings.TrimSpace(section), ":\n")
		sections[title] = list
	}
	for _, s := range config.Settings() {
		if line := "--" + flagName(s.Key); !strings.Contains(sections[string(s.Group)]+"\n", line+" ") {
			t.Errorf("help has no %s below %q", line, s.Group)
		}
	}
	if n := strings.Count(sections[string(config.First)], " --"); n < 8 || n > 12 {
		t.Errorf("%d flags stand first, want about ten", n)
	}
	for _, line := range strings.Split(b.String(), "\n") {
		if len(line) > helpWidth {
			t.Errorf("help has a line of %d characters: %s", len(line), line)
		}
	}
}
