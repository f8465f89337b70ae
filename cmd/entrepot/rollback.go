package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"

	"entrepot/pipeline"
	"entrepot/pipeline/config"
	"entrepot/pipeline/release"

	"github.com/spf13/cobra"
)

func newRollback() *cobra.Command {
	c := &cobra.Command{
		Use:   "rollback [RELEASE]",
		Short: "Point current to an older release",
		Long: `Rollback points the link current to RELEASE, or to the release that was written
before the current one, in one step. Nothing is removed. The next run points
current to the release of the input files again: take away what was wrong with
them before it, or hold current with --pin: runs then publish beside it and do not
switch, until 'entrepot unpin'.`,
		Example: `  entrepot rollback --out results
  entrepot rollback --out results --pin 4f1c0a9be27d`,
		Args: cobra.MaximumNArgs(1),
	}
	pin := c.Flags().Bool("pin", false, "hold current there until 'entrepot unpin'")
	asJSON := addJSON(c.Flags())
	prepare := addHand(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		settings, log, err := prepare(c)
		if err != nil {
			return err
		}
		id := ""
		if len(args) == 1 {
			id = args[0]
		}
		m, failed := pipeline.Rollback(c.Context(), settings, id, *pin, log)
		if m.Release == "" {
			return failed
		}
		if *asJSON {
			return errors.Join(failed, writeJSON(c.OutOrStdout(), m))
		}
		return errors.Join(failed, showMove(c.OutOrStdout(), filepath.Join(settings.Out, "current"), m))
	}
	return c
}

func showMove(w io.Writer, current string, m release.Move) error {
	next := "the next run points it to the release of the input files again"
	if m.Pinned {
		next = "it is pinned: runs publish beside it until 'entrepot unpin'"
	}
	was := ""
	if m.Was != m.Release {
		was = fmt.Sprintf(", was release %s", m.Was)
	}
	_, err := fmt.Fprintf(w, "%s is release %s now%s; %s\n", current, m.Release, was, next)
	return err
}

func newUnpin() *cobra.Command {
	c := &cobra.Command{
		Use:   "unpin",
		Short: "Let runs switch current again",
		Long: `Unpin takes the pin of 'entrepot rollback --pin' away. Current stays where it is; the
next run points it to the release of the input files.`,
		Args: cobra.NoArgs,
	}
	asJSON := addJSON(c.Flags())
	prepare := addHand(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		settings, log, err := prepare(c)
		if err != nil {
			return err
		}
		u, err := pipeline.Unpin(settings, log)
		if err != nil {
			return err
		}
		if *asJSON {
			return writeJSON(c.OutOrStdout(), u)
		}
		return showUnpinning(c.OutOrStdout(), filepath.Join(settings.Out, "current"), u)
	}
	return c
}

func showUnpinning(w io.Writer, current string, u pipeline.Unpinning) error {
	if !u.Unpinned {
		_, err := fmt.Fprintf(w, "%s is release %s and was not pinned\n", current, orNone(u.Release))
		return err
	}
	_, err := fmt.Fprintf(w, "%s is not pinned any more; it is release %s until the next run points it to that of the input files\n", current, orNone(u.Release))
	return err
}

// addHand adds the flags of the commands by which somebody moves current by hand, and
// returns the function that reads them.
func addHand(c *cobra.Command) func(*cobra.Command) (*config.Config, *slog.Logger, error) {
	return addLooking(c, "out", "publish", "metrics_file")
}
