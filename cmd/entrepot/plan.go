package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"entrepot/pipeline"
	"entrepot/pipeline/phrase"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

func newPlan() *cobra.Command {
	c := &cobra.Command{
		Use:   "plan",
		Short: "Show what a run would do, and why, without doing it",
		Long: `Plan lists every step of a run: what would run and why, what may run, because it is made
of a table that may come out different (action maybe), and what would be skipped.
What is up to date is decided by content: a file that was only touched is skipped.`,
		Example: `  entrepot plan --data downloads --out results
  entrepot plan --data downloads --out results --dominance-share 40%`,
		Args: cobra.NoArgs,
	}
	selection := addSelection(c.Flags())
	all := c.Flags().Bool("all", false, "list the steps that would be skipped one by one, too")
	asJSON := addJSON(c.Flags())
	prepare := addReading(c)
	c.RunE = func(c *cobra.Command, _ []string) (err error) {
		settings, log, err := prepare(c)
		if err != nil {
			return err
		}
		remove, err := borrowSample(c.Flags(), settings, log)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, remove()) }()
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
	onEngine := slices.ContainsFunc(steps, func(s pipeline.PlannedStep) bool { return s.Engine != "" })
	heads := []any{"stage", "step", "action", "why"}
	if onEngine {
		heads = []any{"stage", "step", "action", "engine", "why"}
	}
	t := plainTable(heads...)
	of := map[string]int{}
	for _, s := range steps {
		of[s.Action]++
		if s.Action == "skip" && !all {
			continue
		}
		row := table.Row{s.Stage, s.Step, s.Action, s.Reason}
		if onEngine {
			row = table.Row{s.Stage, s.Step, s.Action, s.Engine, s.Reason}
		}
		t.AppendRow(row)
	}
	if t.Length() > 0 {
		if _, err := fmt.Fprintln(w, t.Render()); err != nil {
			return err
		}
	}
	may := ""
	if of["maybe"] > 0 {
		may = fmt.Sprintf(" %d more may,", of["maybe"])
	}
	_, err := fmt.Fprintf(w, "%s would run,%s %d would be skipped.\n", phrase.Count(len(steps)-of["maybe"]-of["skip"], "step"), may, of["skip"])
	return err
}
