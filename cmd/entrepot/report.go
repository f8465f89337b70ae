package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"entrepot/fixtures/sample"
	"entrepot/pipeline/config"
	"entrepot/pipeline/report"
	"entrepot/schemas"

	"entrepot/pipeline/release"
	"github.com/spf13/cobra"
)

func newReport() *cobra.Command {
	c := &cobra.Command{
		Use:   "report",
		Short: "Draw the figures of a release, and a page with all of them",
		Long: `Report draws a published release: each figure as SVG and PNG for print, and
index.html with all of them for the screen. The page needs no network. A dot shows
its value when pointed at and its HS codes when clicked; switches show other years
and cut-offs, and each figure can be saved as picture and CSV, linked and cited.

It reads the Parquet files of the release only, so it works while a run is going
on. Of a release of several reporters the page can show each; their data lie in
small scripts beside it, in the folder countries. The folder of the report is
replaced as a whole at the end; when report fails, the old one stays. A figure
without data is not drawn, and the reason is printed.

With --modes the page also compares ways to count codes. Each needs a release of
the same data and settings:

  entrepot run --data downloads --out results --harmonize families
  entrepot run --data downloads --out results
  entrepot report --out results --modes families`,
		Example: `  entrepot report
  entrepot report --out results --release 4f1c0a9be27d --dir figures
  entrepot report --out results --years 2015,2019,2023 --modes H5,as-reported`,
		Args: cobra.NoArgs,
	}
	release := c.Flags().String("release", "", "draw this release (default the current one)")
	dir := c.Flags().String("dir", "", "folder of the report, which is replaced (default report in the output folder)")
	addSettings(c.Flags(), "years")
	c.Flags().Lookup("years").Usage = "years that figures compare, such as 2015, 2019, 2023 (default all, or four of them when there are more)"
	reporter := c.Flags().String("reporter", "", "draw this reporter of a release of several: number, code or name (default the first)")
	modes := c.Flags().StringSlice("modes", nil, "also compare codes counted in these: "+schemas.HS().String()+", families, as-reported")
	oneFile := c.Flags().Bool("one-file", false, "put everything of one reporter into index.html, and no other reporter")
	asJSON := addJSON(c.Flags())
	addOut(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		settings, err := lookedAt(c.Flags())
		if err != nil {
			return err
		}
		if err := warn(c, settings); err != nil {
			return err
		}
		o := report.Options{Out: settings.Out, Release: *release, Dir: *dir, Reporter: *reporter, Modes: *modes, Titles: titles(settings), Whole: *oneFile}
		if c.Flags().Changed("years") { // those of a configuration file are those of its runs
			o.Years = settings.Years
		}
		if o.Dir == "" {
			o.Dir = filepath.Join(settings.Out, "report")
		}
		if o.Caution, err = caution(settings.Out, *release); err != nil {
			return err
		}
		s, err := report.Write(c.Context(), o)
		if err != nil {
			return err
		}
		if *asJSON {
			return writeJSON(c.OutOrStdout(), s)
		}
		return showReport(c.OutOrStdout(), o.Dir, s)
	}
	return c
}

// titles are those that the configuration gives figures.
func titles(c *config.Config) map[string]report.Title {
	all := map[string]report.Title{}
	for figure, t := range c.Titles {
		all[figure] = report.Title{Title: t.Title, Subtitle: t.Subtitle, Where: t.Where}
	}
	return all
}

// caution is what the figures of the built-in sample say of themselves.
func caution(out, id string) (string, error) {
	r, err := release.Find(out, id)
	if err != nil {
		return "", err
	}
	for _, in := range r.Manifest.Inputs {
		if sample.Has(in.SHA256) {
			return "Invented values: this is the built-in sample of entrepot.", nil
		}
	}
	return "", nil
}

func showReport(w io.Writer, dir string, s *report.Summary) error {
	var b strings.Builder
	for _, f := range s.Drawn {
		fmt.Fprintf(&b, "%s  %s: %s\n", filepath.Join(dir, f.Files[0]), f.Number, f.Title)
	}
	for _, n := range s.NotDrawn {
		fmt.Fprintf(&b, "Not drawn: %s, %s: %s\n", n.Number, n.Title, n.Reason)
	}
	fmt.Fprintf(&b, "Report of release %s: open %s in a browser.\n", s.Release, filepath.Join(dir, report.PageFile))
	_, err := io.WriteString(w, b.String())
	return err
}
