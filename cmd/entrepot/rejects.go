package main

import (
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"

	"entrepot/pipeline"
	"entrepot/pipeline/config"
	"entrepot/pipeline/phrase"
	"entrepot/pipeline/usage"

	"github.com/spf13/cobra"
)

func newRejects() *cobra.Command {
	c := &cobra.Command{
		Use:   "rejects",
		Short: "Show and export the input rows that can't be used",
		Long: `Rejects counts the rows that the last extraction rejected, by reason, with an
example of each. With --csv all of them are written to a file: reason, file, line,
column and value of each, grouped by reason.`,
		Example: `  entrepot rejects --out results
  entrepot rejects --out results --csv rejects.csv`,
		Args: cobra.NoArgs,
	}
	asJSON := addJSON(c.Flags())
	export := c.Flags().String("csv", "", "write all of them to this CSV file")
	prepare := addLooking(c, "out", "wait", "memory_limit", "threads")
	results := c.Flags().String("results", "", "what --out is called now")
	c.Flags().Lookup("results").Hidden = true
	c.RunE = func(c *cobra.Command, _ []string) error {
		settings, log, err := prepare(c)
		if err != nil {
			return err
		}
		if err := isFolder(settings.Out); err != nil {
			return err
		}
		if *results != "" {
			settings.Out = *results
			log.Warn("--results is called --out now")
		}
		return rejects(c, settings, log, *asJSON, *export)
	}
	return c
}

// isFolder tells those who write the command as it was, when --out named the file,
// how to say it now.
func isFolder(out string) error {
	if strings.EqualFold(filepath.Ext(out), ".csv") {
		return usage.Errorf("--out %s: --out is the folder of the results; to write the rejected rows to a file, use --csv %s", out, out)
	}
	return nil
}

func rejects(c *cobra.Command, settings *config.Config, log *slog.Logger, asJSON bool, export string) error {
	groups, err := pipeline.RejectGroups(c.Context(), settings, log)
	if err != nil {
		return err
	}
	if asJSON {
		err = writeJSON(c.OutOrStdout(), groups)
	} else {
		err = writeRejectGroups(c.OutOrStdout(), groups)
	}
	if err != nil || export == "" {
		return err
	}
	rows, err := pipeline.ExportRejects(c.Context(), settings, export, log)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.ErrOrStderr(), "wrote %s to %s\n", phrase.Count(rows, "row"), export)
	return err
}

func writeRejectGroups(w io.Writer, groups []pipeline.RejectGroup) error {
	if len(groups) == 0 {
		_, err := fmt.Fprintln(w, "No rows were rejected.")
		return err
	}
	var b strings.Builder
	for _, g := range groups {
		fmt.Fprintf(&b, "%-24s %13s in %s, such as %s\n", g.Reason, phrase.Count(g.Rows, "row"), phrase.Count(g.Files, "file"), g.Example)
		for _, n := range g.Names {
			fmt.Fprintf(&b, "    %s\n", n.Text)
		}
		if g.MoreNames > 0 {
			fmt.Fprintf(&b, "    and %s more\n", phrase.Count(g.MoreNames, "unknown name"))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
