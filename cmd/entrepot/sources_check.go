package main

import (
	"fmt"
	"io"
	"strings"

	"entrepot/pipeline"
	"entrepot/pipeline/phrase"
	"entrepot/sources"

	"github.com/spf13/cobra"
)

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
	refused, rejects, ambiguous := 0, int64(0), int64(0)
	for _, c := range checks {
		ambiguous += c.Ambiguous
		if c.Refusal != "" {
			refused++
		}
		for _, r := range c.Rejects {
			rejects += r.Rows
		}
	}
	var shortfalls []string
	if refused > 0 || rejects > 0 {
		shortfalls = append(shortfalls, fmt.Sprintf("%d of %s can't be used and %s would be rejected", refused, phrase.Count(len(checks), "file"), phrase.Count(rejects, "row")))
	}
	if ambiguous > 0 {
		shortfalls = append(shortfalls, fmt.Sprintf("%s %s no value", phrase.Count(ambiguous, "cell"), phrase.Plural(ambiguous, "has", "have")))
	}
	if len(shortfalls) == 0 {
		return nil
	}
	return &incomplete{what: "checked", shortfalls: shortfalls}
}

func writeSourceChecks(w io.Writer, checks []pipeline.SourceCheck) error {
	var b strings.Builder
	refused := map[string][]string{} // files by why they can't be used
	for _, c := range checks {
		if c.Refusal != "" {
			refused[c.Refusal] = append(refused[c.Refusal], c.Path)
		}
	}
	for _, c := range checks {
		same := refused[c.Refusal]
		if len(same) > manyAlike && same[0] != c.Path {
			continue // it stands with the first of them
		}
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		if c.Refusal != "" {
			b.WriteString(refusedText(c, same))
			continue
		}
		fmt.Fprintf(&b, "%s\n", c.Path)
		for _, line := range sourceLines(c) {
			if line[1] != "" {
				fmt.Fprintf(&b, "  %-10s %s\n", line[0], line[1])
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// manyAlike is up to how many files that can't be used for one reason are each shown.
const manyAlike = 3

// refusedText says why a file can't be used, or of many alike why none of them can.
func refusedText(c pipeline.SourceCheck, same []string) string {
	if len(same) > manyAlike {
		return fmt.Sprintf("%s\n  can't be used: each %s\n", shorten(same, manyAlike), c.Refusal)
	}
	return fmt.Sprintf("%s\n  can't be used: it %s\n", c.Path, c.Refusal)
}

func sourceLines(c pipeline.SourceCheck) [][2]string {
	partners := ""
	switch {
	case c.World && c.Partners > 0:
		partners = "World and " + phrase.Count(c.Partners, "other")
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
	}
	version := "version"
	if _, download := sources.DownloadDay(c.Vintage); download {
		version = "downloaded"
	}
	lines = append(lines, [2]string{version, c.Vintage})
	if len(c.LeftOut) > 0 {
		lines = append(lines, [2]string{"left out", reasons(c.LeftOut)})
	}
	if len(c.Rejects) > 0 {
		lines = append(lines, [2]string{"rejected", reasons(c.Rejects)})
		for _, e := range c.Examples {
			lines = append(lines, [2]string{"", e})
		}
	}
	if c.Ambiguous > 0 {
		lines = append(lines, [2]string{"no value", fmt.Sprintf("%s, of which rows differ and no column tells them apart (%s); "+
			"'repeated: sum', 'largest', 'first' or 'last' under files: says what they are", phrase.Count(c.Ambiguous, "cell"), c.Apart)})
	}
	return append(lines, [2]string{"note", c.Note})
}
