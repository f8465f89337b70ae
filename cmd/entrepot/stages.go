package main

import (
	"strings"

	"entrepot/pipeline"

	"entrepot/pipeline/job"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newExtract, newTransform and newLoad run one stage each.
func newExtract() *cobra.Command {
	return newStage(job.StageExtract, &cobra.Command{
		Use:   "extract [FILE…]",
		Short: "Read new and changed trade files into the workspace",
		Long: `Extract reads the files of the data folder that are new or changed, and takes out
the rows of files that are gone. With FILE, only these files are looked at.`,
		Example: `  entrepot extract --data downloads --out results
  entrepot extract --data downloads --out results downloads/china.csv`,
	})
}

func newTransform() *cobra.Command {
	return newStage(job.StageTransform, &cobra.Command{
		Use:   "transform [TABLE|FIGURE…]",
		Short: "Compute the measures from what was read",
		Long: `Transform makes the tables of the workspace that are not up to date. With TABLE or
FIGURE (dominance, figure14), only these are made, and what they need.`,
		Example: `  entrepot transform --data downloads --out results
  entrepot transform --data downloads --out results dominance`,
	})
}

func newLoad() *cobra.Command {
	return newStage(job.StageLoad, &cobra.Command{
		Use:   "load [TABLE|FIGURE…]",
		Short: "Publish the measures as a release of Parquet files",
		Long: `Load publishes the tables of the workspace, all or none: a release never holds one
figure of today beside another of yesterday. So with TABLE or FIGURE (dominance,
figure14) the others are published, too; those that did not change keep their
bytes. It fails when a table is not up to date.`,
		Example: `  entrepot load --data downloads --out results
  entrepot load --data downloads --out results figure14`,
	})
}

func newStage(stage job.Stage, c *cobra.Command) *cobra.Command {
	force := c.Flags().Bool("force", false, "do again what is up to date")
	prepare := addCommon(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		settings, log, err := prepare(c)
		if err != nil {
			return err
		}
		summary, err := pipeline.RunStages(c.Context(), settings, job.Selection{Only: stage, Steps: args, Force: *force}, log)
		if err != nil {
			return err
		}
		return conclude(c, settings, summary)
	}
	return c
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
