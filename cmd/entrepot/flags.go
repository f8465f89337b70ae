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

	"entrepot/fixtures/sample"
	"entrepot/pipeline/config"
	"entrepot/pipeline/job"
	"entrepot/pipeline/phrase"
	"entrepot/pipeline/usage"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// sampleOut is the output folder of the built-in sample.
const sampleOut = "sample-out"

// addCommon adds the flags of the commands that work on data and an output folder,
// and returns the function that reads them. Without a data folder it writes the
// built-in sample into the output folder.
func addCommon(c *cobra.Command) func(*cobra.Command) (*config.Config, *slog.Logger, error) {
	prepare := addReading(c)
	c.Annotations = map[string]string{notedKey: "yes"}
	return func(c *cobra.Command) (*config.Config, *slog.Logger, error) {
		settings, log, err := prepare(c)
		if err != nil {
			return nil, nil, err
		}
		return settings, log, begin(c, settings, log)
	}
}

// begin makes a configuration that was read that of a run, from which on failures are noted:
// without a data folder it gets the built-in sample.
func begin(c *cobra.Command, settings *config.Config, log *slog.Logger) error {
	call := invocationOf(c.Context())
	settings.RunID = call.id
	if takesSample(c.Flags(), settings) {
		if err := takeSample(c.Flags(), settings, log, sampleFolder(settings)); err != nil {
			return err
		}
	}
	call.prepared = true
	return nil
}

// sampleFolder is where a run writes the built-in sample.
func sampleFolder(c *config.Config) string { return filepath.Join(c.Out, "sample") }

// takesSample tells whether a configuration without a data folder stands for a built-in
// sample. One with a lake has the files that are there.
func takesSample(flags *pflag.FlagSet, c *config.Config) bool {
	return c.Data == "" && (c.Lake == "" || flags.Changed(sampleFlag))
}

// isSample tells whether the data are those of a built-in sample.
func isSample(c *config.Config) bool {
	folder := sampleFolder(c)
	return c.Data == folder || filepath.Dir(c.Data) == folder
}

// takeSample writes the built-in sample that the flags name into a folder, and makes it the
// data of a configuration that has none: with the sample's own settings below those that
// were given. The log says so.
func takeSample(flags *pflag.FlagSet, c *config.Config, log *slog.Logger, folder string) error {
	name, _ := flags.GetString(sampleFlag)
	log.Warn(aboutSample(name))
	file, err := sample.WriteNamed(name, folder)
	if err != nil {
		return err
	}
	c.AllowFewerReporters = true // that of another sample may have been there
	if file == "" {
		c.Data = folder
		return nil
	}
	again, err := readOver(flags, file)
	if err != nil {
		return err
	}
	again.Out, again.RunID, again.Watch, again.AllowFewerReporters = c.Out, c.RunID, c.Watch, true
	again.Folder = c.Folder // measures of the user's own stand there, and not beside the sample
	*c = *again
	return nil
}

// sampleFlag names the built-in sample.
const sampleFlag = "sample"

// aboutSample says what is read when no data folder was given.
func aboutSample(name string) string {
	what := "real trade in raw materials, an excerpt of CEPII's BACI"
	if name == sample.MadeUp {
		what = "its values are invented"
	}
	return fmt.Sprintf("no data folder was given: this is the built-in sample %s (%s); use --data for your own files", name, what)
}

// addReading adds the same flags for commands that write nothing themselves. Without
// a data folder, that of the configuration is empty; see borrowSample.
func addReading(c *cobra.Command) func(*cobra.Command) (*config.Config, *slog.Logger, error) {
	addConfig(c.Flags())
	addSettings(c.Flags())
	c.Flags().String(sampleFlag, sample.RawMaterials, "without a data folder, show this built-in sample: "+strings.Join(sample.Names(), " or "))
	addLogging(c.Flags())
	return func(c *cobra.Command) (*config.Config, *slog.Logger, error) {
		log, bar, err := newLogger(c.Context(), c.Flags(), c.ErrOrStderr())
		if err != nil {
			return nil, nil, err
		}
		settings, file, err := readConfig(c.Flags())
		switch {
		case err != nil:
			return nil, nil, err
		case settings.Data != "" && c.Flags().Changed(sampleFlag):
			return nil, nil, usage.Errorf("--%s is for runs without a data folder, and this one has %s", sampleFlag, settings.Data)
		case settings.Data != "", !takesSample(c.Flags(), settings):
		case file != "":
			return nil, nil, usage.Errorf("%s sets no data folder: add a line such as 'data: downloads', or give --data", file)
		default:
			name, _ := c.Flags().GetString(sampleFlag)
			if err := sample.Check(name); err != nil {
				return nil, nil, usage.Errorf("--%s: %w", sampleFlag, err)
			}
			if !outIsGiven(c.Flags()) {
				settings.Out = sampleOut
			}
		}
		if bar != nil {
			settings.Watch = bar.show
		}
		return settings, log, nil
	}
}

