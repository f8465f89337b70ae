package main

import (
	"entrepot/pipeline/config"
	"entrepot/pipeline/usage"
	"entrepot/schemas"

	"github.com/spf13/cobra"
)

func newReference() *cobra.Command {
	c := &cobra.Command{
		Use:   "reference",
		Short: "Look codes up and import HS conversion tables",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newReferenceShow(), newReferenceImport())
	return c
}

// readReference reads the settings and the codes and sectors that they name.
func readReference(c *cobra.Command) (*config.Config, *schemas.Reference, error) {
	settings, _, err := readConfig(c.Flags())
	if err != nil {
		return nil, nil, err
	}
	if err := warn(c, settings); err != nil {
		return nil, nil, err
	}
	reference, err := schemas.Load(schemas.Files{Sectors: settings.Sectors, HSTables: settings.HSTables})
	if err != nil {
		return nil, nil, usage.Errorf("%w", err)
	}
	return settings, reference, nil
}
