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
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"entrepot/pipeline/job"
	"entrepot/pipeline/phrase"
	"entrepot/pipeline/usage"

	"github.com/spf13/cobra"
)

func main() {
	tellCrashesApart()
	keepHeapSmall()
	os.Exit(command(os.Args[1:], os.Stdout, os.Stderr))
}

// tellCrashesApart makes a crash of the program end it by SIGABRT. Go would end it with
// exit code 2, which says that the user made a mistake and that nothing was done.
func tellCrashesApart() { debug.SetTraceback("crash") }

// keepHeapSmall makes Go collect its garbage early when it has much: memory_limit is DuckDB's
// alone, and the rest of the process is to stay within 300 MiB beside it.
func keepHeapSmall() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softHeapLimit)
	}
}

const softHeapLimit = 160 << 20

// command runs entrepot with the given arguments and returns its exit code.
func command(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// After the first signal a second one ends the process at once.
	context.AfterFunc(ctx, stop)
	call := newInvocation(args)
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(phrase.Screen(stdout))
	root.SetErr(stderr)
	started := time.Now()
	ran, err := execute(call.in(ctx), root, args)
	if err != nil && isNoted(ran) && !call.prepared {
		call.noteFailure(ran, err)
	}
	end := newEnding(ctx, err)
	if asksForJSON(ran, args) {
		end.log(stderr, call.id, ran.Name(), time.Since(started))
	} else {
		end.print(stderr)
	}
	return end.code
}

// patience is how long a command has to end after a signal. Nearly all end in a moment; what
// DuckDB does in one piece, such as to close a database, may take longer. Then it is ended
// as by a kill, which loses nothing that was finished.
const patience = time.Second

// execute runs a command until it ends, or until patience is over after the context is done.
func execute(ctx context.Context, root *cobra.Command, args []string) (*cobra.Command, error) {
	type ending struct {
		ran *cobra.Command
		err error
	}
	ended := make(chan ending, 1)
	go func() {
		ran, err := root.ExecuteContextC(ctx)
		ended <- ending{ran, err}
	}()
	late := make(chan struct{})
	defer context.AfterFunc(ctx, func() { time.AfterFunc(patience, func() { close(late) }) })()
	select {
	case e := <-ended:
		return e.ran, e.err
	case <-late:
		ran, _, err := root.Find(args)
		return ran, errors.Join(ctx.Err(), err)
	}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "entrepot",
		Short: "Turn trade files into the figures of a trade report",
		Long: `Entrepot reads trade files as they were downloaded (UN Comtrade, ITC Trade Map,
CEPII BACI, WITS, Eurostat, and others by a mapping), stages them in an embedded
DuckDB file, computes import dependence, dominance, export shares and
partner-group shares, and publishes them as Parquet.

Without any files, 'entrepot run' shows what it does on a small built-in sample. On
your own files:

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
	root.SetUsageFunc(showUsage)
	cobra.EnableCommandSorting = false
	addGroup(root, "Start here", newRun(), newFetch(), newReport(), newInit())
	addGroup(root, "Look, and change nothing", newPlan(), newStatus(), newHistory(), newShow(), newExplain(), newDiff(), newVerify(),
		newSources(), newRejects(), newSearch(), newExport())
	addGroup(root, "Do one part of a run", newExtract(), newStageLake(), newTransform(), newCheck(), newLoad(), newRollback(), newUnpin())
	addGroup(root, "Other", newReference(), newEngine(), newVersion())
	root.SetHelpCommandGroupID("Other")
	root.SetCompletionCommandGroupID("Other")
	makeUsageErrors(root)
	return root
}

// addGroup adds commands that stand together in help.
func addGroup(root *cobra.Command, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: title, Title: title})
	for _, c := range commands {
		c.GroupID = title
	}
	root.AddCommand(commands...)
}

func noSuchCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if similar := c.SuggestionsFor(args[0]); len(similar) > 0 {
		return usage.Errorf("there is no command %q; did you mean %q?", args[0], similar[0])
	}
	return usage.Errorf("there is no command %q", args[0])
}

// makeUsageErrors makes a wrong number of arguments of any command below an error of
// usage.
func makeUsageErrors(parent *cobra.Command) {
	for _, c := range parent.Commands() {
		makeUsageErrors(c)
		check := c.Args
		if check == nil {
			continue
		}
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return usage.Errorf("%w", err)
			}
			return nil
		}
	}
}
