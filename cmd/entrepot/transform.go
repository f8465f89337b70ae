package main

import (
	"entrepot/pipeline/job"

	"github.com/spf13/cobra"
)

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
