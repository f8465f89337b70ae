package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"entrepot/pipeline/phrase"
	"entrepot/pipeline/usage"
	"entrepot/schemas"
	"entrepot/sources/untables"

	"github.com/spf13/cobra"
)

func newReferenceImport() *cobra.Command {
	c := &cobra.Command{
		Use:   "import FILE...",
		Short: "Import the UN's workbooks of HS conversions",
		Long: `Import reads workbooks of conversion and correlation tables as UNSD publishes
them (.xlsx, .xls or CSV) and writes each as a table into a folder, which the
setting hs_tables names. A table of two neighbouring revisions replaces the
built-in one.`,
		Example: `  entrepot reference import "HS 2012 to HS 2007 Correlation and conversion tables.xls"
  entrepot run --data downloads --hs-tables hs-tables`,
		Args: cobra.MinimumNArgs(1),
	}
	asJSON := addJSON(c.Flags())
	addConfig(c.Flags())
	addSettings(c.Flags(), "hs_tables")
	addLogging(c.Flags())
	c.RunE = func(c *cobra.Command, args []string) error {
		settings, _, err := readConfig(c.Flags())
		if err != nil {
			return err
		}
		folder := settings.HSTables
		if folder == "" {
			folder = "hs-tables"
		}
		builtIn, err := schemas.Load(schemas.Files{})
		if err != nil {
			return err
		}
		var all []importedTable
		for _, file := range args {
			t, err := importTable(c.Context(), file, folder, builtIn)
			if err != nil {
				return err
			}
			if all = append(all, t); !*asJSON {
				if err := t.show(c.OutOrStdout()); err != nil {
					return err
				}
			}
		}
		if _, err := schemas.Load(schemas.Files{HSTables: folder}); err != nil {
			return fmt.Errorf("the tables are written, but they can't be used: %w", err)
		}
		if *asJSON {
			return writeJSON(c.OutOrStdout(), all)
		}
		if settings.HSTables == "" {
			_, err = fmt.Fprintf(c.OutOrStdout(), "to use it, add 'hs_tables: %s' to %s or give --hs-tables %s\n", folder, configFile, folder)
		}
		return err
	}
	return c
}

// importedTable is a table of conversions that was written.
type importedTable struct {
	File         string `json:"file"`
	From         string `json:"from"` // HS revision
	To           string `json:"to"`   // HS revision
	Codes        int    `json:"codes"`
	Targets      int    `json:"targets"`
	Correlations int    `json:"correlations"`
	Note         string `json:"note"` // how it differs from the built-in table; "" when there is none
}

func (t importedTable) show(w io.Writer) error {
	note := t.Note
	if note != "" {
		note = "; " + note
	}
	_, err := fmt.Fprintf(w, "%s: %s (%s) to %s (%s): %s to %d, %s%s\n", t.File, t.From, revisionName(t.From), t.To, revisionName(t.To),
		phrase.Count(t.Codes, "code"), t.Targets, phrase.Count(t.Correlations, "correlation"), note)
	return err
}

func importTable(ctx context.Context, file, folder string, builtIn *schemas.Reference) (t importedTable, err error) {
	table, err := untables.Read(ctx, file)
	if err != nil {
		return t, usage.Errorf("%w", err)
	}
	path, err := table.Write(folder)
	if err != nil {
		return t, err
	}
	targets := map[string]bool{}
	for _, older := range table.Conversion {
		targets[older] = true
	}
	note := ""
	if builtIn.Revisions.Has(table.From) && builtIn.Revisions.Has(table.To) {
		differ := builtIn.Compare(table)
		switch {
		case builtIn.Revisions.Step(table.To, 1) != table.From && len(differ) > 0:
			note = fmt.Sprintf("not used, because conversion goes step by step: the steps lead elsewhere for %s (%s)",
				phrase.Count(len(differ), "code"), strings.Join(differ, ", "))
		case len(differ) > 0:
			note = fmt.Sprintf("it differs from the built-in table in %s (%s)", phrase.Count(len(differ), "code"), strings.Join(differ, ", "))
		default:
			note = "it agrees with the built-in table"
		}
	}
	return importedTable{File: filepath.ToSlash(path), From: table.From, To: table.To, Codes: len(table.Conversion), Targets: len(targets),
		Correlations: len(table.Correlation), Note: note}, nil
}
