package main

import (
	"entrepot/pipeline/job"

	"github.com/spf13/cobra"
)

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
