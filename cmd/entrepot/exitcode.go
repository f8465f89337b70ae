package main

import (
	"context"
	"errors"
	"strings"

	"entrepot/fetch"
	"entrepot/pipeline"
	"entrepot/pipeline/check"
	"entrepot/pipeline/usage"
	"entrepot/pipeline/workspace"
)

// The exit codes. Scripts should treat any code that they do not know as failure. A crash
// of the program ends it by SIGABRT, which shells call 134.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2   // a wrong flag, setting or reference table: nothing was done
	exitIncomplete  = 3   // published or checked, although rows were rejected, files not used, or reporters are missing
	exitChecks      = 4   // a check of severity fail has findings: nothing was published
	exitQuota       = 5   // the publisher's quota is used up: what was fetched is whole, and the rest waits
	exitHook        = 6   // published, but the command that is set for afterwards failed
	exitCopy        = 7   // published in the output folder, but the object store does not have it
	exitLocked      = 11  // another run is at work in the same folder
	exitInterrupted = 130 // by SIGINT or SIGTERM
)

// incomplete says that something was done with files that are not whole.
type incomplete struct {
	what       string // was done: published, checked
	shortfalls []string
}

func (e *incomplete) Error() string { return e.what + ", although " + strings.Join(e.shortfalls, "; ") }

// exitCode is the one place that maps errors to exit codes.
func exitCode(ctx context.Context, err error) int {
	var usage *usage.Error
	var checks *check.Error
	var partly *incomplete
	var quota *fetch.QuotaError
	switch {
	case err == nil:
		return exitDone
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, new(*pipeline.CopyError)):
		return exitCopy
	case errors.As(err, new(*pipeline.HookError)):
		return exitHook
	case errors.As(err, &quota):
		return exitQuota
	case errors.As(err, &partly):
		return exitIncomplete
	case errors.As(err, &checks):
		return exitChecks
	case errors.Is(err, workspace.ErrLocked):
		return exitLocked
	}
	return exitFailed
}
