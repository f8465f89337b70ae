package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"entrepot/pipeline/release/store"
	"entrepot/pipeline/runlog"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
)

func newStatus() *cobra.Command {
	c := &cobra.Command{
		Use:   "status",
		Short: "Show the state of every file and step",
		Long: `Status shows, for the output folder, how the last run ended or that one is going
on, and for every input file and table its state, rows in and out, duration and
size. It works while a run is going on.`,
		Args: cobra.NoArgs,
	}
	asJSON := addJSON(c.Flags())
	out := addOut(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		folder, err := out(c)
		if err != nil {
			return err
		}
		s, err := runlog.ReadStatus(folder)
		if err != nil {
			return err
		}
		if *asJSON {
			return writeJSON(c.OutOrStdout(), s)
		}
		return showStatus(c.OutOrStdout(), s)
	}
	return c
}

func showStatus(w io.Writer, s *runlog.Status) error {
	heads := []any{"stage", "step", "state", "rows in", "rows out", "bytes", "seconds"}
	onEngine := slices.ContainsFunc(s.Steps, func(step runlog.StepStatus) bool { return step.Engine != "" })
	if onEngine {
		heads = append(heads, "engine", "query")
	}
	t := plainTable(heads...)
	for _, step := range s.Steps {
		size := ""
		if step.Bytes > 0 {
			size = fmt.Sprint(step.Bytes)
		}
		row := table.Row{step.Stage, step.Step, step.State, step.RowsIn, step.RowsOut, size, fmt.Sprintf("%.2f", step.Seconds)}
		if onEngine {
			row = append(row, step.Engine, queryText(step.Queries))
		}
		t.AppendRow(row)
	}
	var right []table.ColumnConfig
	for _, column := range []int{4, 5, 6, 7} {
		right = append(right, table.ColumnConfig{Number: column, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(right)
	_, err := fmt.Fprintf(w, "%s\nRun of %s: %s. Release: %s.%s\n", t.Render(), s.Since.Format(time.DateTime), s.State, orNone(s.Release), pinText(s.Pin))
	return err
}

// queryText is the query that made a table, the last of those that its step needed.
func queryText(queries []string) string {
	switch n := len(queries); n {
	case 0:
		return ""
	case 1:
		return queries[0]
	default:
		return fmt.Sprintf("%s and %d before it", queries[n-1], n-1)
	}
}

// pinText says what holds current, behind what it points to.
func pinText(p *store.Pin) string {
	if p == nil {
		return ""
	}
	text := fmt.Sprintf(" Pinned to %s since %s", p.Release, p.Since.Format(time.DateTime))
	if p.Beside != "" {
		text += "; the release of the input files is " + p.Beside
	}
	return text + "; 'entrepot unpin' lets the next run switch."
}
