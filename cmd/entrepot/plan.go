package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"entrepot/pipeline"

	"entrepot/pipeline/runlog"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newPlan() *cobra.Command {
	c := &cobra.Command{
		Use:   "plan",
		Short: "Show what a run would do, and why, without doing it",
		Long: `Plan lists every step of a run: what would run and why, and what would be skipped.
What is up to date is decided by content: a file that was only touched is skipped.`,
		Example: `  entrepot plan --data downloads --out results
  entrepot plan --data downloads --out results --dominance-share 40%`,
		Args: cobra.NoArgs,
	}
	selection := addSelection(c.Flags())
	all := c.Flags().Bool("all", false, "list the steps that would be skipped one by one, too")
	asJSON := addJSON(c.Flags())
	prepare := addCommon(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		settings, log, err := prepare(c)
		if err != nil {
			return err
		}
		steps, err := pipeline.Plan(c.Context(), settings, selection(), log)
		if err != nil {
			return err
		}
		if *asJSON {
			return writeJSON(c.OutOrStdout(), steps)
		}
		return showPlan(c.OutOrStdout(), steps, *all)
	}
	return c
}

func showPlan(w io.Writer, steps []pipeline.PlannedStep, all bool) error {
	t := plainTable("stage", "step", "action", "why")
	skipped := 0
	for _, s := range steps {
		if s.Action == "skip" {
			skipped++
			if !all {
				continue
			}
		}
		t.AppendRow(table.Row{s.Stage, s.Step, s.Action, s.Reason})
	}
	if t.Length() > 0 {
		if _, err := fmt.Fprintln(w, t.Render()); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%d steps would run, %d would be skipped.\n", len(steps)-skipped, skipped)
	return err
}

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
	t := plainTable("stage", "step", "state", "rows in", "rows out", "bytes", "seconds")
	for _, step := range s.Steps {
		size := ""
		if step.Bytes > 0 {
			size = fmt.Sprint(step.Bytes)
		}
		t.AppendRow(table.Row{step.Stage, step.Step, step.State, step.RowsIn, step.RowsOut, size, fmt.Sprintf("%.2f", step.Seconds)})
	}
	var right []table.ColumnConfig
	for _, column := range []int{4, 5, 6, 7} {
		right = append(right, table.ColumnConfig{Number: column, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(right)
	_, err := fmt.Fprintf(w, "%s\nRun of %s: %s. Release: %s.\n", t.Render(), s.Since.Format(time.DateTime), s.State, orNone(s.Release))
	return err
}

func newHistory() *cobra.Command {
	c := &cobra.Command{
		Use:   "history",
		Short: "List the runs, the newest last",
		Args:  cobra.NoArgs,
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
		t := plainTable("started", "outcome", "release", "files read", "tables made", "rows rejected", "seconds")
		for _, r := range records {
			t.AppendRow(table.Row{r.Started.Format(time.DateTime), r.Outcome, r.Release, fmt.Sprintf("%d of %d", r.FilesNew, r.Files), r.Tables, r.Rejected, fmt.Sprintf("%.2f", r.Seconds)})
		}
		_, err = fmt.Fprintln(c.OutOrStdout(), t.Render())
		return err
	}
	return c
}

// plainTable has no frame, so that grep and awk can use it.
func plainTable(header ...any) table.Writer {
	t := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	t.AppendHeader(header)
	return t
}

func addJSON(flags *pflag.FlagSet) *bool {
	return flags.Bool("json", false, "print JSON for other programs")
}

func writeJSON(w io.Writer, value any) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(value)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// count writes a number with its noun: "1 row", "2 rows".
func count(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