// borrowSample gives a configuration without a data folder the built-in sample in a
// temporary folder, which the function that it returns removes.
func borrowSample(flags *pflag.FlagSet, c *config.Config, log *slog.Logger) (remove func() error, err error) {
	if !takesSample(flags, c) {
		return func() error { return nil }, nil
	}
	folder, err := os.MkdirTemp("", "entrepot-sample-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the built-in sample: %w", err)
	}
	remove = func() error { return os.RemoveAll(folder) }
	if err := takeSample(flags, c, log, folder); err != nil {
		return nil, errors.Join(err, remove())
	}
	return remove, nil
}

// addLooking adds the flags of the commands that look at files or at a workspace
// without a run, and returns the function that reads them. All settings are taken, so
// that the same flags serve all commands; help shows those that make a difference.
func addLooking(c *cobra.Command, shown ...string) func(*cobra.Command) (*config.Config, *slog.Logger, error) {
	addConfig(c.Flags())
	for _, s := range config.Settings() {
		addSetting(c.Flags(), s)
		if len(shown) > 0 && !slices.Contains(shown, s.Key) {
			c.Flags().Lookup(flagName(s.Key)).Hidden = true
		}
	}
	addLogging(c.Flags())
	return func(c *cobra.Command) (*config.Config, *slog.Logger, error) {
		log, _, err := newLogger(c.Context(), c.Flags(), c.ErrOrStderr())
		if err != nil {
			return nil, nil, err
		}
		settings, err := lookedAt(c.Flags())
		if err != nil {
			return nil, nil, err
		}
		settings.RunID = invocationOf(c.Context()).id
		for _, warning := range settings.Warnings() {
			log.Warn(warning)
		}
		return settings, log, nil
	}
}

// addOut adds the flags of the commands that only look at an output folder, and
// returns the function that finds it.
func addOut(c *cobra.Command) func(*cobra.Command) (string, error) {
	addConfig(c.Flags())
	addSettings(c.Flags(), "out")
	addLogging(c.Flags())
	return func(c *cobra.Command) (string, error) {
		settings, err := lookedAt(c.Flags())
		if err != nil {
			return "", err
		}
		return settings.Out, warn(c, settings)
	}
}

