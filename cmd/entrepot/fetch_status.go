package main

import (
	"fmt"
	"strings"
	"time"

	"entrepot/fetch"
	"entrepot/pipeline/phrase"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

func newFetchStatus() *cobra.Command {
	c := &cobra.Command{
		Use:   "status",
		Short: "Show what was fetched, what waits, and which calls are left; asks nobody",
		Long: `Status shows, for each year, how many reporters are here and which waits for the
others, which datasets were released anew and why, and how many calls the key has left.
It makes no call, and works while a fetch is at work.`,
		Args: cobra.NoArgs,
	}
	prepare := addDataFolder(c)
	asJSON := addJSON(c.Flags())
	c.RunE = func(c *cobra.Command, _ []string) error {
		settings, log, _, err := prepare(c)
		if err != nil {
			return err
		}
		o, err := fetchOptions(settings, log)
		if err != nil {
			return err
		}
		s, err := fetch.ReadStatus(o)
		if err != nil {
			return err
		}
		if *asJSON {
			return writeJSON(c.OutOrStdout(), s)
		}
		t := plainTable("year", "reporters", "files", "rows", "newest release", "fetched", "state")
		for _, y := range s.Years {
			state := "here"
			if y.Waiting > 0 {
				state = fmt.Sprintf("%d files wait", y.Waiting)
			}
			t.AppendRow(table.Row{y.Year, y.Reporters, y.Files, y.Rows, fmt.Sprintf("%.10s", y.Newest), y.Fetched.Format(time.DateOnly), state})
		}
		var b strings.Builder
		if len(s.Years) > 0 {
			b.WriteString(t.Render() + "\n")
		}
		for _, c := range s.Revised[:min(len(s.Revised), 10)] {
			fmt.Fprintf(&b, "To be fetched again: %s\n", revisedName(c))
		}
		if more := len(s.Revised) - 10; more > 0 {
			fmt.Fprintf(&b, "To be fetched again: %d more; --json lists them\n", more)
		}
		fmt.Fprintf(&b, "Calls of the last 24 hours: %d of %s.", s.Used, limitText(s.PerDay))
		if s.Next != "" {
			fmt.Fprintf(&b, " next: %s", s.Next)
		}
		if !s.Success.IsZero() {
			fmt.Fprintf(&b, " Everything was here on %s.", s.Success.Format(time.DateTime))
		}
		_, err = fmt.Fprintln(c.OutOrStdout(), b.String())
		return err
	}
	return c
}

func newFetchVerify() *cobra.Command {
	c := &cobra.Command{
		Use:   "verify",
		Short: "Compare every fetched file with what was fetched; asks nobody",
		Long: `Verify hashes every file that was fetched and names those that are missing or were
changed. It makes no call. It ends with exit code 3 when there are any.

With --rebuild it first notes anew what is here, from the names and contents of the files: for a
state (.fetch/state.json) that was lost or can't be read. What it knows is not fetched again.`,
		Args: cobra.NoArgs,
	}
	prepare := addDataFolder(c)
	asJSON := addJSON(c.Flags())
	rebuild := c.Flags().Bool("rebuild", false, "note anew what is here, from the files")
	c.RunE = func(c *cobra.Command, _ []string) error {
		settings, log, _, err := prepare(c)
		if err != nil {
			return err
		}
		o, err := fetchOptions(settings, log)
		if err != nil {
			return err
		}
		noted, odd := 0, []fetch.Different{}
		if *rebuild {
			if noted, odd, err = fetch.Rebuild(c.Context(), o); err != nil {
				return err
			}
		}
		v, err := fetch.Verify(c.Context(), o)
		if err != nil {
			return err
		}
		v.Noted, v.Files, v.Differ = noted, v.Files+len(odd), append(odd, v.Differ...)
		if *asJSON {
			err = writeJSON(c.OutOrStdout(), v)
		} else {
			for _, d := range v.Differ {
				if _, err := fmt.Fprintf(c.OutOrStdout(), "%s: %s\n", d.File, d.Why); err != nil {
					return err
				}
			}
			if *rebuild {
				if _, err := fmt.Fprintf(c.OutOrStdout(), "Noted %s anew.\n", phrase.Count(v.Noted, "file")); err != nil {
					return err
				}
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%d files, %d differ.\n", v.Files, len(v.Differ))
		}
		if err == nil && len(v.Differ) > 0 {
			err = &incomplete{"verified", []string{fmt.Sprintf("%d of %d files are not what was fetched", len(v.Differ), v.Files)}}
		}
		return err
	}
	return c
}
