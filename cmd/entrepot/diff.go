package main

import (
	"fmt"
	"io"
	"strings"

	"entrepot/pipeline/release"

	"github.com/spf13/cobra"
)

func newDiff() *cobra.Command {
	c := &cobra.Command{
		Use:   "diff RELEASE [RELEASE]",
		Short: "Show which cells changed between two releases, and why",
		Long: `Diff compares a release with another (by default the current one): parameters,
reference tables and input files that changed, and each cell of the figures that
changed, with its causes and their shares of the change. For counts a share is of
the codes that changed sides, for values of the US dollars that changed.`,
		Example: `  entrepot diff 4f1c0a9be27d
  entrepot diff 4f1c0a9be27d 9d02c7711a3e --json`,
		Args: cobra.RangeArgs(1, 2),
	}
	asJSON := addJSON(c.Flags())
	out := addOut(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		folder, err := out(c)
		if err != nil {
			return err
		}
		to := ""
		if len(args) == 2 {
			to = args[1]
		}
		d, err := release.Diff(c.Context(), folder, args[0], to)
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

func showDiff(w io.Writer, d *release.Difference) error {
	var b strings.Builder
	fmt.Fprintf(&b, "From release %s to %s:\n", d.From, d.To)
	for _, p := range d.Parameters {
		fmt.Fprintf(&b, "  %s: %v, was %v\n", p.Name, p.To, p.From)
	}
	for _, table := range d.Reference {
		fmt.Fprintf(&b, "  reference table %s changed\n", table)
	}
	for _, in := range d.Inputs {
		fmt.Fprintf(&b, "  input %s is %s\n", in.Name, in.Change)
	}
	for _, cell := range d.Cells {
		fmt.Fprintf(&b, "%s %s %d: %s, was %s\n", cell.Measure, cell.Sector, cell.Year, ratio(cell.ToPart, cell.ToOf), ratio(cell.FromPart, cell.FromOf))
		for _, cause := range cell.Causes {
			fmt.Fprintf(&b, "  %3.0f%%  %s (%s)\n", 100*cause.Share, cause.Reason, strings.Join(cause.Codes, ", "))
		}
	}
	if len(d.Cells) == 0 {
		b.WriteString("No cell of the figures changed.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func ratio(part, of *float64) string {
	if part == nil || of == nil || *of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f%% (%s/%s)", 100**part / *of, number(*part), number(*of))
}
