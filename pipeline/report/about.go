package report

import (
	"context"
	"errors"
	"slices"

	"entrepot/pipeline/release"
)

// About is what the readers of a release must know, in whatever form they get it.
type About struct {
	Country string   // whose trade is measured
	Notes   []string // how codes are counted, how whole the files are
	Source  string   // the line below each figure
	Figures []*Figure
}

// Describe says of a release what its figures say of it, and makes the bars of some tables,
// as far as the release has data for them.
func Describe(ctx context.Context, r *release.Release, tables ...string) (a *About, err error) {
	books, err := openBooks(ctx, []*release.Release{r}, Options{})
	defer func() {
		for _, b := range books {
			err = errors.Join(err, b.close())
		}
	}()
	if err != nil {
		return nil, err
	}
	b := books[0]
	a = &About{Country: b.reporter(), Source: b.sourceLine()}
	for _, note := range []string{b.codesNote(), b.coverage, b.partial} {
		if note != "" {
			a.Notes = append(a.Notes, note)
		}
	}
	for _, f := range b.figures {
		if f.Bars != nil && slices.Contains(tables, f.Table) {
			a.Figures = append(a.Figures, f)
		}
	}
	return a, nil
}
