// Package report draws a published release: each figure as SVG and PNG for print,
// and one page with all of them for the screen, with the codes behind each bar.
//
// Write does all of it. It reads the Parquet files of the release and nothing
// else, so it works while a run is going on. figures.go, lines.go and grids.go turn
// tables into Figures, which the pictures (sheet.go, draw….go) and the page (page.go and
// the folder page) are made of. The same release gives the same bytes.
package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"entrepot/pipeline/release"
	"entrepot/pipeline/usage"
)

// Options say what is drawn, and where to.
type Options struct {
	Out      string           // output folder of the runs
	Release  string           // id; "" is the current one
	Dir      string           // folder of the report; what Write wrote there before is replaced
	Reporter string           // whose trade is drawn, as release.Reporter finds it; "" is the first
	Years    []int            // those that figures compare; empty: all, or four of them
	Modes    []string         // values of harmonize whose releases the page compares, too
	Caution  string           // stands in every figure; "" for none
	Titles   map[string]Title // that figures are to have, by figure
	Whole    bool             // the page is one file: no other country, and all tables in it
}

// Summary is what was drawn. It is also written to report.json.
type Summary struct {
	Release  string     `json:"release"`
	Compared []string   `json:"compared_releases"`
	Drawn    []Drawn    `json:"figures"`
	NotDrawn []NotDrawn `json:"not_drawn"`
}

// Drawn is a figure with its files in the folder of the report.
type Drawn struct {
	Number string   `json:"number"`
	Title  string   `json:"title"`
	Table  string   `json:"table"`
	Files  []string `json:"files"`
}

// The names of files beside those of the figures.
const (
	PageFile    = "index.html"
	summaryFile = "report.json"
)

// Write draws the report of a release. The folder appears as a whole: until Write
// succeeds, what stood there stays. A release, year or mode that is not there is
// a *usage.Error, and so is a folder that holds something else.
func Write(ctx context.Context, o Options) (s *Summary, err error) {
	main, err := release.Find(o.Out, o.Release)
	if err != nil {
		return nil, err
	}
	releases := []*release.Release{main}
	for _, mode := range o.Modes {
		if mode == fmt.Sprint(main.Manifest.Parameters["harmonize"]) {
			continue
		}
		other, err := main.CountedIn(mode)
		if err != nil {
			return nil, err
		}
		releases = append(releases, other)
	}
	if err := replaceable(o.Dir); err != nil {
		return nil, err
	}
	books, err := openBooks(ctx, releases, o)
	defer func() {
		for _, b := range books {
			err = errors.Join(err, b.close())
		}
	}()
	if err != nil {
		return nil, err
	}
	err = replaceFolder(o.Dir, func(dir string) (err error) {
		s, err = writeAll(ctx, books, o, dir)
		return err
	})
	return s, err
}

// openBooks makes the figures of each release, for the same years.
func openBooks(ctx context.Context, releases []*release.Release, o Options) (books []*book, err error) {
	for _, r := range releases {
		s, err := openSource(ctx, r, o.Reporter)
		if err != nil {
			return books, err
		}
		b := &book{source: s, caution: o.Caution}
		books = append(books, b)
		if err := b.begin(ctx, o.Years); err != nil {
			return books, err
		}
	}
	if err := books[0].checkTitles(o.Titles); err != nil {
		return books, err
	}
	books[0].entitle(o.Titles, true)
	return books, nil
}

// begin makes the figures of the source's reporter anew.
func (b *book) begin(ctx context.Context, years []int) error {
	*b = book{source: b.source, caution: b.caution, asked: len(years) > 0, whole: map[string]*Bars{}}
	all, err := b.source.years(ctx)
	if err != nil {
		return err
	}
	for _, y := range years {
		if !slices.Contains(all, y) {
			return usage.Errorf("release %s has no year %d; it has %s", b.ID, y, strings.Trim(fmt.Sprint(all), "[]"))
		}
	}
	if b.years = years; len(years) == 0 {
		b.years = compared(all)
	}
	return b.fill(ctx)
}

func writeAll(ctx context.Context, books []*book, o Options, dir string) (*Summary, error) {
	b := books[0]
	s := &Summary{Release: b.ID, Compared: []string{}, Drawn: []Drawn{}, NotDrawn: append([]NotDrawn{}, b.notDrawn...)}
	for _, other := range books[1:] {
		s.Compared = append(s.Compared, other.ID)
	}
	for _, f := range b.figures {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		files := []string{f.ID + ".svg", f.ID + ".png"}
		if err := errors.Join(create(filepath.Join(dir, files[0]), f, writeSVG), create(filepath.Join(dir, files[1]), f, writePNG)); err != nil {
			return nil, err
		}
		s.Drawn = append(s.Drawn, Drawn{f.Number, f.Title, f.Table, files})
	}
	if err := writePages(ctx, books, o, dir); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("describe the report: %w", err)
	}
	return s, os.WriteFile(filepath.Join(dir, summaryFile), append(text, '\n'), 0o644)
}

// writePages writes the page and, beside it, the scripts of the countries that it does not
// begin with.
func writePages(ctx context.Context, books []*book, o Options, dir string) error {
	page, err := newPage(ctx, books)
	if err != nil {
		return err
	}
	page.Checks = checksOf(books[0].Manifest)
	if page.Changes, err = books[0].changesOf(ctx, o.Out); err != nil {
		return err
	}
	if err := page.addFirst(ctx, books, o.Whole, dir); err != nil {
		return err
	}
	if !o.Whole {
		if err := page.addOthers(ctx, books, o, dir); err != nil {
			return err
		}
	}
	page.sortCountries()
	return create(filepath.Join(dir, PageFile), page, writePage)
}

// addOthers writes the scripts of all reporters of the release but the first that is shown.
func (p *page) addOthers(ctx context.Context, books []*book, o Options, dir string) error {
	first := books[0].of
	if !books[0].Several() {
		return nil
	}
	for _, b := range books {
		if err := b.hold(ctx); err != nil {
			return err
		}
	}
	for _, m := range books[0].Manifest.Measured {
		if m == first {
			continue
		}
		for _, b := range books {
			if err := b.choose(ctx, m); err != nil {
				return err
			}
			if err := b.begin(ctx, o.Years); err != nil {
				return fmt.Errorf("make the figures of %s: %w", m.Name, err)
			}
		}
		books[0].entitle(o.Titles, false)
		if err := p.addOther(ctx, books, dir); err != nil {
			return err
		}
	}
	return nil
}
