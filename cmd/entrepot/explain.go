package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
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
		Use:   "explain TABLE|FIGURE",
		Short: "Show what stands behind a row: its codes and input lines",
		Long: `Explain shows a row of a published table and the rows of other tables that stand
behind it: the codes of a sector behind a share, the findings behind a quality
check, the missing reporters behind a year's coverage. With --lines it adds the
file and line of every value.

A table is named by its name or by a figure, such as figure14, "Figure 17" or
table7. A row is picked by its key: --sector, --year, and --where for the other
columns. Where several rows match, the message lists what there is.

It reads the published release only, so it works while a run is going on.`,
		Example: `  entrepot explain figure14 --sector aerospace --year 2023
  entrepot explain figure27 --sector power --year 2021 --lines --out results
  entrepot explain vulnerabilities --where hs4=8542
  entrepot explain dominance_sensitivity --sector rail --year 2023 --where share=0.2`,
		Args: cobra.ExactArgs(1),
	}
	var q release.Question
	sector := c.Flags().String("sector", "", "sector of the row")
	year := c.Flags().Int("year", 0, "year of the row")
	reporter := c.Flags().String("reporter", "", "reporter of the row, of a release of several: number, code or name (default the first)")
	where := c.Flags().StringArray("where", nil, "another column of the row, as column=value; may be repeated")
	c.Flags().BoolVar(&q.Lines, "lines", false, "show the file and line of every value")
	c.Flags().StringVar(&q.Release, "release", "", "release to look into (default the current one)")
	asJSON := addJSON(c.Flags())
	out := addOut(c)
	c.RunE = func(c *cobra.Command, args []string) (err error) {
		q.Table = args[0]
		if q.Where, err = conditions(*sector, *year, *where); err != nil {
			return err
		}
		if *reporter != "" {
			q.Where = append(q.Where, release.Condition{Column: "reporter", Value: *reporter})
		}
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

// conditions are those that pick a row.
func conditions(sector string, year int, where []string) ([]release.Condition, error) {
	var all []release.Condition
	if sector != "" {
		all = append(all, release.Condition{Column: "sector", Value: sector})
	}
	if year != 0 {
		all = append(all, release.Condition{Column: "year", Value: strconv.Itoa(year)})
	}
	for _, text := range where {
		column, value, ok := strings.Cut(text, "=")
		if !ok {
			return nil, usage.Errorf("--where %q: write it as column=value, such as hs4=8542", text)
		}
		all = append(all, release.Condition{Column: column, Value: value})
	}
	return all, nil
}

func showExplanation(w io.Writer, e *release.Explanation) error {
	var b strings.Builder
	if len(e.Rows) > 1 {
		fmt.Fprintf(&b, "%s: %s, release %s\n", e.Title, phrase.Count(int64(len(e.Rows))+e.More, "row"), e.Release)
		writeRows(&b, e)
	} else {
		fmt.Fprintf(&b, "%s: %s, release %s\n", e.Title, keyText(e.Rows[0], e.Key), e.Release)
		writeFields(&b, e.Rows[0], e.Key)
	}
	for _, behind := range e.Behind {
		if len(e.Behind) > 1 {
			fmt.Fprintf(&b, "%s (%s):\n", behind.Title, behind.Table)
		}
		writeBehind(&b, behind)
	}
	for _, l := range e.Lines {
		writeLine(&b, l.HS6, l)
	}
	if e.Note != "" {
		b.WriteString(e.Note + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// keyText names a row: "power in 2023", "hs4 8542".
func keyText(row release.Row, key []string) string {
	var words []string
	of := "" // whose
	for _, column := range key {
		switch value := number(row.Value(column)); column {
		case "sector":
			words = append(words, value)
		case "year":
			words = append(words, "in "+value)
		case "reporter":
			of = " of " + cmp.Or(number(row.Value("reporter_name")), value)
		default:
			words = append(words, column+" "+value)
		}
	}
	return strings.Join(words, " ") + of
}

// writeFields writes a row, a line for each column that is not in its key.
func writeFields(b *strings.Builder, row release.Row, key []string) {
	widest := 18
	for _, f := range row {
		widest = max(widest, len(f.Column))
	}
	for _, f := range row {
		if !slices.Contains(key, f.Column) {
			fmt.Fprintf(b, "  %-*s %s\n", widest, f.Column, number(f.Value))
		}
	}
}

// shownRows is how many rows the terminal shows of a table that nothing stands behind.
const shownRows = 20

func writeRows(b *strings.Builder, e *release.Explanation) {
	var header []any
	var columns []table.ColumnConfig
	for i, f := range e.Rows[0] {
		header = append(header, f.Column)
		if c, _ := e.Output.Column(f.Column); c.NameOf != "" {
			columns = append(columns, table.ColumnConfig{Number: i + 1, WidthMax: shortNameWidth, WidthMaxEnforcer: phrase.Cut})
		}
	}
	t := plainTable(header...)
	t.SetColumnConfigs(columns)
	for _, row := range e.Rows[:min(shownRows, len(e.Rows))] {
		var cells table.Row
		for _, f := range row {
			cells = append(cells, number(f.Value))
		}
		t.AppendRow(cells)
	}
	b.WriteString(t.Render() + "\n")
	if more := int64(len(e.Rows)) + e.More - shownRows; more > 0 {
		fmt.Fprintf(b, "and %s; name more of its columns with --where, or use --json\n", phrase.Count(more, "more row"))
	}
}

func writeBehind(b *strings.Builder, behind release.Behind) {
	if len(behind.Rows) == 0 {
		fmt.Fprintf(b, "No row of %s stands behind it.\n", behind.Table)
		return
	}
	var header []any
	var columns []table.ColumnConfig
	for i, c := range behind.Columns {
		header = append(header, c)
		switch {
		case i >= len(behind.Columns)-behind.Names:
			columns = append(columns, table.ColumnConfig{Number: i + 1, WidthMax: shortNameWidth, WidthMaxEnforcer: phrase.Cut})
		case i >= behind.Keys:
			columns = append(columns, table.ColumnConfig{Number: i + 1, Align: text.AlignRight, AlignHeader: text.AlignRight})
		}
	}
	t := plainTable(header...)
	t.SetColumnConfigs(columns)
	idle := int64(0)
	counts := slices.Index(behind.Columns, behind.Idle)
	for _, row := range behind.Rows {
		if counts >= 0 && row.Values[counts] == false {
			idle++
			continue
		}
		var cells table.Row
		for _, v := range row.Values {
			cells = append(cells, number(v))
		}
		t.AppendRow(cells)
	}
	b.WriteString(t.Render() + "\n")
	if idle > 0 {
		noun, which, _ := strings.Cut(behind.IdleIs, " ")
		fmt.Fprintf(b, "and %s %s\n", phrase.Count(idle, noun), which)
	}
	for _, row := range behind.Rows {
		var key []string
		for _, v := range row.Values[:behind.Keys] {
			key = append(key, number(v))
		}
		for _, l := range row.Lines {
			writeLine(b, strings.Join(key, " "), l)
		}
	}
}

// writeLine writes a value of an input file and where it stands; a sum over partners or months
// stands on no line.
func writeLine(b *strings.Builder, key string, l release.Line) {
	at := fmt.Sprintf("%s:%d", l.File, l.Line)
	if l.Line == 0 {
		at = l.File + " (sum of its rows)"
	}
	fmt.Fprintf(b, "%s  %s  %s %s with %s, %s %s: %s US dollars", key, at,
		flowName(l.Flow), cmp.Or(l.ReporterName, strconv.Itoa(int(l.Reporter))), cmp.Or(l.PartnerName, strconv.Itoa(int(l.Partner))),
		l.Revision, l.HS6, number(l.Value))
	if l.Used != l.Value {
		fmt.Fprintf(b, ", of which %s here", number(l.Used))
	}
	b.WriteString("\n")
}

func flowName(flow string) string {
	if flow == "M" {
		return "imports of"
	}
	return "exports of"
}
