package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"entrepot/fixtures"
	"entrepot/pipeline"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const sampleOut = "sample-out"

func newRun() *cobra.Command {
	c := &cobra.Command{
		Use:   "run",
		Short: "Read the trade files, compute the measures and publish them",
		Long: `Run brings the results up to date with the data folder. Files that did not change
are not read again, and steps whose inputs did not change are not repeated.

Settings come from entrepot.yaml in the folder at hand (or --config FILE), and
flags override them. Without a data folder, run uses the built-in sample, whose
values are invented, and writes to sample-out.`,
		Example: `  entrepot run
  entrepot run --data downloads --out results
  entrepot run --data downloads --reporter DEU --years 2017-2023 --dominance-share 25%`,
		Args: cobra.NoArgs,
	}
	c.Flags().String("config", "", "configuration file (default entrepot.yaml, if there is one)")
	addSettings(c.Flags())
	newLogger := addLogging(c.Flags())
	c.RunE = func(c *cobra.Command, _ []string) error {
		log, err := newLogger(c.ErrOrStderr())
		if err != nil {
			return err
		}
		config, err := configOf(c.Flags(), log)
		if err != nil {
			return err
		}
		summary, err := pipeline.Run(c.Context(), config, log)
		if err != nil {
			return err
		}
		return showSummary(c.OutOrStdout(), config, summary)
	}
	return c
}

// addSettings makes a flag of every setting.
func addSettings(flags *pflag.FlagSet) {
	for _, s := range pipeline.Settings() {
		flags.String(flagName(s), "", s.Help+defaultNote(s))
	}
}

func defaultNote(s pipeline.Setting) string {
	if s.Default == "" {
		return ""
	}
	return fmt.Sprintf(" (default %s)", s.Default)
}

func flagName(s pipeline.Setting) string { return strings.ReplaceAll(s.Key, "_", "-") }

// configOf reads the configuration file and lets the flags that were given
// override it.
func configOf(flags *pflag.FlagSet, log *slog.Logger) (*pipeline.Config, error) {
	config := pipeline.NewConfig()
	file, err := flags.GetString("config")
	if err != nil {
		return nil, err
	}
	if file == "" {
		if _, err := os.Stat(configFile); err == nil {
			file = configFile
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("look for %s: %w", configFile, err)
		}
	}
	if file != "" {
		if err := config.ReadFile(file); err != nil {
			return nil, err
		}
	}
	for _, s := range pipeline.Settings() {
		if flag := flags.Lookup(flagName(s)); flag.Changed {
			if err := config.Set(s, flag.Value.String(), "--"+flag.Name); err != nil {
				return nil, err
			}
		}
	}
	if config.Data != "" {
		return config, nil
	}
	if file != "" {
		return nil, &pipeline.UsageError{Reason: file + " sets no data folder: add a line such as 'data: downloads', or give --data"}
	}
	if !flags.Changed("out") {
		config.Out = sampleOut
	}
	config.Data = filepath.Join(config.Out, "sample")
	log.Warn("no data folder was given: this is the built-in sample, whose values are invented; use --data for your own files")
	return config, fixtures.WriteSample(config.Data)
}
