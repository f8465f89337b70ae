package main

import (
	"slices"
	"strings"
	"testing"

	"entrepot/pipeline/config"

	"github.com/spf13/pflag"
)

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
