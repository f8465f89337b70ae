package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"entrepot/fetch"
	"entrepot/pipeline/config"
	"entrepot/pipeline/phrase"
	"entrepot/pipeline/usage"
	"entrepot/schemas"

	"github.com/spf13/cobra"
)

func newFetchBACI() *cobra.Command {
	c := &cobra.Command{
		Use:   "baci",
		Short: "Bring the newest version of CEPII's BACI; needs no key",
		Long: `Baci brings the newest version of CEPII's BACI, the trade of all countries with all
others, in the HS that fetch_baci names. It goes on where a download was cut, checks all
of the archive, and puts it in the place of an older version, because versions are not
to be mixed. The archive has one to two gigabytes and stays packed.`,
		Example: `  entrepot fetch baci --data data --dry-run
  entrepot fetch baci --data data --fetch-baci HS17`,
		Args: cobra.NoArgs,
	}
	return fetchesFiles(c, fetch.LookBACI, fetch.RunBACI, nil)
}

func newFetchComext() *cobra.Command {
	c := &cobra.Command{
		Use:   "comext",
		Short: "Bring new and changed years of Eurostat's Comext; needs no key",
		Long: `Comext brings the files of Eurostat's Comext for the years that are asked for, those
that are new or were changed since: the yearly files, or those of the months with
--months-apart. Their values are in euros: say the rates under files: in entrepot.yaml.`,
		Example: `  entrepot fetch comext --data data --years 2022-2023 --dry-run
  entrepot fetch comext --data data --years 2024 --months-apart`,
		Args: cobra.NoArgs,
	}
	months := c.Flags().Bool("months-apart", false, "bring the files of the months in the place of those of the years")
	return fetchesFiles(c, fetch.LookComext, fetch.RunComext, func(o *fetch.Options) { o.Months = *months })
}

// fetchesFiles makes the command of a source that has its data in whole files.
func fetchesFiles(c *cobra.Command, look func(context.Context, fetch.Options) (*fetch.FilesPlan, error),
	run func(context.Context, fetch.Options) (*fetch.FilesResult, error), wish func(*fetch.Options)) *cobra.Command {
	prepare := addDataFolder(c)
	asJSON := addJSON(c.Flags())
	dry := c.Flags().Bool("dry-run", false, "say what would be brought, and bring nothing")
	c.RunE = func(c *cobra.Command, _ []string) error {
		settings, log, bar, err := prepare(c)
		if err != nil {
			return err
		}
		o, err := fetchOptions(settings, log)
		if err != nil {
			return err
		}
		if wish != nil {
			wish(&o)
		}
		if bar != nil {
			o.WatchBytes = bar.downloaded
		}
		if *dry {
			p, err := look(c.Context(), o)
			if err != nil {
				return err
			}
			return showFiles(c, &fetch.FilesResult{FilesPlan: *p}, true, *asJSON)
		}
		r, err := run(c.Context(), o)
		if bar != nil {
			bar.downloaded(0, 0)
		}
		if err != nil {
			return err
		}
		return showFiles(c, r, false, *asJSON)
	}
	return c
}

// showFiles prints which files came, or would.
func showFiles(c *cobra.Command, r *fetch.FilesResult, dry, asJSON bool) error {
	w := c.OutOrStdout()
	if asJSON {
		return writeJSON(w, r)
	}
	var b strings.Builder
	switch {
	case len(r.Missing) == 0:
		fmt.Fprintf(&b, "Nothing new of %s%s.\n", r.Source, versionText(": here is version ", r.Here))
	case dry:
		fmt.Fprintf(&b, "%s%s%s: %s would come, %.1f MB: %s.\n", r.Source, versionText(" ", r.There), versionText(", here is ", r.Here),
			phrase.Count(len(r.Missing), "file"), float64(r.Bytes)/1e6, shorten(r.Missing, 5))
	default:
		fmt.Fprintf(&b, "Fetched %s%s: %s, %.1f MB.\n", r.Source, versionText(" ", r.There), shorten(r.Missing, 5), float64(r.Bytes)/1e6)
	}
	_, err := fmt.Fprint(w, b.String())
	return err
}

func versionText(before, version string) string {
	if version == "" {
		return ""
	}
	return before + version
}

func newFetchTiVA() *cobra.Command {
	c := &cobra.Command{
		Use:   "tiva",
		Short: "Bring the OECD's Trade in Value Added for Figure 16; needs no key",
		Long: `Tiva brings the OECD's table "origin of value added in final demand" for the reporter,
into the file that value_added names, or else into the folder .fetch of the data folder.`,
		Example: `  entrepot fetch tiva --data data --value-added tiva_CHN.csv`,
		Args:    cobra.NoArgs,
	}
	prepare := addDataFolder(c)
	c.Flags().Lookup("value-added").Hidden = false
	asJSON := addJSON(c.Flags())
	c.RunE = func(c *cobra.Command, _ []string) error {
		settings, log, _, err := prepare(c)
		if err != nil {
			return err
		}
		return fetchTiVA(c, settings, log, *asJSON)
	}
	return c
}

// fetchedTable is the OECD's table, for other programs.
type fetchedTable struct {
	File    string `json:"file"`
	Rows    int    `json:"rows"`
	Changed bool   `json:"changed"` // it came in this call
}

func fetchTiVA(c *cobra.Command, settings *config.Config, log *slog.Logger, asJSON bool) error {
	o, err := fetchOptions(settings, log)
	if err != nil {
		return err
	}
	reference, err := schemas.Load(schemas.Files{Base: settings.Base, Areas: settings.Areas})
	if err != nil {
		return err
	}
	reporters, err := reference.Reporters(settings.Reporter)
	if err != nil || len(reporters.Named) == 0 || reporters.Named[0].ISO3 == "" {
		return usage.Errorf("reporter %q names no country that has an ISO-3 code, by which the OECD calls it", settings.Reporter)
	}
	area := reporters.Named[0] // the first is what is shown first
	t := fetch.TiVA{URL: settings.Fetch.TiVAURL, Area: area.ISO3, Target: settings.ValueAdded}
	if t.Target == "" {
		t.Target = filepath.Join(settings.Data, ".fetch", "value_added_"+area.ISO3+".csv")
	}
	rows, changed, err := fetch.RunTiVA(c.Context(), o, t)
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(c.OutOrStdout(), fetchedTable{t.Target, rows, changed})
	}
	text := fmt.Sprintf("Nothing new of the OECD's table: %s has %d rows.\n", t.Target, rows)
	if changed {
		text = fmt.Sprintf("Fetched %s with %d rows.\n", t.Target, rows)
	}
	if settings.ValueAdded == "" {
		text += fmt.Sprintf("For Figure 16, say in entrepot.yaml: value_added: %s\n", t.Target)
	}
	_, err = fmt.Fprint(c.OutOrStdout(), text)
	return err
}
