package main

import (
	"fmt"
	"time"

	"entrepot/pipeline/runlog"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

func newHistory() *cobra.Command {
	c := &cobra.Command{
		Use:   "history",
		Short: "List the runs, the newest last",
		Long: `History lists what happened to the output folder, the newest last: each run with its
outcome and release, and each rollback and unpin. Where current was pointed to another
release, was is the one that it pointed to before.`,
		Args: cobra.NoArgs,
	}
	asJSON := addJSON(c.Flags())
	limit := c.Flags().IntP("last", "n", 20, "show this many runs; 0 shows all")
	out := addOut(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		folder, err := out(c)
		if err != nil {
			return err
		}
		records, err := runlog.History(folder)
		if err != nil {
			return err
		}
		if *limit > 0 && len(records) > *limit {
			records = records[len(records)-*limit:]
		}
		if *asJSON {
			return writeJSON(c.OutOrStdout(), records)
		}
		t := plainTable("started", "outcome", "release", "was", "files read", "tables made", "rows rejected", "seconds")
		for _, r := range records {
			t.AppendRow(table.Row{r.Started.Format(time.DateTime), r.Outcome, r.Release, r.Was,
				fmt.Sprintf("%d of %d", r.FilesNew, r.Files), r.Tables, r.Rejected, fmt.Sprintf("%.2f", r.Seconds)})
		}
		_, err = fmt.Fprintln(c.OutOrStdout(), t.Render())
		return err
	}
	return c
}
