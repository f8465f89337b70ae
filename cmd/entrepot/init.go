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
	return &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a commented configuration file with every setting",
		Long: `Init writes a configuration file (entrepot.yaml unless FILE names another) in
which every setting stands with its meaning, what it allows and its default. It
never overwrites a file.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			name := configFile
			if len(args) == 1 {
				name = args[0]
			}
			return writeConfig(c, name)
		},
	}
}

func writeConfig(c *cobra.Command, name string) (err error) {
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
	_, err = fmt.Fprintf(c.OutOrStdout(), "wrote %s; set its data folder, then run 'entrepot run'\n", name)
	return err
}
