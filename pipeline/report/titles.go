package report

import (
	"maps"
	"slices"
	"strings"

	"entrepot/pipeline/usage"
)

// Title is what somebody wants to stand above a figure. "" leaves what the report writes.
// A text that does not name {reporter} is used for the first country alone: it would be
// wrong of others.
type Title struct {
	Title    string
	Subtitle string
	Where    string // it stands, for errors: "entrepot.yaml:7"
}

// figureIDs are the figures of the books that could have a title: those that are drawn,
// those that have no data, and those of outputs that the release lacks.
func (b *book) figureIDs() []string {
	ids := map[string]bool{}
	for _, o := range b.outputs {
		if o.Picture.ID != "" {
			ids[o.Picture.ID] = true
		}
	}
	for _, f := range b.figures {
		ids[f.ID] = true
	}
	for _, n := range b.notDrawn {
		ids[n.id] = true
	}
	return slices.Sorted(maps.Keys(ids))
}

// checkTitles returns a *usage.Error for the title of a figure that is not there.
func (b *book) checkTitles(titles map[string]Title) error {
	known := b.figureIDs()
	for _, id := range slices.Sorted(maps.Keys(titles)) {
		if !slices.Contains(known, id) {
			return usage.Errorf("%s: titles: the report has no figure %q; there are %s", titles[id].Where, id, strings.Join(known, ", "))
		}
	}
	return nil
}

// entitle puts the titles that somebody wants above the figures. first tells whether the
// book is of the country that the report begins with.
func (b *book) entitle(titles map[string]Title, first bool) {
	said := b.said(nil)
	for _, f := range b.figures {
		wanted, ok := titles[f.ID]
		if !ok {
			continue
		}
		if use := wanted.Title; use != "" && (first || strings.Contains(use, "{reporter}")) {
			f.Finding, f.told = sentence(said.Replace(use)), true
		}
		if use := wanted.Subtitle; use != "" && (first || strings.Contains(use, "{reporter}")) {
			f.below = sentence(said.Replace(use))
		}
	}
}

// headline is what stands above a figure: what it shows, or else what it measures.
func (f *Figure) headline() string {
	if f.Finding != "" {
		return f.Finding
	}
	return f.Title
}

// under is what stands below the headline: what is measured, and how.
func (f *Figure) under() string {
	switch {
	case f.below != "":
		return f.below
	case f.Finding != "":
		return strings.TrimSuffix(f.Title, ".") + ". " + f.Subtitle
	}
	return f.Subtitle
}
