package main

import (
	"context"
	"log/slog"

	"entrepot/pipeline"
	"entrepot/pipeline/config"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// invocation is one call of the program.
type invocation struct {
	id       string // stands in each line of the JSON log; it is the run's
	args     []string
	prepared bool // the settings were read, so a failure is noted by the run itself
}

func newInvocation(args []string) *invocation {
	id, err := uuid.NewV7()
	if err != nil {
		return &invocation{args: args} // the run makes one of its own, or says why it can't
	}
	return &invocation{id: id.String(), args: args}
}

type invocationKey struct{}

func (i *invocation) in(ctx context.Context) context.Context {
	return context.WithValue(ctx, invocationKey{}, i)
}

// invocationOf is the call that a command is part of; a new one where there is none, as
// in tests of a command alone.
func invocationOf(ctx context.Context) *invocation {
	if ctx != nil {
		if i, ok := ctx.Value(invocationKey{}).(*invocation); ok {
			return i
		}
	}
	return newInvocation(nil)
}

// notedKey is the annotation of commands whose failures are noted where runs are.
const notedKey = "noted"

func isNoted(c *cobra.Command) bool { return c.Annotations[notedKey] != "" }

// noteFailure notes that a command's flags or settings can't be read, in the places that
// they name as far as they can be.
func (i *invocation) noteFailure(c *cobra.Command, failure error) {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	addConfig(flags)
	addSettings(flags)
	addLogging(flags)
	_ = flags.Parse(i.args) // what is wrong with them is what is noted
	log, _, err := newLogger(c.Context(), flags, c.ErrOrStderr())
	if err != nil {
		log = slog.New(slog.DiscardHandler)
	}
	settings := whatCanBeRead(flags)
	settings.RunID = i.id
	pipeline.NoteFailure(settings, failure, log)
}

// whatCanBeRead is the configuration without the settings that are wrong.
func whatCanBeRead(flags *pflag.FlagSet) *config.Config {
	settings := config.New()
	file, err := configFileOf(flags)
	if err == nil && file != "" {
		settings.ReadWhatCanBe(file)
	}
	for _, s := range config.Settings() {
		if value, name := environment(s.Key); value != "" {
			_ = settings.Set(s, value, name)
		}
	}
	flags.Visit(func(flag *pflag.Flag) {
		if f, ok := flag.Value.(*settingFlag); ok {
			_ = settings.Set(f.setting, f.value, "")
		}
	})
	if settings.Data == "" && file == "" && !outIsGiven(flags) && isThere(sampleOut) {
		settings.Out = sampleOut
	}
	return settings
}
