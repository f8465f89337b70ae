package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"entrepot/fetch"
	"entrepot/pipeline/config"
	"entrepot/pipeline/job"
	"entrepot/pipeline/phrase"
	"entrepot/pipeline/usage"
	"entrepot/pipeline/workspace"
	"entrepot/schemas"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newFetch() *cobra.Command {
	c := &cobra.Command{
		Use:   "fetch",
		Short: "Bring new and revised data from UN Comtrade into the data folder",
		Long: `Fetch brings what the measures need of UN Comtrade: the reporter's imports by
partner, and the exports of all reporters to the World, year by year. It brings what
is new or was revised, and nothing else; it stops where the quota of the key ends,
and goes on from there the next time.

Other sources have commands of their own, and need no key: 'entrepot fetch baci' brings
the trade of all countries in one file, the quickest way to the figures.

It needs a free key, from https://comtradedeveloper.un.org (product Free APIs), in
COMTRADE_API_KEY or in a file that fetch_key_file names. With --dry-run it needs none
and changes nothing.

Exit codes: 0 all is here; 2 a wrong setting, or a key that is missing or refused; 3
something was not brought, and the rest is here; 5 the quota is used up: what came is
whole, and the next time goes on; 11 another fetch is at work; 130 interrupted.`,
		Example: `  entrepot fetch --data data --years 2001-2024 --dry-run
  entrepot fetch --data data --years 2001-2024
  entrepot fetch --data data --for import_dependence
  entrepot fetch baci --data data`,
		Args: cobra.NoArgs,
	}
	prepare := addFetching(c)
	asJSON := addJSON(c.Flags())
	dry := c.Flags().Bool("dry-run", false, "say what would be brought, and bring nothing; needs no key")
	c.RunE = func(c *cobra.Command, _ []string) error {
		o, err := prepare(c)
		if err != nil {
			return err
		}
		if o.AllOwn {
			return fetchAll(c, o, *dry, *asJSON)
		}
		if *dry {
			return planFetch(c, o, *asJSON)
		}
		result, err := fetch.Run(c.Context(), o)
		if result != nil && result.Plan != nil {
			if shown := showFetched(c.OutOrStdout(), result, *asJSON); shown != nil {
				return shown
			}
		}
		if err != nil {
			return err
		}
		return fetchEnding(result)
	}
	c.AddCommand(newFetchBACI(), newFetchComext(), newFetchTiVA(), newFetchStatus(), newFetchVerify())
	return c
}

// fetchEnding is the error that a fetch ends with, though what came is in.
func fetchEnding(r *fetch.Result) error {
	if err := r.Quota(); err != nil {
		return err
	}
	if len(r.Failed) > 0 {
		return &incomplete{"fetched", []string{fmt.Sprintf("%s failed: %s: %s", phrase.Count(len(r.Failed), "call"), r.Failed[0].What, r.Failed[0].Why)}}
	}
	return nil
}

// fetchBefore brings what is new before a run. What it could not bring is no reason not to
// run: lacking says it, for the end. The error is one of usage, or an interruption.
func fetchBefore(c *cobra.Command, settings *config.Config, log *slog.Logger, wanted bool) (lacking, err error) {
	if !wanted {
		return nil, nil
	}
	if isSample(settings) || settings.Data == "" {
		return nil, usage.Errorf("--fetch needs a data folder: --data data, or a line 'data: data' in %s", configFile)
	}
	if strings.Contains(settings.Data, "://") {
		return nil, usage.Errorf("data is %s, and files are fetched into a folder only: give one with --data", settings.DataShown())
	}
	o, err := fetchOptions(settings, log)
	if err != nil {
		return nil, err
	}
	o.Measures = fetch.Measures()
	if o.AllOwn {
		if err := fetchAll(c, o, false, false); err != nil {
			log.Warn("BACI could not be fetched; the run goes on with what is here", "error", err)
			return err, nil
		}
		return nil, nil
	}
	result, err := fetch.Run(c.Context(), o)
	var wrong *usage.Error
	if errors.As(err, &wrong) || c.Context().Err() != nil || errors.Is(err, workspace.ErrLocked) {
		return nil, err
	}
	if result != nil && result.Plan != nil {
		if err := showFetched(c.OutOrStdout(), result, false); err != nil {
			return nil, err
		}
	}
	if err == nil {
		err = fetchEnding(result)
	}
	if err != nil {
		log.Warn("not everything could be fetched; the run goes on with what is here", "error", err)
	}
	return err, nil
}

