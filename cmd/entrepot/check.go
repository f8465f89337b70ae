package main

import (
	"errors"
	"fmt"
	"strings"

	"entrepot/pipeline"
	"entrepot/pipeline/check"
	"entrepot/transforms/checks"

	"github.com/spf13/cobra"
)

func newCheck() *cobra.Command {
	var names strings.Builder
	for _, c := range checks.All() {
		fmt.Fprintf(&names, "  %-15s %-5s %s\n", c.Name, c.Default, c.Help)
	}
	c := &cobra.Command{
		Use:   "check",
		Short: "Run the quality checks on the trade files and publish nothing",
		Long: `Check reads the files, computes the measures and runs the quality checks, as run
does, but publishes nothing. It ends with exit code 4 when a check of severity
fail has findings; run then publishes nothing either.

The checks and their severities, which the setting checks changes:

` + names.String(),
		Example: `  entrepot check --data downloads
  entrepot check --data downloads --checks levels=fail,mirror=off`,
		Args: cobra.NoArgs,
	}
	asJSON := addJSON(c.Flags())
	prepare := addCommon(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		settings, log, err := prepare(c)
		if err != nil {
			return err
		}
		results, err := pipeline.Check(c.Context(), settings, log)
		if len(results) == 0 {
			return err
		}
		if *asJSON {
			return errors.Join(err, writeJSON(c.OutOrStdout(), checkResults(results)))
		}
		_, writeErr := fmt.Fprint(c.OutOrStdout(), checkReport(results))
		return errors.Join(err, writeErr)
	}
	return c
}

// checkResult is the result of a quality check, for other programs.
type checkResult struct {
	Check    string   `json:"check"`
	Severity string   `json:"severity"` // warn or fail
	Examined int64    `json:"examined"` // 0: there was nothing to compare
	Findings int64    `json:"findings"`
	Help     string   `json:"help"`
	Examples []string `json:"examples"` // of the findings with the largest differences
}

func checkResults(results []check.Result) []checkResult {
	var all []checkResult
	for _, r := range results {
		all = append(all, checkResult{r.Name, string(r.Severity), r.Examined, r.Findings, r.Help, r.Examples})
	}
	return all
}

func checkReport(results []check.Result) string {
	var b strings.Builder
	for _, r := range results {
		verdict := "ok"
		switch {
		case r.Findings > 0:
			verdict = string(r.Severity)
		case r.Examined == 0:
			verdict = "nothing to compare"
		}
		fmt.Fprintf(&b, "%-15s %s: %d of %d: %s\n", r.Name, verdict, r.Findings, r.Examined, r.Help)
		for _, example := range r.Examples {
			fmt.Fprintf(&b, "    %s\n", example)
		}
	}
	return b.String()
}
