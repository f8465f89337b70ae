package main

import (
	"context"
	"errors"

	"entrepot/pipeline"
)

// The exit codes. Scripts should treat any code that they do not know as failure.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2   // a wrong flag, setting or reference table: nothing was done
	exitChecks      = 4   // a check of severity fail found fault: nothing was published
	exitLocked      = 11  // another run is at work in the same folder
	exitInterrupted = 130 // by SIGINT or SIGTERM
)

// exitCode is the one place that maps errors to exit codes.
func exitCode(ctx context.Context, err error) int {
	var usage *pipeline.UsageError
	var checks *pipeline.CheckError
	switch {
	case err == nil:
		return exitDone
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &checks):
		return exitChecks
	case errors.Is(err, pipeline.ErrLocked):
		return exitLocked
	}
	return exitFailed
}