// warn prints the warnings of a configuration for commands that log nothing else.
func warn(c *cobra.Command, settings *config.Config) error {
	format, _, err := logging(c.Flags())
	if err != nil {
		return err
	}
	for _, warning := range settings.Warnings() {
		if format == "json" {
			slog.New(jsonHandler(c.ErrOrStderr(), slog.LevelInfo)).With(runIDKey, invocationOf(c.Context()).id).Warn(warning)
		}
	}
	if format == "json" {
		return nil
	}
	for _, warning := range settings.Warnings() {
		if _, err := fmt.Fprintf(c.ErrOrStderr(), "entrepot: warning: %s\n", phrase.Visible(warning)); err != nil {
			return err
		}
	}
	return nil
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

func addConfig(flags *pflag.FlagSet) {
	flags.String("config", "", "configuration file (default "+configFile+", if there is one)")
	inGroup(flags.Lookup("config"), config.First)
}

// addSettings makes a flag of each setting, or of those with the given keys.
func addSettings(flags *pflag.FlagSet, keys ...string) {
	for _, s := range config.Settings() {
		if len(keys) == 0 || slices.Contains(keys, s.Key) {
			addSetting(flags, s)
		}
	}
}

// addSetting makes a flag of a setting, and hidden ones of the names that it had
// before.
func addSetting(flags *pflag.FlagSet, s config.Setting) {
	for _, key := range append([]string{s.Key}, s.Old...) {
		flag := flags.VarPF(&settingFlag{setting: s}, flagName(key), "", s.Help+defaultNote(s))
		flag.Hidden = key != s.Key
		if s.Kind == config.Switch {
			flag.NoOptDefVal = "true"
		}
		inGroup(flag, s.Group)
	}
}

func flagName(key string) string { return strings.ReplaceAll(key, "_", "-") }

func defaultNote(s config.Setting) string {
	if s.Default == "" || s.Kind == config.Switch {
		return ""
	}
	return fmt.Sprintf(" (default %s)", s.Default)
}

// settingFlag is the value of a setting's flag. It has the setting's kind; what the
// setting allows is for the setting to say, in the words that it has for a line of
// the configuration file, too.
type settingFlag struct {
	setting config.Setting
	value   string
}

func (f *settingFlag) String() string { return f.value }

func (f *settingFlag) Set(value string) error {
	f.value = value
	return nil
}

// Type is the kind in the flag package's words.
func (f *settingFlag) Type() string {
	switch f.setting.Kind {
	case config.Switch:
		return "bool"
	case config.Whole:
		return "uint"
	case config.Duration:
		return "duration"
	case config.Path:
		return "path"
	}
	return "string"
}

// lookedAt is the configuration of a command that only looks. When nothing says
// where the results are, they are those of the built-in sample, or in out if only
// that is there.
func lookedAt(flags *pflag.FlagSet) (*config.Config, error) {
	settings, file, err := readConfig(flags)
	if err != nil || settings.Data != "" || file != "" || outIsGiven(flags) {
		return settings, err
	}
	if isThere(sampleOut) || !isThere(settings.Out) {
		settings.Out = sampleOut
	}
	return settings, nil
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// readConfig reads the configuration file, whose name it returns, and lets the flags
// that were given override it.
func readConfig(flags *pflag.FlagSet) (settings *config.Config, file string, err error) {
	if file, err = configFileOf(flags); err != nil {
		return nil, "", err
	}
	settings, err = readOver(flags, file)
	return settings, file, err
}

// readOver reads a configuration file, if there is one, and lets the environment and the
// flags that were given override it.
func readOver(flags *pflag.FlagSet, file string) (settings *config.Config, err error) {
	settings = config.New()
	settings.IsWhole = sample.Has // what the invented world trades is all in it
	if file != "" {
		if err := settings.ReadFile(file); err != nil {
			return nil, err
		}
	}
	if err := setByEnvironment(settings); err != nil {
		return nil, err
	}
	flags.Visit(func(flag *pflag.Flag) {
		if f, ok := flag.Value.(*settingFlag); ok && err == nil {
			err = setByFlag(settings, flag.Name, f)
		}
	})
	return settings, err
}

// environmentName is the variable that stands for a flag or a setting: ENTREPOT_LOG_FORMAT
// for --log-format.
func environmentName(key string) string {
	return "ENTREPOT_" + strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
}

// environment is the value of the variable that stands for a flag or a setting, and its
// name. An empty one is as none.
func environment(key string) (value, name string) {
	name = environmentName(key)
	return os.Getenv(name), name
}

// flagOr is the value of a flag, or else of its variable of the environment, or else its
// default.
func flagOr(flags *pflag.FlagSet, name string) (string, error) {
	flag := flags.Lookup(name)
	if flag == nil {
		return "", fmt.Errorf("internal error: there is no flag %s; please report it", name)
	}
	if value, _ := environment(name); value != "" && !flag.Changed {
		return value, nil
	}
	return flag.Value.String(), nil
}

// outIsGiven tells whether a flag or the environment names the output folder.
func outIsGiven(flags *pflag.FlagSet) bool {
	value, _ := environment("out")
	return value != "" || flags.Changed("out")
}

// setByEnvironment sets what the environment sets, by the names of today or those before.
func setByEnvironment(settings *config.Config) error {
	for _, s := range config.Settings() {
		for _, key := range append(slices.Clone(s.Old), s.Key) { // the name of today last: it counts
			value, name := environment(key)
			if value == "" {
				continue
			}
			if key != s.Key {
				settings.Warn("%s is called %s now", name, environmentName(s.Key))
			}
			if err := settings.Set(s, value, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func setByFlag(settings *config.Config, name string, f *settingFlag) error {
	if now := flagName(f.setting.Key); name != now {
		settings.Warn("--%s is called --%s now", name, now)
	}
	return settings.Set(f.setting, f.value, "--"+name)
}

// configFileOf is the configuration file in use; "" when there is none.
func configFileOf(flags *pflag.FlagSet) (string, error) {
	file, err := flagOr(flags, "config")
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
