package report

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"entrepot/pipeline/engine"
	"entrepot/schemas"
)

// NotDrawn is a figure that the release has no data for.
type NotDrawn struct {
	Number string `json:"number"`
	Title  string `json:"title"`
	Reason string `json:"reason"`
	table  string
	id     string
}

// book is the report of one release.
type book struct {
	*source
	years    []int // those that figures compare
	asked    bool  // somebody named them
	caution  string
	coverage string // how whole world exports are
	partial  string // of which sectors the files cover too few codes
	figures  []*Figure
	whole    map[string]*Bars // the bars of all years, by figure
	notDrawn []NotDrawn
}

// maxYears is the number of years that a figure compares unless it is told which.
const maxYears = 4

// compared are the years that a figure compares: all, or else the first, the last
// and those in even steps between.
func compared(all []int) []int {
	if len(all) <= maxYears {
		return all
	}
	var some []int
	for i := range maxYears {
		some = append(some, all[(i*(len(all)-1)+(maxYears-1)/2)/(maxYears-1)])
	}
	return some
}

// fill makes all figures, in the order of the report.
func (b *book) fill(ctx context.Context) (err error) {
	if b.coverage, err = b.coverageNote(ctx, b.years); err != nil {
		return err
	}
	if b.partial, err = b.partialNote(ctx, b.years); err != nil {
		return err
	}
	for _, make := range []func(context.Context) error{
		b.ratings, b.partnerTrend, b.partnerGroupShare, b.vulnerabilities, b.importDependence, b.highTechMonthly, b.finalDemandOrigin,
		b.marketShare, b.exportShare, b.dominance, b.groupExports, b.dependenceSensitivity, b.dominanceSensitivity,
	} {
		if err := make(ctx); err != nil {
			return err
		}
	}
	return b.others(ctx)
}

// others makes bars of each further output that has a picture and a ratio by sector and
// year, in the order of the outputs.
func (b *book) others(ctx context.Context) error {
	for _, o := range b.Catalogue() {
		made := slices.ContainsFunc(b.figures, func(f *Figure) bool { return f.Table == o.Name }) ||
			slices.ContainsFunc(b.notDrawn, func(n NotDrawn) bool { return n.table == o.Name })
		if made || o.Picture.ID == "" || o.Ratio.Share == "" || !slices.Equal(o.OfOne().SortBy, []string{"sector", "year"}) {
			continue
		}
		if err := b.bars(ctx, b.picture(o.Name), "no year has data"); err != nil {
			return err
		}
	}
	return nil
}

// bars draws what the figure's table measures, for the years that figures compare.
func (b *book) bars(ctx context.Context, f *Figure, empty string) error {
	if !b.Has(f.Table) {
		b.add(f, "the release has no table "+f.Table)
		return nil
	}
	o := b.outputs[f.Table]
	cells, err := b.ratios(ctx, o)
	if err != nil {
		return err
	}
	if f.Notes == nil {
		f.Notes = []string{b.codesNote(), noShareNote}
	}
	b.compare(f, cells, b.years, barText(o))
	b.add(f, unlessData(f.Bars, empty))
	return nil
}

// add adds a figure, or the reason why it is not drawn.
func (b *book) add(f *Figure, empty string) {
	if empty != "" {
		b.notDrawn = append(b.notDrawn, NotDrawn{f.Number, f.Title, empty, f.Table, f.ID})
		return
	}
	if _, hangs := b.outputs[f.Table].Column("partial"); hangs && f.Table != "high_tech_monthly" { // which has months of its own
		f.Notes = append(f.Notes, b.partial)
	}
	b.sign(f)
	f.Finding, f.Compared = b.finding(f, b.whole[f.ID])
	b.figures = append(b.figures, f)
}

// sign puts what every figure says below it.
func (b *book) sign(f *Figure) {
	if b.caution != "" {
		f.Notes = append([]string{b.caution}, f.Notes...)
	}
	f.Notes = slices.DeleteFunc(f.Notes, func(note string) bool { return note == "" })
	f.Source = b.sourceLine()
}

// compare makes a figure's bars of some years, and those of all years for the page.
func (b *book) compare(f *Figure, cells []cell, years []int, text func(cell) string) {
	f.Bars = b.groupBars(cells, years, text)
	b.whole[f.ID] = b.groupBars(cells, yearsOf(cells), text)
	b.whole[f.ID].inOrderOf(f.Bars)
}

func yearsOf(cells []cell) []int {
	var years []int
	for _, c := range cells {
		if !slices.Contains(years, c.year) {
			years = append(years, c.year)
		}
	}
	slices.Sort(years)
	return years
}