// fetchAll brings the trade of all countries: BACI has it in one file.
func fetchAll(c *cobra.Command, o fetch.Options, dry, asJSON bool) error {
	if !asJSON {
		if _, err := fmt.Fprintln(c.OutOrStdout(), "reporter is all: that is the trade of every country with each of its partners, thousands of calls of UN Comtrade.\n"+
			"BACI has it in one file, and needs no key."); err != nil {
			return err
		}
	}
	if dry {
		p, err := fetch.LookBACI(c.Context(), o)
		if err != nil {
			return err
		}
		return showFiles(c, &fetch.FilesResult{FilesPlan: *p}, true, asJSON)
	}
	r, err := fetch.RunBACI(c.Context(), o)
	if err != nil {
		return err
	}
	return showFiles(c, r, false, asJSON)
}

// addFetching adds the flags of a fetch, and returns the function that reads them.
func addFetching(c *cobra.Command) func(*cobra.Command) (fetch.Options, error) {
	prepare := addDataFolder(c)
	wishes := addWishes(c.Flags())
	return func(c *cobra.Command) (fetch.Options, error) {
		settings, log, bar, err := prepare(c)
		if err != nil {
			return fetch.Options{}, err
		}
		o, err := fetchOptions(settings, log)
		if err != nil {
			return fetch.Options{}, err
		}
		if bar != nil {
			o.Watch = bar.fetched
		}
		return o, wishes(&o)
	}
}

// addDataFolder adds the flags of a command that works on a data folder alone.
func addDataFolder(c *cobra.Command) func(*cobra.Command) (*config.Config, *slog.Logger, *progressBar, error) {
	addConfig(c.Flags())
	shown := []string{"data", "reporter", "years", "wait", "areas", "metrics_file"}
	for _, s := range config.Settings() {
		addSetting(c.Flags(), s)
		if s.Group != config.Fetching && !slices.Contains(shown, s.Key) {
			c.Flags().Lookup(flagName(s.Key)).Hidden = true
		}
	}
	addLogging(c.Flags())
	return func(c *cobra.Command) (*config.Config, *slog.Logger, *progressBar, error) {
		log, bar, err := newLogger(c.Context(), c.Flags(), c.ErrOrStderr())
		if err != nil {
			return nil, nil, nil, err
		}
		settings, _, err := readConfig(c.Flags())
		if err != nil {
			return nil, nil, nil, err
		}
		if settings.Data == "" {
			return nil, nil, nil, usage.Errorf("fetch needs a data folder: --data data, or a line 'data: data' in %s", configFile)
		}
		if strings.Contains(settings.Data, "://") {
			return nil, nil, nil, usage.Errorf("data is %s, and files are fetched into a folder only: give one with --data", settings.DataShown())
		}
		for _, warning := range settings.Warnings() {
			log.Warn(warning)
		}
		return settings, log, bar, nil
	}
}

