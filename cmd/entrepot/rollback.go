package main

import (
	"fmt"

	"entrepot/pipeline/release"
	"github.com/spf13/cobra"
)

func newRollback() *cobra.Command {
	c := &cobra.Command{
		Use:   "rollback [RELEASE]",
		Short: "Point current to an older release",
		Long: `Rollback points the link current to RELEASE, or to the release that was written
before the current one, in one step. Nothing is removed. The next run points
current to the release of the input files again: take away what was wrong with
them before it.`,
		Args: cobra.MaximumNArgs(1),
	}
	out := addOut(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		folder, err := out(c)
		if err != nil {
			return err
		}
		id := ""
		if len(args) == 1 {
			id = args[0]
		}
		if id, err = release.Rollback(folder, id); err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "%s/current is release %s now; "+
			"the next run points it to the release of the input files again\n", folder, id)
		return err
	}
	return c
}
