package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"entrepot/pipeline"

	"entrepot/pipeline/usage"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
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
	for _, sub := range c.Commands() {
		sub.Args = usageArgs(sub.Args)
	}
	return c
}

func newSourcesCheck() *cobra.Command {
	c := &cobra.Command{
		Use:   "check FILE…",
		Short: "Say what trade files are, what they cover and what would be rejected",
		Long: `Check reads files, or all files of a folder, as a run would, and loads nothing. It
says what each file is, its unit, reporters, years, flows, levels and HS revisions,
how many rows would be rejected and why, and what the file does not say itself.

It ends with exit code 3 when a file can't be used or rows would be rejected.`,
		Example: `  entrepot sources check downloads/TradeData_4_17_2026_11_54_35.csv
  entrepot sources check --json downloads | jq '.[] | select(.refusal)'`,
		Args: cobra.MinimumNArgs(1),
	}
	asJSON := addJSON(c.Flags())
	prepare := addLooking(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		settings, _, err := prepare(c)
		if err != nil {
			return err
		}
		checks, err := pipeline.CheckSources(c.Context(), settings, args)
		if err != nil {
			return err
		}
		if *asJSON {
			err = writeJSON(c.OutOrStdout(), checks)
		} else {
			err = writeSourceChecks(c.OutOrStdout(), checks)
		}
		if err != nil {
			return err
		}
		return shortOf(checks)
	}
	return c
}

// shortOf says which files can't be used as a whole.
func shortOf(checks []pipeline.SourceCheck) error {
	refused, rejects := 0, int64(0)
	for _, c := range checks {
		if c.Refusal != "" {
			refused++
		}
		for _, r := range c.Rejects {
			rejects += r.Rows
		}
	}
	if refused == 0 && rejects == 0 {
		return nil
	}
	return &incomplete{what: "checked", shortfalls: []string{fmt.Sprintf("%d of %s can't be used and %s would be rejected", refused, count(int64(len(checks)), "file"), count(rejects, "row"))}}
}

func writeSourceChecks(w io.Writer, checks []pipeline.SourceCheck) error {
	var b strings.Builder
	for i, c := range checks {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s\n", c.Name)
		if c.Refusal != "" {
			fmt.Fprintf(&b, "  can't be used: it %s\n", c.Refusal)
			continue
		}
		for _, line := range sourceLines(c) {
			if line[1] != "" {
				fmt.Fprintf(&b, "  %-10s %s\n", line[0], line[1])
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func sourceLines(c pipeline.SourceCheck) [][2]string {
	partners := ""
	switch {
	case c.World && c.Partners > 0:
		partners = fmt.Sprintf("World and %d others", c.Partners)
	case c.World:
		partners = "World"
	case c.Partners > 0:
		partners = fmt.Sprintf("%d, without World", c.Partners)
	}
	var levels []string
	for _, l := range c.Levels {
		levels = append(levels, fmt.Sprintf("%s %d", l.Reason, l.Rows))
	}
	lines := [][2]string{
		{"format", c.Format + ", source " + c.Source},
		{"unit", c.Unit},
		{"reporters", shorten(c.Reporters, 8)},
		{"partners", partners},
		{"flows", strings.NewReplacer("M", "imports", "X", "exports").Replace(strings.Join(c.Flows, ", "))},
		{"years", yearSpans(c.Years) + map[bool]string{true: ", with months"}[c.Monthly]},
		{"revisions", strings.Join(c.Revisions, ", ")},
		{"rows", fmt.Sprintf("%d read, %d staged: %s", c.Read, c.Staged, strings.Join(levels, ", "))},
		{"downloaded", c.Vintage},
	}
	if len(c.LeftOut) > 0 {
		lines = append(lines, [2]string{"left out", reasons(c.LeftOut)})
	}
	if len(c.Rejects) > 0 {
		lines = append(lines, [2]string{"rejected", reasons(c.Rejects)})
		for _, e := range c.Examples {
			lines = append(lines, [2]string{"", e})
		}
	}
	return append(lines, [2]string{"note", c.Note})
}

// shorten lists the first names and counts the rest.
func shorten(names []string, most int) string {
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// yearSpans writes 2015, 2016, 2017, 2020 as 2015–2017, 2020.
func yearSpans(years []int) string {
	var spans []string
	for i := 0; i < len(years); {
		j := i
		for j+1 < len(years) && years[j+1] == years[j]+1 {
			j++
		}
		if span := strconv.Itoa(years[i]); j > i {
			spans = append(spans, span+"–"+strconv.Itoa(years[j]))
		} else {
			spans = append(spans, span)
		}
		i = j + 1
	}
	return strings.Join(spans, ", ")
}

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
	prepare := addLooking(c)
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
	_, err := fmt.Fprintf(w, "%s\n%d cells differ, %d shown.\n", t.Render(), len(conflicts), len(shown))
	return err
}

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