// addWishes adds the flags that are no settings.
func addWishes(flags *pflag.FlagSet) func(*fetch.Options) error {
	measures := flags.StringSlice("for", fetch.Measures(), "measures whose data are brought: "+strings.Join(fetch.Measures(), ", "))
	again := flags.StringSlice("refetch", nil, "datasets to bring anew and to take as they come, such as 156/2024")
	accept := flags.StringSlice("accept-partial", nil, "years whose world exports enter without the reporters that failed")
	most := flags.Int("max-calls", 0, "calls with the key in this run at most; 0 is no limit")
	return func(o *fetch.Options) error {
		for _, m := range *measures {
			if !slices.Contains(fetch.Measures(), m) {
				return usage.Errorf("--for %q is not allowed: it must be %s", m, strings.Join(fetch.Measures(), ", "))
			}
		}
		o.Measures, o.Refetch, o.Accept, o.MaxCalls = *measures, *again, *accept, *most
		return nil
	}
}

// firstYear is that of the first fetch where the settings name no years.
const firstYear = 2001

// fetchOptions are what the settings say of a fetch.
func fetchOptions(c *config.Config, log *slog.Logger) (fetch.Options, error) {
	reference, err := schemas.Load(schemas.Files{Base: c.Base, Areas: c.Areas})
	if err != nil {
		return fetch.Options{}, err
	}
	reporters, err := reference.Reporters(c.Reporter)
	if err != nil {
		return fetch.Options{}, usage.Errorf("reporter %q is not allowed: %w", c.Reporter, err)
	}
	key, err := fetch.FindKey(c.Fetch.KeyFile)
	if err != nil {
		return fetch.Options{}, err
	}
	o := fetch.Options{Data: c.Data, URL: c.Fetch.URL, Key: key, Agent: "entrepot/" + job.Version, AllOwn: reporters.All, Years: c.Years,
		Reports: reporting(reference), CallsPerDay: c.Fetch.CallsPerDay, RecordsPerCall: c.Fetch.RecordsPerCall, KeepSuperseded: c.Fetch.KeepSuperseded,
		CallsPerSecond: config.Number(c.Fetch.CallsPerSecond), Fill: config.Number(c.Fetch.Fill), BytesPerDay: int64(c.Fetch.BytesPerDay),
		Timeout: c.Fetch.Timeout, Wait: c.Wait, Codes: c.Fetch.Codes, Log: log, MetricsFile: c.MetricsFile,
		BACI: c.Fetch.BACI, BACIURL: c.Fetch.BACIURL, ComextURL: c.Fetch.ComextURL}
	for _, area := range reporters.Named {
		o.Own = append(o.Own, int(area.Code))
	}
	if len(o.Years) == 0 {
		for year := firstYear; year <= time.Now().Year(); year++ {
			o.Years = append(o.Years, year)
		}
	}
	return o, nil
}

// reporting is what a fetch has to know of areas and codes.
func reporting(reference *schemas.Reference) fetch.Reporting {
	r := fetch.Reporting{Codes: map[string]int{}, Groups: map[int]bool{}}
	for _, c := range reference.Codes {
		r.Codes[c.Revision]++
	}
	for _, a := range reference.Areas {
		switch a.Kind {
		case "world":
		case "group":
			r.Groups[int(a.Code)] = true
		default:
			r.Partners = append(r.Partners, int(a.Code))
		}
	}
	return r
}

func planFetch(c *cobra.Command, o fetch.Options, asJSON bool) error {
	plan, err := fetch.Look(c.Context(), o)
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(c.OutOrStdout(), plan)
	}
	return showFetchPlan(c.OutOrStdout(), plan)
}

