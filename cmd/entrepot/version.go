package main

import (
	"fmt"
	"runtime"

	"entrepot/pipeline/job"
	"github.com/spf13/cobra"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(c.OutOrStdout(), "entrepot %s (%s, %s/%s)\n", job.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
