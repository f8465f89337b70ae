package main

import (
	"fmt"
	"io"
	"strconv"

	"entrepot/pipeline"
	"entrepot/pipeline/phrase"
	"entrepot/pipeline/usage"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
)

func newSourcesConflicts() *cobra.Command {
	c := &cobra.Command{
		Use:   "conflicts",
		Short: "List the cells in which two sources differ",
		Long: `Conflicts lists the cells (reporter, partner, flow, period, HS revision and code) of
which two sources have different values, the largest difference first: the value
that counts, the one that lost, and the difference in per cent of the first. The
setting source_order says which source counts.

Sources that have a reporter's year in different HS revisions are not compared cell
by cell: the most trusted source's revision counts.`,
		Example: `  entrepot sources conflicts --out results
  entrepot sources conflicts --out results --above 5 --limit 100`,
		Args: cobra.NoArgs,
	}
	asJSON := addJSON(c.Flags())
	limit := c.Flags().Int("limit", 20, "conflicts to show; 0 shows all")
	above := c.Flags().Float64("above", 0, "leave out differences up to so many per cent")
	prepare := addLooking(c, "out", "wait", "memory_limit", "threads")
	c.RunE = func(c *cobra.Command, _ []string) error {
		settings, log, err := prepare(c)
		if err != nil {
			return err
		}
		if *above < 0 || *above > 10000 || *limit < 0 {
			return usage.Errorf("--above must be between 0 and 10000 per cent, --limit 0 or more")
		}
		conflicts, err := pipeline.Conflicts(c.Context(), settings, strconv.FormatFloat(*above, 'f', 4, 64), log)
		if err != nil {
			return err
		}
		if *asJSON {
			return writeJSON(c.OutOrStdout(), conflicts)
		}
		return writeConflicts(c.OutOrStdout(), conflicts, *limit)
	}
	return c
}

func writeConflicts(w io.Writer, conflicts []pipeline.Conflict, limit int) error {
	if len(conflicts) == 0 {
		_, err := fmt.Fprintln(w, "No two sources differ in a cell.")
		return err
	}
	shown := conflicts
	if limit > 0 && len(shown) > limit {
		shown = shown[:limit]
	}
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	t.AppendHeader(table.Row{"period", "reporter", "flow", "partner", "code", "counts", "US dollars", "other", "US dollars", "difference"})
	var right []table.ColumnConfig
	for _, n := range []int{7, 9, 10} {
		right = append(right, table.ColumnConfig{Number: n, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(right)
	for _, x := range shown {
		period := strconv.Itoa(x.Year)
		if x.Month > 0 {
			period = fmt.Sprintf("%d-%02d", x.Year, x.Month)
		}
		t.AppendRow(table.Row{period, x.Reporter, x.Flow, x.Partner, x.Revision + " " + x.Code, x.SourceA, fmt.Sprintf("%.0f", x.ValueA),
			x.SourceB, fmt.Sprintf("%.0f", x.ValueB), fmt.Sprintf("%+.1f%%", x.Percent)})
	}
	n := len(conflicts)
	_, err := fmt.Fprintf(w, "%s\n%s %s, %d shown.\n", t.Render(), phrase.Count(n, "cell"), phrase.Plural(n, "differs", "differ"), len(shown))
	return err
}
