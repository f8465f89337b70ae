package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"entrepot/pipeline/phrase"
	"entrepot/pipeline/release"

	"github.com/spf13/cobra"
)

func newDiff() *cobra.Command {
	c := &cobra.Command{
		Use:   "diff RELEASE [RELEASE]",
		Short: "Show which rows changed between two releases, and why",
		Long: `Diff compares a release with another (by default the current one): parameters,
reference tables and input files that changed, and each row of a published table
that changed, came or went, with its causes and their shares of the change. For
counts a share is of the codes that changed sides, for values of the US dollars that
changed. Rows without input lines behind them name what differs between the releases.

Of each table the largest changes are shown; --all shows every one, --table keeps to
some tables, and --json has all rows with all columns that changed.`,
		Example: `  entrepot diff 4f1c0a9be27d
  entrepot diff 4f1c0a9be27d 9d02c7711a3e --table figure14 --all
  entrepot diff 4f1c0a9be27d --json`,
		Args: cobra.RangeArgs(1, 2),
	}
	var compared release.Comparison
	c.Flags().StringSliceVar(&compared.Tables, "table", nil, "compare these tables or figures only, such as dominance or figure14")
	everything := c.Flags().Bool("all", false, "show all rows that changed")
	asJSON := addJSON(c.Flags())
	out := addOut(c)
	c.RunE = func(c *cobra.Command, args []string) (err error) {
		if compared.Out, err = out(c); err != nil {
			return err
		}
		compared.From = args[0]
		if len(args) == 2 {
			compared.To = args[1]
		}
		if !*everything && !*asJSON {
			compared.Most = shownChanges
		}
		d, err := release.Diff(c.Context(), compared)
		if err != nil {
			return err
		}
		if *asJSON {
			return writeJSON(c.OutOrStdout(), d)
		}
		return showDiff(c.OutOrStdout(), d)
	}
	return c
}

// What the terminal shows of a difference: rows of a table, columns of a row that has
// no part and whole, codes of a cause.
const (
	shownChanges = 10
	shownColumns = 6
	shownCodes   = 12
)

func showDiff(w io.Writer, d *release.Difference) error {
	var b strings.Builder
	fmt.Fprintf(&b, "From release %s to %s:\n", d.From, d.To)
	for _, p := range d.Parameters {
		fmt.Fprintf(&b, "  %s: %s, was %s\n", p.Name, valueText(p.To), valueText(p.From))
	}
	for _, table := range d.Reference {
		fmt.Fprintf(&b, "  reference table %s changed\n", table)
	}
	for _, in := range d.Inputs {
		fmt.Fprintf(&b, "  input %s is %s\n", in.Name, in.Change)
	}
	for _, t := range d.Tables {
		writeTableChange(&b, t)
	}
	if len(d.Tables) == 0 {
		b.WriteString("No row of the tables changed.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// valueText is a parameter, which a release of a version that did not know it lacks.
func valueText(value any) string {
	if value == nil {
		return "not set"
	}
	return fmt.Sprint(value)
}

func writeTableChange(b *strings.Builder, t release.TableChange) {
	if t.OnlyIn != "" {
		fmt.Fprintf(b, "%s: only release %s has the table\n", t.Table, t.OnlyIn)
		return
	}
	for _, row := range t.Rows {
		fmt.Fprintf(b, "%s%s%s: %s", t.Table, keyValues(row.Key), keyNames(row.Names), changeText(row))
		if len(row.Causes) == 1 && len(row.Causes[0].Codes) == 0 {
			fmt.Fprintf(b, " (%s)\n", row.Causes[0].Reason)
			continue
		}
		b.WriteString("\n")
		for _, cause := range row.Causes {
			fmt.Fprintf(b, "  %3.0f%%  %s (%s)\n", 100*cause.Share, cause.Reason, shorten(cause.Codes, shownCodes))
		}
	}
	if all := t.Changed + t.New + t.Gone; all > len(t.Rows) {
		fmt.Fprintf(b, "%s: the largest %d of %s (%d changed, %d new, %d gone); --table %s --all shows all\n",
			t.Table, len(t.Rows), phrase.Count(all, "row"), t.Changed, t.New, t.Gone, t.Table)
	}
}

func keyValues(key release.Row) string {
	text := ""
	for _, f := range key {
		text += " " + number(f.Value)
	}
	return text
}

// keyNames says in brackets what the codes of a key are called.
func keyNames(names release.Row) string {
	var all []string
	for _, f := range names {
		if name, ok := f.Value.(string); ok {
			all = append(all, phrase.Cut(name, shortNameWidth))
		}
	}
	if len(all) == 0 {
		return ""
	}
	return " (" + strings.Join(all, ", ") + ")"
}

// changeText says how a row changed: by its part and whole, if it has these.
func changeText(row release.RowChange) string {
	if r := row.Ratio; r != nil && row.Change == "changed" {
		return ratio(r.ToPart, r.ToOf) + ", was " + ratio(r.FromPart, r.FromOf)
	}
	if r := row.Ratio; r != nil {
		return row.Change + ", " + ratio(cmp.Or(r.ToPart, r.FromPart), cmp.Or(r.ToOf, r.FromOf))
	}
	var all []string
	for _, c := range row.Columns {
		all = append(all, fmt.Sprintf("%s %s, was %s", c.Name, number(c.To), number(c.From)))
	}
	for _, f := range row.Values {
		if f.Value != nil {
			all = append(all, f.Column+" "+number(f.Value))
		}
	}
	text := strings.Join(all[:min(shownColumns, len(all))], "; ")
	if len(all) > shownColumns {
		text += fmt.Sprintf("; and %s", phrase.Count(len(all)-shownColumns, "more column"))
	}
	if row.Change != "changed" {
		text = row.Change + ", " + text
	}
	return text
}

func ratio(part, of *float64) string {
	if part == nil || of == nil || *of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f%% (%s/%s)", 100**part / *of, number(*part), number(*of))
}
