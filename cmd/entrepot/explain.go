package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"entrepot/pipeline/phrase"
	"entrepot/pipeline/release"
	"entrepot/pipeline/usage"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
)

func newExplain() *cobra.Command {
	c := &cobra.Command{
		Use:   "explain FIGURE",
		Short: "Show the codes and input lines behind a number",
		Long: `Explain lists the codes behind one cell of a figure, with their values: figure14
(import dependence), figure27 (dominance), figure26 (export share) or table7
(partner-group share). With --lines it adds the file and line of every value.

It reads the published release only, so it works while a run is going on.`,
		Example: `  entrepot explain figure14 --sector aerospace --year 2023
  entrepot explain figure27 --sector power --year 2021 --lines --out results`,
		Args: cobra.ExactArgs(1),
	}
	var q release.Question
	c.Flags().StringVar(&q.Sector, "sector", "", "sector of the cell (required)")
	c.Flags().IntVar(&q.Year, "year", 0, "year of the cell (required)")
	c.Flags().BoolVar(&q.Lines, "lines", false, "show the file and line of every value")
	c.Flags().StringVar(&q.Release, "release", "", "release to look into (default the current one)")
	asJSON := addJSON(c.Flags())
	out := addOut(c)
	c.RunE = func(c *cobra.Command, args []string) (err error) {
		if q.Sector == "" || q.Year == 0 {
			return usage.Errorf("explain needs --sector and --year")
		}
		q.Figure = args[0]
		if q.Out, err = out(c); err != nil {
			return err
		}
		e, err := release.Explain(c.Context(), q)
		if err != nil {
			return err
		}
		if *asJSON {
			return writeJSON(c.OutOrStdout(), e)
		}
		return showExplanation(c.OutOrStdout(), e)
	}
	return c
}

func showExplanation(w io.Writer, e *release.Explanation) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s in %d, release %s\n", e.Title, e.Sector, e.Year, e.Release)
	for _, key := range []string{"codes_listed", "codes_traded", "codes_dependent", "dependent_share", "codes_exported", "codes_dominated", "dominated_share",
		"exports_usd", "world_exports_usd", "export_share", "imports_usd", "group_imports_usd", "group_share", "split_usd"} {
		if value, ok := e.Cell[key]; ok {
			fmt.Fprintf(&b, "  %-18s %s\n", key, number(value))
		}
	}
	header := []any{"hs6"}
	var right []table.ColumnConfig
	for i, c := range e.Columns {
		header = append(header, c)
		right = append(right, table.ColumnConfig{Number: i + 2, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t := plainTable(header...)
	t.SetColumnConfigs(right)
	untraded := 0
	traded := slices.Index(e.Columns, "traded")
	for _, c := range e.Codes {
		if traded >= 0 && c.Values[traded] == false {
			untraded++
			continue
		}
		row := table.Row{c.HS6}
		for _, v := range c.Values {
			row = append(row, number(v))
		}
		t.AppendRow(row)
	}
	b.WriteString(t.Render() + "\n")
	if untraded > 0 {
		fmt.Fprintf(&b, "and %s of the sector that the reporter does not trade\n", phrase.Count(untraded, "code"))
	}
	for _, c := range e.Codes {
		for _, l := range c.Lines {
			fmt.Fprintf(&b, "%s  %s:%d  %s %d with %d, %s %s: %s US dollars", c.HS6, l.File, l.Line, flowName(l.Flow), l.Reporter, l.Partner, l.Revision, l.HS6, number(l.Value))
			if l.Used != l.Value {
				fmt.Fprintf(&b, ", of which %s here", number(l.Used))
			}
			b.WriteString("\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func flowName(flow string) string {
	if flow == "M" {
		return "imports of"
	}
	return "exports of"
}
