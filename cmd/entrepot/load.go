package main

import (
	"entrepot/pipeline/job"

	"github.com/spf13/cobra"
)

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
