package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"strconv"

	"entrepot/pipeline/config"
	"entrepot/pipeline/phrase"
	"entrepot/pipeline/usage"
	"github.com/lmittmann/tint"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// runIDKey is the name of the run's id in each line of the JSON log.
const runIDKey = "run_id"

// addLogging adds the flags that say how to log; see newLogger.
func addLogging(flags *pflag.FlagSet) {
	flags.String("log-format", "text", "how to log to standard error: text or json")
	flags.BoolP("quiet", "q", false, "log warnings and errors only")
	inGroup(flags.Lookup("log-format"), config.Operating)
	inGroup(flags.Lookup("quiet"), config.Operating)
}

// logging is how to log, by the flags or the environment.
func logging(flags *pflag.FlagSet) (format string, quiet bool, err error) {
	if format, err = flagOr(flags, "log-format"); err != nil {
		return "", false, err
	}
	if format != "text" && format != "json" {
		return "", false, usage.Errorf("--log-format %q is not allowed: it must be text or json", format)
	}
	text, err := flagOr(flags, "quiet")
	if err != nil {
		return "", false, err
	}
	if quiet, err = strconv.ParseBool(text); err != nil {
		return "", false, usage.Errorf("%s %q is not allowed: it must be true or false", environmentName("quiet"), text)
	}
	return format, quiet, nil
}

// newLogger makes the logger of a command. On a terminal, log lines go through a progress
// bar; the other result tells it how far the run has come, and is nil elsewhere.
func newLogger(ctx context.Context, flags *pflag.FlagSet, w io.Writer) (*slog.Logger, *progressBar, error) {
	format, quiet, err := logging(flags)
	if err != nil {
		return nil, nil, err
	}
	level := slog.LevelInfo
	if quiet {
		level = slog.LevelWarn
	}
	switch {
	case format == "json":
		return slog.New(jsonHandler(w, level)).With(runIDKey, invocationOf(ctx).id), nil, nil
	case isTerminal(w):
		options := &tint.Options{Level: level, TimeFormat: "15:04:05", NoColor: os.Getenv("NO_COLOR") != "", ReplaceAttr: visible}
		if quiet {
			return slog.New(tint.NewTextHandler(w, options)), nil, nil
		}
		bar := &progressBar{w: w}
		return slog.New(tint.NewTextHandler(bar, options)), bar, nil
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level})), nil, nil
}

// jsonHandler writes a JSON object a line; durations are seconds.
func jsonHandler(w io.Writer, level slog.Level) slog.Handler {
	seconds := func(_ []string, a slog.Attr) slog.Attr {
		if a.Value.Kind() == slog.KindDuration {
			return slog.Float64(a.Key, a.Value.Duration().Seconds())
		}
		return a
	}
	return slog.NewJSONHandler(phrase.Screen(w), &slog.HandlerOptions{Level: level, ReplaceAttr: seconds})
}

// visible writes out what would act on the terminal; the handlers of package slog do.
func visible(_ []string, a slog.Attr) slog.Attr {
	switch {
	case a.Value.Kind() == slog.KindString:
		a.Value = slog.StringValue(phrase.Visible(a.Value.String()))
	case a.Value.Kind() == slog.KindAny:
		if err, ok := a.Value.Any().(error); ok {
			a.Value = slog.StringValue(phrase.Visible(err.Error()))
		}
	}
	return a
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
