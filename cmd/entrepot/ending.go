package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"entrepot/pipeline"
	"entrepot/pipeline/phrase"

	"github.com/spf13/cobra"
)

// ending is what a command says last: how it ended, and what to do.
type ending struct {
	code  int
	lines []string // none when all went well
}

func newEnding(ctx context.Context, err error) ending {
	e := ending{code: exitCode(ctx, err)}
	var published *pipeline.AfterPublishing
	switch {
	case e.code == exitInterrupted && errors.As(err, &published):
		e.lines = append(e.lines, published.Error())
	case e.code == exitInterrupted:
		e.lines = append(e.lines, "interrupted; finished steps are kept, and the next run goes on from there")
	case err != nil:
		e.lines = append(e.lines, err.Error())
		if way := hint(err); way != "" {
			e.lines = append(e.lines, way)
		}
	}
	if e.code == exitUsage {
		e.lines = append(e.lines, "'entrepot help' shows how it is used")
	}
	return e
}

func (e ending) print(w io.Writer) {
	for _, line := range e.lines {
		fmt.Fprintf(w, "entrepot: %s\n", phrase.Visible(line))
	}
}

// log writes the ending as the last event of the log, which every command that logs
// JSON ends with.
func (e ending) log(w io.Writer, runID, command string, took time.Duration) {
	level, message := slog.LevelError, "done"
	switch e.code {
	case exitDone:
		level = slog.LevelInfo
	case exitIncomplete, exitQuota:
		level = slog.LevelWarn
	}
	attributes := []any{"event", "end", "command", command, "exit_code", e.code, "took", took.Round(time.Millisecond)}
	if len(e.lines) > 0 {
		message = e.lines[0]
	}
	if len(e.lines) > 1 {
		attributes = append(attributes, "hint", e.lines[1:])
	}
	slog.New(jsonHandler(w, slog.LevelInfo)).With(runIDKey, runID).Log(context.Background(), level, message, attributes...)
}

// asksForJSON tells whether the command that ran logs JSON, or would have, if another
// flag had not been wrong.
func asksForJSON(ran *cobra.Command, args []string) bool {
	if flag := ran.Flags().Lookup("log-format"); flag != nil && flag.Value.String() == "json" {
		return true
	}
	for i, arg := range args {
		if arg == "--log-format=json" || arg == "--log-format" && i+1 < len(args) && args[i+1] == "json" {
			return true
		}
	}
	value, _ := environment("log_format")
	return value == "json"
}
