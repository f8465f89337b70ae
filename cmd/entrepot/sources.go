package main

import (
	"github.com/spf13/cobra"
)

func newSources() *cobra.Command {
	c := &cobra.Command{
		Use:   "sources",
		Short: "Look at trade files and at where their sources differ",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newSourcesCheck(), newSourcesConflicts())
	return c
}
