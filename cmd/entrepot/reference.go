package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"entrepot/schemas"

	"entrepot/pipeline/config"
	"entrepot/pipeline/usage"
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
	for _, sub := range c.Commands() {
		sub.Args = usageArgs(sub.Args)
	}
	return c
}

func addReferenceSettings(c *cobra.Command, keys ...string) {
	c.Flags().String("config", "", "configuration file (default entrepot.yaml, if there is one)")
	for _, s := range config.Settings() {
		if slices.Contains(keys, s.Key) {
			c.Flags().String(flagName(s), "", s.Help+defaultNote(s))
		}
	}
}

func newReferenceShow() *cobra.Command {
	c := &cobra.Command{
		Use:   "show CODE",
		Short: "Show what a six-digit code is in each HS revision",
		Long: `Show prints, for each HS revision that has the code, the older code that it comes
to, the newer codes that come to it, its family and its sector.`,
		Example: "  entrepot reference show 854143",
		Args:    cobra.ExactArgs(1),
	}
	addReferenceSettings(c, "sectors", "conversion", "hs_tables")
	c.RunE = func(c *cobra.Command, args []string) error {
		if !regexp.MustCompile(`^\d{6}$`).MatchString(args[0]) {
			return usage.Errorf("code %q is not allowed: it must have six digits, such as 854143 or 010121", args[0])
		}
		settings, err := readConfig(c.Flags())
		if err != nil {
			return err
		}
		reference, err := schemas.Load(schemas.Files{Sectors: settings.Sectors, HSTables: settings.HSTables})
		if err != nil {
			return usage.Errorf("%w", err)
		}
		lives := reference.Lives(args[0], settings.Conversion == "official")
		if len(lives) == 0 {
			return usage.Errorf("no HS revision has the code %s; there are code lists of %s", args[0], strings.Join(reference.Revisions, ", "))
		}
		for _, l := range lives {
			if _, err := fmt.Fprint(c.OutOrStdout(), describeLife(reference, l)); err != nil {
				return err
			}
		}
		return nil
	}
	return c
}

func describeLife(r *schemas.Reference, l schemas.Life) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s in %s (HS %s)\n", l.HS6, l.Revision, schemas.Year(l.Revision))
	if older := r.Step(l.Revision, -1); older != "" {
		target := l.Older
		if target == "" {
			target = "nothing"
		}
		if l.Official != "" {
			target += fmt.Sprintf(" (the UN's own table has %s)", l.Official)
		}
		fmt.Fprintf(&b, "  comes to in %s    %s\n", older, target)
	}
	if newer := r.Step(l.Revision, 1); newer != "" {
		from := "no code: a zero there is not a zero of trade"
		if len(l.Newer) > 0 {
			from = strings.Join(l.Newer, ", ")
		}
		fmt.Fprintf(&b, "  comes from in %s  %s\n", newer, from)
	}
	fmt.Fprintf(&b, "  family            %s: %s\n", l.Family, strings.Join(l.Members, ", "))
	sector := l.Sector
	if sector == "" {
		sector = "none"
	}
	fmt.Fprintf(&b, "  sector            %s\n", sector)
	if l.Manufactured {
		b.WriteString("  manufactured good\n")
	}
	return b.String()
}

func newReferenceImport() *cobra.Command {
	c := &cobra.Command{
		Use:   "import FILE...",
		Short: "Import the UN's workbooks of HS conversions",
		Long: `Import reads workbooks of conversion and correlation tables as UNSD publishes
them (.xlsx, .xls or CSV) and writes each as a table into a folder, which the
setting hs_tables names. A table of two neighbouring revisions replaces the
built-in one; one of a revision without a code list adds the revision.`,
		Example: `  entrepot reference import "HS 2012 to HS 2007 Correlation and conversion tables.xls"
  entrepot run --data downloads --hs-tables hs-tables`,
		Args: cobra.MinimumNArgs(1),
	}
	addReferenceSettings(c, "hs_tables")
	c.RunE = func(c *cobra.Command, args []string) error {
		settings, err := readConfig(c.Flags())
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
		for _, file := range args {
			if err := importTable(c, file, folder, builtIn); err != nil {
				return err
			}
		}
		if _, err := schemas.Load(schemas.Files{HSTables: folder}); err != nil {
			return fmt.Errorf("the tables are written, but they can't be used: %w", err)
		}
		if settings.HSTables == "" {
			_, err = fmt.Fprintf(c.OutOrStdout(), "to use it, add 'hs_tables: %s' to %s or give --hs-tables %s\n", folder, configFile, folder)
		}
		return err
	}
	return c
}

func importTable(c *cobra.Command, file, folder string, builtIn *schemas.Reference) error {
	table, err := schemas.ReadWorkbook(file)
	if err != nil {
		return usage.Errorf("%w", err)
	}
	path, err := table.Write(folder)
	if err != nil {
		return err
	}
	targets := map[string]bool{}
	for _, older := range table.Conversion {
		targets[older] = true
	}
	note := ""
	if slices.Contains(builtIn.Revisions, table.From) && slices.Contains(builtIn.Revisions, table.To) {
		differ := builtIn.Compare(table)
		switch {
		case builtIn.Step(table.To, 1) != table.From && len(differ) > 0:
			note = fmt.Sprintf("; not used, because conversion goes step by step: the steps lead elsewhere for %d codes (%s)", len(differ), strings.Join(differ, ", "))
		case len(differ) > 0:
			note = fmt.Sprintf("; it differs from the built-in table in %d codes (%s)", len(differ), strings.Join(differ, ", "))
		default:
			note = "; it agrees with the built-in table"
		}
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%s: %s (HS %s) to %s (HS %s): %d codes to %d, %d correlations%s\n", filepath.ToSlash(path),
		table.From, schemas.Year(table.From), table.To, schemas.Year(table.To), len(table.Conversion), len(targets), len(table.Correlation), note)
	return err
}
