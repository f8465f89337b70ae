package main

import (
	"errors"

	"entrepot/pipeline"
	"entrepot/pipeline/job"

	"github.com/spf13/cobra"
)

// newStage makes the command that runs one stage of a run.
func newStage(stage job.Stage, c *cobra.Command) *cobra.Command {
	force := c.Flags().Bool("force", false, "do again what is up to date")
	asJSON := addJSON(c.Flags())
	prepare := addCommon(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		settings, log, err := prepare(c)
		if err != nil {
			return err
		}
		release, err := reading(c.Context(), settings)
		if err != nil {
			return err
		}
		summary, failed := pipeline.RunStages(c.Context(), settings, job.Selection{Only: stage, Steps: args, Force: *force}, log)
		failed = errors.Join(failed, release())
		if summary == nil {
			return failed
		}
		return conclude(c, settings, summary, *asJSON, log, failed)
	}
	return c
}
