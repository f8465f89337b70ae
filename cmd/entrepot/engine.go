package main

import (
	"io"
	"strings"

	"entrepot/pipeline"
	"entrepot/transforms/portable"

	"github.com/spf13/cobra"
)

func newEngine() *cobra.Command {
	c := &cobra.Command{
		Use:   "engine",
		Short: "Show what other engines would run over a lake",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newEngineSQL())
	return c
}

func newEngineSQL() *cobra.Command {
	c := &cobra.Command{
		Use:   "sql [STEP…]",
		Short: "Print the SQL of the steps that look through all rows",
		Long: `Sql prints the steps that look through all rows in the words of another engine, with
the parameters of the configuration: to read, or for a notebook over a lake. With
STEP (superseded, code_sums), only these are printed.`,
		Example: `  entrepot engine sql --dialect spark
  entrepot engine sql --dialect trino superseded code_sums`,
	}
	dialect := c.Flags().String("dialect", "trino", "the engine: "+strings.Join(portable.Dialects(), ", "))
	asJSON := addJSON(c.Flags())
	prepare := addLooking(c)
	c.RunE = func(c *cobra.Command, steps []string) error {
		settings, log, err := prepare(c)
		if err != nil {
			return err
		}
		written, err := pipeline.SQLForEngine(c.Context(), settings, *dialect, steps, log)
		switch {
		case err != nil:
			return err
		case *asJSON:
			return writeJSON(c.OutOrStdout(), *written)
		}
		_, err = io.WriteString(c.OutOrStdout(), written.Text())
		return err
	}
	return c
}
