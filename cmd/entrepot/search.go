package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"entrepot/pipeline/phrase"
	"entrepot/pipeline/usage"
	"entrepot/schemas"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

func newSearch() *cobra.Command {
	c := &cobra.Command{
		Use:   "search WORDS",
		Short: "Find HS codes by the words of their names, and the sectors that list them",
		Long: `Search lists the HS codes whose English names have all the words, the best first:
chapters, headings and six-digit codes. A word may be the beginning of one, and what
customs call otherwise is found as well: batteries are accumulators, too. A number is
the beginning of codes. Beside each code stand the sectors that list it or codes of
it, with how many.`,
		Example: `  entrepot search lithium battery
  entrepot search 8541
  entrepot search semicond --revision H6 --all
  entrepot search 85 photovoltaic --json`,
		Args: cobra.MinimumNArgs(1),
	}
	wanted := c.Flags().String("revision", "", "HS revision of the codes, such as H6 or 2022 (default the oldest of the sector list)")
	everything := c.Flags().Bool("all", false, "show all codes that are found")
	asJSON := addJSON(c.Flags())
	addConfig(c.Flags())
	addSettings(c.Flags(), "sectors", "conversion", "hs_tables")
	addLogging(c.Flags())
	c.RunE = func(c *cobra.Command, args []string) error {
		s := searched{Query: strings.Join(args, " ")}
		if err := s.search(c, *wanted); err != nil {
			return err
		}
		if *asJSON {
			return writeJSON(c.OutOrStdout(), s)
		}
		most := shownCodesFound
		if *everything {
			most = len(s.Codes)
		}
		return s.show(c.OutOrStdout(), most)
	}
	return c
}

// What the terminal shows of what is found.
const (
	shownCodesFound = 20
	shownSectors    = 3
)

// searched is what was searched for, and what was found.
type searched struct {
	Query    string          `json:"query"`
	Revision string          `json:"hs_revision"`
	Codes    []schemas.Found `json:"codes"`
}

func (s *searched) search(c *cobra.Command, revision string) error {
	settings, reference, err := readReference(c)
	if err != nil {
		return err
	}
	if s.Revision, err = searchedRevision(reference, revision); err != nil {
		return err
	}
	if !reference.HasSectors(s.Revision) {
		if _, err := reference.DeriveSectors(s.Revision, settings.Conversion == "official"); err != nil {
			return usage.Errorf("sectors: %w", err)
		}
	}
	if s.Codes, err = reference.Search(s.Query, s.Revision); err != nil {
		return usage.Errorf("%w", err)
	}
	return nil
}

// searchedRevision is the revision that is asked for, or else that of the sector list.
func searchedRevision(r *schemas.Reference, asked string) (string, error) {
	if asked == "" {
		return r.SectorRevision(), nil
	}
	revision, ok := r.Revisions.Find(strings.ToUpper(asked))
	if !ok {
		return "", usage.Errorf("--revision %q is not allowed: there are %s", asked, r.Revisions.Words())
	}
	return revision.ID, nil
}

func (s *searched) show(w io.Writer, most int) error {
	t := plainTable("code", "sector", "name")
	for _, found := range s.Codes[:min(most, len(s.Codes))] {
		t.AppendRow(table.Row{found.Code, listedIn(found), found.Name})
	}
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 3, WidthMax: nameWidth, WidthMaxEnforcer: phrase.Cut}})
	text := fmt.Sprintf("%s of %s (%s):\n%s\n", phrase.Count(len(s.Codes), "code"), s.Revision, revisionName(s.Revision), t.Render())
	if more := len(s.Codes) - most; more > 0 {
		text += fmt.Sprintf("and %s; add a word, or --all\n", phrase.Count(more, "more code"))
	}
	_, err := io.WriteString(w, text)
	return err
}

// listedIn names the sectors of a code: of a heading, with how many of its codes each
// lists.
func listedIn(found schemas.Found) string {
	var names []string
	for _, s := range found.Sectors {
		if len(found.Code) == 6 {
			names = append(names, s.Sector)
			continue
		}
		names = append(names, fmt.Sprintf("%s %d", s.Sector, s.Codes))
	}
	return shorten(slices.Clip(names), shownSectors)
}