// showFetchPlan prints what a fetch would do.
func showFetchPlan(w io.Writer, p *fetch.Plan) error {
	var b strings.Builder
	fmt.Fprintf(&b, "UN Comtrade, annual data in HS\n")
	fmt.Fprintf(&b, "  new        %s%s\n", phrase.Count(len(p.New), "dataset"), byYear(p.New))
	fmt.Fprintf(&b, "  revised    %d%s\n", len(p.Revised), revisedNames(p.Revised))
	fmt.Fprintf(&b, "  unchanged  %d\n", p.Unchanged)
	if len(p.Gone) > 0 {
		fmt.Fprintf(&b, "  gone       %d upstream, kept here: %s\n", len(p.Gone), shorten(p.Gone, 5))
	}
	if len(p.Edited) > 0 {
		fmt.Fprintf(&b, "  edited     %d, left alone: %s\n", len(p.Edited), shorten(p.Edited, 3))
	}
	fmt.Fprintf(&b, "  calls      %d, %d of %s made in the last 24 hours\n", p.CallsPlanned, p.Used, limitText(p.PerDay))
	if p.CallsPlanned > 0 {
		fmt.Fprintf(&b, "             about %d rows at most, %.1f MB, %s\n", p.Rows, float64(p.Bytes)/1e6, roughly(p.Took))
	}
	if p.Next != "" {
		fmt.Fprintf(&b, "  next       %s\n", p.Next)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func limitText(n int) string {
	if n == 0 {
		return "any number"
	}
	return fmt.Sprint(n)
}

// roughly writes how long something takes in minutes.
func roughly(d time.Duration) string {
	if d < time.Minute {
		return "less than a minute"
	}
	return fmt.Sprintf("about %.0f minutes", d.Minutes())
}

// byYear counts datasets by year, the newest first.
func byYear(sets []fetch.Dataset) string {
	counts := map[string]int{}
	var years []string
	for _, d := range sets {
		if counts[d.Period]++; counts[d.Period] == 1 {
			years = append(years, d.Period)
		}
	}
	if len(years) == 0 {
		return ""
	}
	slices.Sort(years)
	slices.Reverse(years)
	var parts []string
	for _, year := range years {
		n := counts[year]
		parts = append(parts, fmt.Sprintf("%s: %d", year, n))
	}
	return " (" + shorten(parts, 4) + ")"
}

func revisedNames(changes []fetch.Change) string {
	var names []string
	for _, c := range changes {
		names = append(names, revisedName(c))
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + shorten(names, 3) + ")"
}

// revisedName names a dataset that was released anew, and why.
func revisedName(c fetch.Change) string {
	return fmt.Sprintf("%d/%s released %.10s, here %.10s: %s", c.Reporter, c.Period, c.Released, c.Was, phrase.Cut(c.Why, 100))
}

// showFetched prints what a fetch did.
func showFetched(w io.Writer, r *fetch.Result, asJSON bool) error {
	if asJSON {
		return writeJSON(w, r)
	}
	var b strings.Builder
	if r.Cells == 0 && len(r.Failed) == 0 && r.Next == "" {
		fmt.Fprintf(&b, "Nothing new: %s are here (%s).\n", phrase.Count(r.Plan.Unchanged, "dataset"), r.Took.Round(time.Millisecond))
	} else {
		fmt.Fprintf(&b, "Fetched %s with %d rows in %s (%.1f MB, %s); %d of %s calls of a day are used.\n", phrase.Count(r.Cells, "file"), r.Rows,
			phrase.Count(r.Calls, "call"), float64(r.Bytes)/1e6, r.Took.Round(time.Second), r.Used, limitText(r.PerDay))
	}
	if len(r.Plan.Gone) > 0 {
		fmt.Fprintf(&b, "No longer listed, and kept here: %s.\n", shorten(r.Plan.Gone, 5))
	}
	if len(r.Plan.Edited) > 0 {
		fmt.Fprintf(&b, "Edited, and left alone: %s.\n", shorten(r.Plan.Edited, 3))
	}
	if len(r.Waiting) > 0 {
		fmt.Fprintf(&b, "Waiting until all reporters are here: the world's exports in %s.\n", strings.Join(r.Waiting, ", "))
	}
	if r.Next != "" {
		fmt.Fprintf(&b, "next: %s\n", r.Next)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// reading keeps fetches away from a data folder while a command reads it.
func reading(ctx context.Context, c *config.Config) (release func() error, err error) {
	if c.Data == "" {
		return func() error { return nil }, nil
	}
	return fetch.Reading(ctx, c.Data, c.Wait)
}
