package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"entrepot/pipeline/export"
	"entrepot/pipeline/phrase"

	"github.com/spf13/cobra"
)

func newExport() *cobra.Command {
	c := &cobra.Command{
		Use:   "export --format xlsx|csv|dta|parquet [TABLE|FIGURE...]",
		Short: "Write tables of a release for Excel, Stata and other programs",
		Long: `Export writes the tables of a release, or those that are named, in the form that
other programs take:

  xlsx     one workbook: a sheet that says what it is, Figures 14 and 27 as charts of
           Excel's own, a sheet for the columns and one for each table, with filters
  csv      a file for each table, as Excel opens it, and a dictionary of the columns
  dta      a Stata dataset for each table, with labels, for Stata 14 and later
  parquet  the published files as they are

Beside the tables it says how to cite them, the terms of those who published the
data, and what to keep in mind. It reads the release only, so it works while a run is
going on. A file that is there already stays, unless --force is given.`,
		Example: `  entrepot export --format xlsx --to trade.xlsx
  entrepot export --format dta --to stata figure14 dominance_hs6
  entrepot export --format csv --release 4f1c0a9be27d --to tables --out results`,
	}
	var o export.Options
	c.Flags().StringVar(&o.Format, "format", "xlsx", "what to write: "+strings.Join(export.Formats(), ", "))
	c.Flags().StringVar(&o.To, "to", "", "folder of the files, or the name of the workbook (default export in the output folder)")
	c.Flags().StringVar(&o.Release, "release", "", "export this release (default the current one)")
	c.Flags().BoolVar(&o.Force, "force", false, "replace files that are there already")
	asJSON := addJSON(c.Flags())
	out := addOut(c)
	c.RunE = func(c *cobra.Command, tables []string) (err error) {
		if o.Out, err = out(c); err != nil {
			return err
		}
		o.Tables = tables
		if o.To == "" {
			o.To = filepath.Join(o.Out, "export")
		}
		if o.Caution, err = caution(o.Out, o.Release); err != nil {
			return err
		}
		s, err := export.Write(c.Context(), o)
		if err != nil {
			return err
		}
		if *asJSON {
			return writeJSON(c.OutOrStdout(), s)
		}
		return showExport(c.OutOrStdout(), s)
	}
	return c
}

func showExport(w io.Writer, s *export.Summary) error {
	var b strings.Builder
	for _, f := range s.Files {
		b.WriteString(f.Path)
		if f.Rows > 0 {
			fmt.Fprintf(&b, ": %s", phrase.Count(f.Rows, "row"))
		}
		b.WriteString("\n")
	}
	for _, text := range s.LeftOut {
		fmt.Fprintf(&b, "Left out: %s\n", text)
	}
	fmt.Fprintf(&b, "Exported release %s.\n", s.Release)
	_, err := io.WriteString(w, b.String())
	return err
}
