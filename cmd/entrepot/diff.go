package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"entrepot/pipeline"

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

var errNotVerified = errors.New("the release is not what its manifest says, or can't be reproduced")

func newVerify() *cobra.Command {
	c := &cobra.Command{
		Use:   "verify [RELEASE]",
		Short: "Compute a release anew and compare the bytes",
		Long: `Verify computes a release (by default the current one) anew from the input files,
with the parameters of its manifest, in a folder of its own, and compares the
bytes. It fails when a file differs, or when the inputs are no longer those of the
release. Nothing is changed.`,
		Args: cobra.MaximumNArgs(1),
	}
	asJSON := addJSON(c.Flags())
	prepare := addCommon(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		settings, log, err := prepare(c)
		if err != nil {
			return err
		}
		id := ""
		if len(args) == 1 {
			id = args[0]
		}
		v, err := pipeline.Verify(c.Context(), settings, id, log)
		if err != nil {
			return err
		}
		if *asJSON {
			err = writeJSON(c.OutOrStdout(), v)
		} else {
			err = showVerification(c.OutOrStdout(), v)
		}
		if err == nil && !v.OK() {
			err = errNotVerified
		}
		return err
	}
	return c
}

func showVerification(w io.Writer, v *pipeline.Verification) error {
	var b strings.Builder
	for _, f := range v.Files {
		verdict := "ok"
		switch {
		case !f.Intact:
			verdict = "DAMAGED: it is not what the manifest says"
		case !f.Reproduced:
			verdict = "DIFFERS: computing it anew gives other bytes"
		}
		fmt.Fprintf(&b, "%-34s %s\n", f.Name, verdict)
	}
	if v.OK() {
		fmt.Fprintf(&b, "Release %s is intact, and computing it anew gives the same bytes.\n", v.Release)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
