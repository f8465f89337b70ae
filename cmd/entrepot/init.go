package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"entrepot/pipeline/config"
	"entrepot/pipeline/usage"
	"github.com/spf13/cobra"
)

// configFile is read from the current directory when --config names no other.
const configFile = "entrepot.yaml"

func newInit() *cobra.Command {
	c := &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a commented configuration file with every setting",
		Long: `Init writes a configuration file (entrepot.yaml unless FILE names another) in
which every setting stands with its meaning, what it allows and its default. It
never overwrites a file.`,
		Args: cobra.MaximumNArgs(1),
	}
	asJSON := addJSON(c.Flags())
	c.RunE = func(c *cobra.Command, args []string) error {
		name := configFile
		if len(args) == 1 {
			name = args[0]
		}
		if err := writeConfig(name); err != nil {
			return err
		}
		if *asJSON {
			return writeJSON(c.OutOrStdout(), written{name})
		}
		_, err := fmt.Fprintf(c.OutOrStdout(), "wrote %s; set its data folder, then run 'entrepot run'\n", name)
		return err
	}
	return c
}

// written names a file that was written.
type written struct {
	File string `json:"file"`
}

func writeConfig(name string) (err error) {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usage.Errorf("%s exists already; remove it first or name another file", name)
	}
	if err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.WriteString(config.Template()); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	return nil
}
