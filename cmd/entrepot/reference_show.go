package main

import (
	"fmt"
	"regexp"
	"strings"

	"entrepot/pipeline/usage"
	"entrepot/schemas"

	"github.com/spf13/cobra"
)

func newReferenceShow() *cobra.Command {
	c := &cobra.Command{
		Use:   "show CODE",
		Short: "Show what a six-digit code is in each HS revision",
		Long: `Show prints, for each HS revision that has the code, its English name, the older code
that it comes to, the newer codes that come to it, its family and its sector.`,
		Example: "  entrepot reference show 854143",
		Args:    cobra.ExactArgs(1),
	}
	asJSON := addJSON(c.Flags())
	addConfig(c.Flags())
	addSettings(c.Flags(), "sectors", "conversion", "hs_tables")
	addLogging(c.Flags())
	c.RunE = func(c *cobra.Command, args []string) error {
		if !regexp.MustCompile(`^\d{6}$`).MatchString(args[0]) {
			return usage.Errorf("code %q is not allowed: it must have six digits, such as 854143 or 010121", args[0])
		}
		settings, reference, err := readReference(c)
		if err != nil {
			return err
		}
		lives := reference.Lives(args[0], settings.Conversion == "official")
		if len(lives) == 0 {
			return usage.Errorf("no HS revision has the code %s; there are code lists of %s", args[0], reference.Revisions)
		}
		names, err := reference.Naming()
		if err != nil {
			return err
		}
		if *asJSON {
			return writeJSON(c.OutOrStdout(), codeLives(lives, names))
		}
		for _, l := range lives {
			if _, err := fmt.Fprint(c.OutOrStdout(), describeLife(reference, l, names.Product(l.Revision, l.HS6))); err != nil {
				return err
			}
		}
		return nil
	}
	return c
}

// codeLife is what a code is in one HS revision, for other programs.
type codeLife struct {
	Revision     string   `json:"hs_revision"`
	HS6          string   `json:"hs6"`
	Name         string   `json:"name"`
	Older        string   `json:"older"`      // the code of the next older revision that it comes to, or ""
	Official     string   `json:"official"`   // the UN's own target, when it is another; else ""
	Newer        []string `json:"newer"`      // codes of the next newer revision that come to it
	Successors   []string `json:"successors"` // of the next newer revision, to which it goes on when none comes to it
	Family       string   `json:"family"`     // the code of the oldest revision that it comes to in the end
	Members      []string `json:"members"`    // of the family
	Sector       string   `json:"sector"`     // of the sector list, or ""
	Manufactured bool     `json:"manufactured"`
}

func codeLives(lives []schemas.Life, names *schemas.Naming) []codeLife {
	var all []codeLife
	for _, l := range lives {
		all = append(all, codeLife{Revision: l.Revision, HS6: l.HS6, Name: names.Product(l.Revision, l.HS6), Older: l.Older, Official: l.Official,
			Newer: l.Newer, Successors: l.Successors, Family: l.Family, Members: l.Members, Sector: l.Sector, Manufactured: l.Manufactured})
	}
	return all
}

func revisionName(id string) string {
	revision, _ := schemas.HS().Find(id)
	return revision.Name()
}

func describeLife(r *schemas.Reference, l schemas.Life, name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s in %s (%s)\n", l.HS6, l.Revision, revisionName(l.Revision))
	if name != "" {
		fmt.Fprintf(&b, "  %s\n", name)
	}
	if older := r.Revisions.Step(l.Revision, -1); older != "" {
		target := l.Older
		if target == "" {
			target = "nothing"
		}
		if l.Official != "" {
			target += fmt.Sprintf(" (the UN's own table has %s)", l.Official)
		}
		fmt.Fprintf(&b, "  comes to in %s    %s\n", older, target)
	}
	if newer := r.Revisions.Step(l.Revision, 1); newer != "" {
		from := "no code: a zero there is not a zero of trade"
		if len(l.Newer) > 0 {
			from = strings.Join(l.Newer, ", ")
		}
		fmt.Fprintf(&b, "  comes from in %s  %s\n", newer, from)
	}
	if len(l.Successors) > 0 {
		fmt.Fprintf(&b, "  goes on to in %s  %s\n", r.Revisions.Step(l.Revision, 1), strings.Join(l.Successors, ", "))
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
