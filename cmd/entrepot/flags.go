package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"entrepot/fixtures"
	"entrepot/pipeline/config"
	"entrepot/pipeline/job"
	"entrepot/pipeline/usage"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const sampleOut = "sample-out"

// addCommon adds the flags of the commands that work on data and an output
// folder, and returns the function that reads them.
func addCommon(c *cobra.Command) func(*cobra.Command) (*config.Config, *slog.Logger, error) {
	c.Flags().String("config", "", "configuration file (default entrepot.yaml, if there is one)")
	addSettings(c.Flags())
	newLogger := addLogging(c.Flags())
	return func(c *cobra.Command) (*config.Config, *slog.Logger, error) {
		log, bar, err := newLogger(c.ErrOrStderr())
		if err != nil {
			return nil, nil, err
		}
		settings, err := configOf(c.Flags())
		if err == nil && bar != nil {
			settings.Watch = bar.show
		}
		if err != nil || settings.Data != "" {
			return settings, log, err
		}
		log.Warn("no data folder was given: this is the built-in sample, whose values are invented; use --data for your own files")
		settings.Data = filepath.Join(settings.Out, "sample")
		return settings, log, fixtures.WriteSample(settings.Data)
	}
}

// addLooking adds the flags of the commands that look at files or at a workspace
// without a run, all settings but those left out, and returns the function that
// reads them.
func addLooking(c *cobra.Command, without ...string) func(*cobra.Command) (*config.Config, *slog.Logger, error) {
	c.Flags().String("config", "", "configuration file (default entrepot.yaml, if there is one)")
	for _, s := range config.Settings() {
		if !slices.Contains(without, s.Key) {
			addSetting(c.Flags(), s)
		}
	}
	newLogger := addLogging(c.Flags())
	return func(c *cobra.Command) (*config.Config, *slog.Logger, error) {
		log, _, err := newLogger(c.ErrOrStderr())
		if err != nil {
			return nil, nil, err
		}
		settings, err := readConfig(c.Flags(), without...)
		return settings, log, err
	}
}

// addOut adds the flags of the commands that only look at an output folder, and
// returns the function that finds it.
func addOut(c *cobra.Command) func(*cobra.Command) (string, error) {
	c.Flags().String("config", "", "configuration file (default entrepot.yaml, if there is one)")
	for _, s := range config.Settings() {
		if s.Key == "out" {
			addSetting(c.Flags(), s)
		}
	}
	return func(c *cobra.Command) (string, error) {
		settings, err := configOf(c.Flags())
		if err != nil {
			return "", err
		}
		return settings.Out, nil
	}
}

// addSettings makes a flag of every setting.
func addSettings(flags *pflag.FlagSet) {
	for _, s := range config.Settings() {
		addSetting(flags, s)
	}
}

// addSetting makes a flag of a setting, of the setting's own kind. Whether a flag was
// given decides, so that its default is only shown.
func addSetting(flags *pflag.FlagSet, s config.Setting) {
	name := flagName(s)
	switch s.Kind {
	case config.Switch:
		flags.Bool(name, s.Default == "true", s.Help)
	case config.Whole:
		flags.Uint(name, 0, s.Help+defaultNote(s))
	case config.Duration:
		flags.Duration(name, 0, s.Help+defaultNote(s))
	default:
		flags.String(name, "", s.Help+defaultNote(s))
	}
}

func defaultNote(s config.Setting) string {
	if s.Default == "" {
		return ""
	}
	return fmt.Sprintf(" (default %s)", s.Default)
}

func flagName(s config.Setting) string { return strings.ReplaceAll(s.Key, "_", "-") }

// configOf reads the configuration file and lets the flags that were given
// override it. Without both, the output folder is that of the built-in sample,
// and the data folder is empty.
func configOf(flags *pflag.FlagSet) (*config.Config, error) {
	settings, err := readConfig(flags)
	if err != nil {
		return nil, err
	}
	file, err := configFileOf(flags)
	switch {
	case err != nil:
		return nil, err
	case settings.Data != "":
	case file != "":
		return nil, usage.Errorf("%s", file+" sets no data folder: add a line such as 'data: downloads', or give --data")
	case !flags.Changed("out"):
		settings.Out = sampleOut
	}
	return settings, nil
}

// configFileOf is the configuration file in use; "" when there is none.
func configFileOf(flags *pflag.FlagSet) (string, error) {
	file, err := flags.GetString("config")
	if err != nil || file != "" {
		return file, err
	}
	if _, err := os.Stat(configFile); err == nil {
		return configFile, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("look for %s: %w", configFile, err)
	}
	return "", nil
}

// readConfig reads the configuration file and lets the flags that were given
// override it, those of the settings in without excepted.
func readConfig(flags *pflag.FlagSet, without ...string) (*config.Config, error) {
	settings := config.New()
	file, err := configFileOf(flags)
	if err != nil {
		return nil, err
	}
	if file != "" {
		if err := settings.ReadFile(file); err != nil {
			return nil, err
		}
	}
	for _, s := range config.Settings() {
		if flag := flags.Lookup(flagName(s)); flag != nil && flag.Changed && !slices.Contains(without, s.Key) {
			if err := settings.Set(s, flag.Value.String(), "--"+flag.Name); err != nil {
				return nil, err
			}
		}
	}
	return settings, nil
}

// addSelection adds the flags that pick a part of a run.
func addSelection(flags *pflag.FlagSet) func() job.Selection {
	names := strings.Join(job.StageNames(), ", ")
	from := flags.String("from", "", "leave out the stages before this one: "+names)
	only := flags.String("only", "", "run this stage only: "+names)
	force := flags.Bool("force", false, "do again what is up to date")
	return func() job.Selection {
		return job.Selection{From: job.Stage(*from), Only: job.Stage(*only), Force: *force}
	}
}

func addReferenceSettings(c *cobra.Command, keys ...string) {
	c.Flags().String("config", "", "configuration file (default entrepot.yaml, if there is one)")
	for _, s := range config.Settings() {
		if slices.Contains(keys, s.Key) {
			c.Flags().String(flagName(s), "", s.Help+defaultNote(s))
		}
	}
}
