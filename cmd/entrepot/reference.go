package main

import (
	"github.com/spf13/cobra"
)

func newReference() *cobra.Command {
	c := &cobra.Command{
		Use:   "reference",
		Short: "Look codes up and import HS conversion tables",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newReferenceShow(), newReferenceImport())
	return c
}
