// Command entrepot turns downloaded trade files into the figures of a trade
// report: it stages them in DuckDB, computes the measures in SQL and publishes
// them as Parquet.
//
// What a command found goes to standard output, everything else to standard
// error. Errors are one line in lower case, sometimes with a hint after it. The
// exit codes are in exitcode.go.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"entrepot/pipeline/job"
	"entrepot/pipeline/usage"
	"github.com/spf13/cobra"
)

func main() { os.Exit(command(os.Args[1:], os.Stdout, os.Stderr)) }

// command runs entrepot with the given arguments and returns its exit code.
func command(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// After the first signal a second one ends the process at once.
	context.AfterFunc(ctx, stop)
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	code := exitCode(ctx, err)
	switch {
	case code == exitInterrupted:
		fmt.Fprintln(stderr, "entrepot: interrupted; finished steps are kept, and the next run goes on from there")
	case err != nil:
		fmt.Fprintf(stderr, "entrepot: %v\n", err)
		if way := hint(err); way != "" {
			fmt.Fprintf(stderr, "entrepot: %s\n", way)
		}
	}
	if code == exitUsage {
		fmt.Fprintln(stderr, "entrepot: 'entrepot help' shows how it is used")
	}
	return code
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "entrepot",
		Short: "Turn trade files into the figures of a trade report",
		Long: `Entrepot reads trade files as they were downloaded (UN Comtrade, ITC Trade
Map, CEPII BACI, WITS, Eurostat, and others by a mapping), stages them in an embedded DuckDB file, computes import dependence, dominance, export
shares and partner-group shares, and publishes them as Parquet.

Without any file of yours, 'entrepot run' shows what it does on a small built-in
sample. On your own files:

  entrepot run --data downloads --out results

Results are in results/current; each run that changes them makes a new folder
under results/releases and then switches results/current to it in one step.`,
		Version:       job.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noSuchCommand,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetVersionTemplate("entrepot {{.Version}}\n")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage.Errorf("%w", err) })
	root.AddCommand(newRun(), newExtract(), newTransform(), newCheck(), newLoad(),
		newExplain(), newDiff(), newVerify(), newRollback(), newPlan(), newStatus(), newHistory(), newReport(), newReference(), newSources(), newRejects(), newInit(), newVersion())
	for _, c := range root.Commands() {
		if c.Args != nil {
			c.Args = usageArgs(c.Args)
		}
	}
	return root
}

func noSuchCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	reason := fmt.Sprintf("there is no command %q", args[0])
	if similar := c.SuggestionsFor(args[0]); len(similar) > 0 {
		reason += fmt.Sprintf("; did you mean %q?", similar[0])
	}
	return usage.Errorf("%s", reason)
}

// usageArgs makes a wrong number of arguments an error of usage.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return usage.Errorf("%w", err)
		}
		return nil
	}
}
