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
	Out      string   // output folder of the runs
	Release  string   // id; "" is the current one
	Dir      string   // folder of the report; what Write wrote there before is replaced
	Reporter string   // whose trade is drawn, as release.Reporter finds it; "" is the first
	Years    []int    // those that figures compare; empty: all, or four of them
	Modes    []string // values of harmonize whose releases the page compares, too
	Caution  string   // stands in every figure; "" for none
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
		s, err = writeAll(ctx, books, dir)
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
		b := &book{source: s, caution: o.Caution, whole: map[string]*Bars{}}
		books = append(books, b)
		all, err := s.years(ctx)
		if err != nil {
			return books, err
		}
		for _, y := range o.Years {
			if !slices.Contains(all, y) {
				return books, usage.Errorf("release %s has no year %d; it has %s", r.ID, y, strings.Trim(fmt.Sprint(all), "[]"))
			}
		}
		if b.years = o.Years; len(o.Years) == 0 {
			b.years = compared(all)
		}
		if err := b.fill(ctx); err != nil {
			return books, err
		}
	}
	return books, nil
}

func writeAll(ctx context.Context, books []*book, dir string) (*Summary, error) {
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
	page, err := newPage(ctx, books)
	if err != nil {
		return nil, err
	}
	if err := create(filepath.Join(dir, PageFile), page, writePage); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("describe the report: %w", err)
	}
	return s, os.WriteFile(filepath.Join(dir, summaryFile), append(text, '\n'), 0o644)
}
