package main

import (
	"fmt"
	"io"
	"strings"

	"entrepot/pipeline"

	"github.com/spf13/cobra"
)

func newRejects() *cobra.Command {
	c := &cobra.Command{
		Use:   "rejects",
		Short: "Show and export the input rows that can't be used",
		Long: `Rejects counts the rows that the last extraction rejected, by reason, with an
example of each. With --out they are written to a CSV file: reason, file, line,
column and value of each, grouped by reason.

Here --out is the file to write; --results is the folder that run calls --out.`,
		Example: `  entrepot rejects --results results
  entrepot rejects --results results --out rejects.csv`,
		Args: cobra.NoArgs,
	}
	asJSON := addJSON(c.Flags())
	export := c.Flags().String("out", "", "write all of them to this CSV file")
	results := c.Flags().String("results", "", "folder of the results, as the setting out says (default out)")
	prepare := addLooking(c, "out")
	c.RunE = func(c *cobra.Command, _ []string) error {
		settings, log, err := prepare(c)
		if err != nil {
			return err
		}
		if *results != "" {
			settings.Out = *results
		}
		groups, err := pipeline.RejectGroups(c.Context(), settings, log)
		if err != nil {
			return err
		}
		if *asJSON {
			err = writeJSON(c.OutOrStdout(), groups)
		} else {
			err = writeRejectGroups(c.OutOrStdout(), groups)
		}
		if err != nil || *export == "" {
			return err
		}
		rows, err := pipeline.ExportRejects(c.Context(), settings, *export, log)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.ErrOrStderr(), "wrote %d rows to %s\n", rows, *export)
		return err
	}
	return c
}

func writeRejectGroups(w io.Writer, groups []pipeline.RejectGroup) error {
	if len(groups) == 0 {
		_, err := fmt.Fprintln(w, "No rows were rejected.")
		return err
	}
	var b strings.Builder
	for _, g := range groups {
		fmt.Fprintf(&b, "%-24s %8d rows in %d files, such as %s\n", g.Reason, g.Rows, g.Files, g.Example)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