// unlessData is the reason not to draw bars, or "".
func unlessData(b *Bars, reason string) string {
	if b.known() {
		return ""
	}
	return reason
}

const noShareNote = "No data: the reporter has not reported the year, or no code of the sector counts."

func (b *book) importDependence(ctx context.Context) error {
	return b.bars(ctx, b.dependenceFigure(b.parameter("dependence_ratio")), sentence(b.name())+" has no year with both imports from and exports to World")
}

// dependenceFigure is Figure 14 without its bars, at any ratio.
func (b *book) dependenceFigure(ratio string) *Figure {
	f := b.picture("import_dependence", "{dependence_ratio}", times(ratio))
	f.Notes = []string{b.codesNote(), "Imports from and exports to the world. " + noShareNote}
	return f
}

func (b *book) dominance(ctx context.Context) error {
	return b.bars(ctx, b.dominanceFigure(b.parameter("dominance_share")), "no year has exports of "+b.name()+" and of the world")
}

// dominanceFigure is Figure 27 without its bars, at any share.
func (b *book) dominanceFigure(share string) *Figure {
	f := b.picture("dominance", "{dominance_share}", percentOf(share))
	f.Notes = []string{b.codesNote(), b.coverage, noShareNote}
	return f
}

// exportShare has the two comparators as groups of their own.
func (b *book) exportShare(ctx context.Context) error {
	f := b.picture("export_share")
	f.Notes = []string{b.codesNote(), b.coverage, "Manufactured goods are SITC sections 5 to 8 without division 68. " + noShareNote}
	o := b.outputs[f.Table]
	cells, err := b.ratios(ctx, o)
	if err != nil {
		return err
	}
	b.compare(f, cells, b.years, valueText)
	for _, comparator := range []struct{ column, name string }{
		{"manufactures_export_share", "All manufactured goods"},
		{"unlisted_manufactures_export_share", "Manufactures in no sector"},
	} {
		// The comparators are the same in every sector's row.
		all, err := b.cells(ctx, "(SELECT DISTINCT ON (year) * FROM export_share ORDER BY year, sector)",
			schemas.Ratio{Share: comparator.column, Part: "NULL", Of: "NULL", Low: o.Ratio.Low}, "")
		if err != nil {
			return err
		}
		for i := range all {
			all[i].sector = ""
		}
		beside := &Figure{ID: f.ID + comparator.name}
		b.compare(beside, all, b.years, valueText)
		f.Bars.append(beside.Bars, comparator.name)
		b.whole[f.ID].append(b.whole[beside.ID], comparator.name)
	}
	b.add(f, unlessData(f.Bars, "no year has exports of "+b.name()+" and of the world"))
	return nil
}

func (b *book) partnerGroupShare(ctx context.Context) error {
	f := b.picture("partner_group_share")
	o := b.outputs[f.Table]
	cells, err := b.ratios(ctx, o)
	if err != nil {
		return err
	}
	members := "in its present membership"
	if b.parameter("membership") == "historical" {
		members = "in its membership of each year"
	}
	f.Notes = []string{b.codesNote(), fmt.Sprintf("The %s %s. %s", b.parameter("partner_group"), members, noShareNote)}
	b.compare(f, cells, b.years, valueText)
	if f.Bars.low() {
		f.Notes = append(f.Notes, "* The files list less than 95% of the imports by partner (hatched): the share is a lower bound.")
	}
	b.add(f, unlessData(f.Bars, "no file lists "+b.whose()+" imports by partner"))
	return nil
}

func (b *book) marketShare(ctx context.Context) error {
	f := b.picture("market_share")
	if !b.Has(f.Table) {
		b.add(f, "the release has no table "+f.Table)
		return nil
	}
	cells, err := b.ratios(ctx, b.outputs[f.Table])
	if err != nil {
		return err
	}
	sources, err := engine.Query(ctx, b.source.db, func(r *sql.Rows) (text string, err error) {
		err = r.Scan(&text)
		return text, err
	}, "SELECT DISTINCT source FROM market_share ORDER BY source")
	if err != nil {
		return fmt.Errorf("read market_share of release %s: %w", b.ID, err)
	}
	b.compare(f, cells, compared(yearsOf(cells)), valueText)
	f.Notes = []string{b.codesNote(), "Size of the market: " + strings.Join(sources, "; ") + ". " + noShareNote}
	b.add(f, unlessData(f.Bars, "the table 'markets' gives no size of a market in a year with imports (setting markets)"))
	return nil
}
