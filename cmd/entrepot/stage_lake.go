package main

import (
	"errors"

	"entrepot/pipeline"
	"entrepot/pipeline/lake"
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
		}
		call := invocationOf(c.Context())
		settings.RunID = call.id
		if takesSample(c.Flags(), settings) {
			if err := takeSample(c.Flags(), settings, log, sampleFolder(settings)); err != nil {
				return err
			}
		}
		if settings.Data == "" {
			return usage.Errorf("there are no files to bring to the lake: name their folder with --data")
		}
		call.prepared = true
		release, err := reading(c.Context(), settings)
		if err != nil {
			return err
		}
		summary, failed := pipeline.Stage(c.Context(), settings, shard, *force, log)
		failed = errors.Join(failed, release())
		if summary == nil {
			return failed
		}
		return conclude(c, settings, summary, *asJSON, log, failed)
	}
	return c
}
