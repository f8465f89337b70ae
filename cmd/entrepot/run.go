package main

import (
	"cmp"
	"errors"

	"entrepot/pipeline"

	"github.com/spf13/cobra"
)

func newRun() *cobra.Command {
	c := &cobra.Command{
		Use:   "run",
		Short: "Read the trade files, compute the measures and publish them",
		Long: `Run brings the results up to date with the data folder. Files that did not change
are not read again, and steps whose inputs did not change are not repeated.

Exit codes: 0 done, or nothing had changed; 1 failed; 2 wrong usage; 3 published,
although rows were rejected, files not used, or reporters are missing; 4 a quality
check failed and nothing was published; 6 published, but the hook failed; 7 published,
but the copy to the object store failed; 11 another run is at work; 130 interrupted.

With --fetch it brings new and revised data first. What can't be brought now does not
keep the run from what is here; then the exit code is that of 'entrepot fetch', such as
5 when the quota of the key is used up.

Settings come from entrepot.yaml in the current directory (or --config FILE),
variables of the environment override them (ENTREPOT_MEMORY_LIMIT for memory_limit),
and flags override both. Without a data folder, run uses the built-in sample of real
trade in raw materials, or that of --sample, and writes to sample-out.`,
		Example: `  entrepot run
  entrepot run --data downloads --out results
  entrepot run --fetch --data data --years 2001-2024
  entrepot run --data downloads --reporter DEU --years 2017-2023 --dominance-share 25%`,
		Args: cobra.NoArgs,
	}
	selection := addSelection(c.Flags())
	bring := c.Flags().Bool("fetch", false, "first bring what is new and revised from UN Comtrade, as 'entrepot fetch' does")
	asJSON := addJSON(c.Flags())
	prepare := addCommon(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		settings, log, err := prepare(c)
		if err != nil {
			return err
		}
		lacking, err := fetchBefore(c, settings, log, *bring)
		if err != nil {
			return err
		}
		release, err := reading(c.Context(), settings)
		if err != nil {
			return err
		}
		summary, failed := pipeline.RunStages(c.Context(), settings, selection(), log)
		failed = errors.Join(failed, release())
		if summary == nil {
			return failed
		}
		return cmp.Or(conclude(c, settings, summary, *asJSON, log, failed), lacking)
	}
	return c
}
