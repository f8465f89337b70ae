package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"entrepot/pipeline"
	"entrepot/pipeline/config"
	"entrepot/pipeline/lake"
	"entrepot/pipeline/phrase"
	"entrepot/pipeline/usage"

	"github.com/spf13/cobra"
)

// shardFlag names the part of the input files that one of several stagings looks at.
const shardFlag = "shard"

func newStageLake() *cobra.Command {
	c := &cobra.Command{
		Use:   "stage",
		Short: "Read trade files into a lake, from which other machines and engines work",
		Long: `Stage brings what a run reads from the trade files to a lake: a folder, or a part of
an object store. Each file becomes immutable Parquet, once for all who share the lake,
and what did not change is not read again. 'entrepot run --lake' goes on from there,
on machines that have none of the files, too.

With --shard 3/16 it looks at one of sixteen parts of the files, so that a job array
shares the work; any number of them may run at the same time. A lake counts when all
of its shards are staged.`,
		Example: `  entrepot stage --data downloads --lake s3://bucket/trade
  entrepot stage --data downloads --lake /mnt/trade --shard 3/16`,
		Args: cobra.NoArgs,
	}
	force := c.Flags().Bool("force", false, "read all files again, and write their objects again")
	c.Flags().String(shardFlag, lake.Whole.String(), "look at one part of the files, such as 3/16, the third of sixteen")
	asJSON := addJSON(c.Flags())
	prepare := addReading(c)
	c.Annotations = map[string]string{notedKey: "yes"}
	c.RunE = func(c *cobra.Command, _ []string) (err error) {
		settings, log, err := prepare(c)
		if err != nil {
			return err
		}
		text, err := flagOr(c.Flags(), shardFlag)
		if err != nil {
			return err
		}
		shard, err := lake.ParseShard(text)
		switch {
		case err != nil:
			return usage.Errorf("--%s: %w", shardFlag, err)
		case settings.Lake == "":
			return usage.Errorf("there is no lake to bring files to: name one with --lake, a folder or s3://bucket/prefix")
		case settings.Data == "" && !takesSample(c.Flags(), settings):
			return usage.Errorf("there are no files to bring to the lake: name their folder with --data")
		}
		if err := begin(c, settings, log); err != nil {
			return err
		}
		release, err := reading(c.Context(), settings)
		if err != nil {
			return err
		}
		summary, failed := pipeline.Stage(c.Context(), settings, shard, *force, log)
		failed = errors.Join(failed, release())
		if summary == nil {
			return failed
		}
		if *asJSON {
			return errors.Join(failed, writeJSON(c.OutOrStdout(), stagedOf(summary)))
		}
		return errors.Join(failed, showStaged(c.OutOrStdout(), settings, summary))
	}
	return c
}

// stageResult is what a staging did and found, for other programs.
type stageResult struct {
	RunID   string                 `json:"run_id"`
	Lake    string                 `json:"lake"`
	Shard   string                 `json:"shard"`   // which part of the files it looked at, such as 3/16
	Written int                    `json:"written"` // files of which the lake got objects
	Bytes   int64                  `json:"bytes"`   // of these objects
	Seconds float64                `json:"seconds"`
	Files   []runFile              `json:"files"`    // of the shard
	Rejects []pipeline.ReasonCount `json:"rejected"` // rows that can't be used, by reason
}

func stagedOf(s *pipeline.Summary) stageResult {
	r := stageResult{RunID: s.RunID, Seconds: s.Took.Seconds(), Files: runFiles(s), Rejects: s.Rejects}
	if s.Staged != nil { // nil for a folder without files, where that is allowed
		r.Lake, r.Shard, r.Written, r.Bytes = s.Staged.Lake, s.Staged.Shard.String(), s.Staged.Files, s.Staged.Bytes
	}
	return r
}

// showStaged says what was brought to the lake.
func showStaged(w io.Writer, c *config.Config, s *pipeline.Summary) error {
	if s.Staged == nil {
		return showSummary(w, c, s)
	}
	var b strings.Builder
	for _, line := range rowCounts(s) {
		b.WriteString(line + "\n")
	}
	of := ""
	if s.Staged.Shard != lake.Whole {
		of = fmt.Sprintf(" (shard %s)", s.Staged.Shard)
	}
	added := "nothing is new there"
	if n := s.Staged.Files; n > 0 {
		added = fmt.Sprintf("%d %s new there, %.1f MB", n, phrase.Plural(n, "is", "are"), float64(s.Staged.Bytes)/1e6)
	}
	fmt.Fprintf(&b, "The lake %s has these files%s; %s (%s).\n", s.Staged.Lake, of, added, s.Took.Round(10*time.Millisecond))
	_, err := io.WriteString(w, b.String())
	return err
}
