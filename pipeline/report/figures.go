package report

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"entrepot/pipeline/engine"
)

// NotDrawn is a figure that the release has no data for.
type NotDrawn struct {
	Number string `json:"number"`
	Title  string `json:"title"`
	Reason string `json:"reason"`
}

// book is the report of one release.
type book struct {
	*source
	years    []int // those that figures compare
	caution  string
	coverage string // how whole world exports are
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
	for _, make := range []func(context.Context) error{
		b.ratings, b.partnerTrend, b.partnerGroupShare, b.vulnerabilities, b.importDependence, b.highTechMonthly,
		b.marketShare, b.exportShare, b.dominance, b.groupExports, b.dependenceSensitivity, b.dominanceSensitivity,
	} {
		if err := make(ctx); err != nil {
			return err
		}
	}
	return nil
}

// add adds a figure, or the reason why it is not drawn.
func (b *book) add(f *Figure, empty string) {
	if empty != "" {
		b.notDrawn = append(b.notDrawn, NotDrawn{f.Number, f.Title, empty})
		return
	}
	b.sign(f)
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
	f.Bars = groupBars(cells, years, text)
	b.whole[f.ID] = groupBars(cells, yearsOf(cells), text)
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
	cells, err := b.cells(ctx, "import_dependence", "dependent_share", "codes_dependent", "codes_traded", "false", "")
	if err != nil {
		return err
	}
	f := b.dependenceFigure(b.parameter("dependence_ratio"))
	b.compare(f, cells, b.years, countText)
	b.add(f, unlessData(f.Bars, b.reporter()+" has no year with both imports from and exports to World"))
	return nil
}

// dependenceFigure is Figure 14 without its bars, at any ratio.
func (b *book) dependenceFigure(ratio string) *Figure {
	return &Figure{
		ID: "figure14", Number: "Figure 14", Table: "import_dependence",
		Title:    fmt.Sprintf("Products of which %s imports at least %s it exports", b.reporter(), times(ratio)),
		Subtitle: "Share of each sector's HS-6 codes that are traded; in brackets, codes that count and codes traded",
		Notes:    []string{b.codesNote(), "Imports from and exports to the world. " + noShareNote},
	}
}

func (b *book) dominance(ctx context.Context) error {
	cells, err := b.cells(ctx, "dominance", "dominated_share", "codes_dominated", "codes_exported", "low_coverage", "")
	if err != nil {
		return err
	}
	f := b.dominanceFigure(b.parameter("dominance_share"))
	b.compare(f, cells, b.years, countText)
	b.add(f, unlessData(f.Bars, "no year has exports of "+b.reporter()+" and of the world"))
	return nil
}

// dominanceFigure is Figure 27 without its bars, at any share.
func (b *book) dominanceFigure(share string) *Figure {
	return &Figure{
		ID: "figure27", Number: "Figure 27", Table: "dominance",
		Title:    fmt.Sprintf("Products of which %s has more than %s of world exports", b.reporter(), percentOf(share)),
		Subtitle: "Share of each sector's HS-6 codes with world exports; in brackets, codes that count and codes with exports",
		Notes:    []string{b.codesNote(), b.coverage, noShareNote},
	}
}

// exportShare has the two comparators as groups of their own.
func (b *book) exportShare(ctx context.Context) error {
	cells, err := b.cells(ctx, "export_share", "export_share", "exports_usd", "world_exports_usd", "low_coverage", "")
	if err != nil {
		return err
	}
	f := &Figure{
		ID: "figure26", Number: "Figure 26", Table: "export_share",
		Title:    b.reporter() + "'s share of world exports",
		Subtitle: "By sector, in values, beside all manufactured goods and those that no sector lists",
		Notes:    []string{b.codesNote(), b.coverage, "Manufactured goods are SITC sections 5 to 8 without division 68. " + noShareNote},
	}
	b.compare(f, cells, b.years, valueText)
	for _, comparator := range []struct{ column, name string }{
		{"manufactures_export_share", "All manufactured goods"},
		{"unlisted_manufactures_export_share", "Manufactures in no sector"},
	} {
		// The comparators are the same in every sector's row.
		all, err := b.cells(ctx, "(SELECT DISTINCT ON (year) * FROM export_share ORDER BY year, sector)", comparator.column, "NULL", "NULL", "low_coverage", "")
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
	b.add(f, unlessData(f.Bars, "no year has exports of "+b.reporter()+" and of the world"))
	return nil
}

func (b *book) partnerGroupShare(ctx context.Context) error {
	cells, err := b.cells(ctx, "partner_group_share", "group_share", "group_imports_usd", "imports_usd", "coalesce(partner_coverage < 0.95, false)", "")
	if err != nil {
		return err
	}
	members := "in its present membership"
	if b.parameter("membership") == "then" {
		members = "in its membership of each year"
	}
	group := b.parameter("partner_group")
	f := &Figure{
		ID: "table7-partner-share", Number: "Table 7", Table: "partner_group_share",
		Title:    fmt.Sprintf("Share of %s's imports that comes from the %s", b.reporter(), group),
		Subtitle: fmt.Sprintf("Imports from members of the %s over imports from the world, in values", group),
		Notes:    []string{b.codesNote(), fmt.Sprintf("The %s %s. %s", group, members, noShareNote)},
	}
	b.compare(f, cells, b.years, valueText)
	if f.Bars.low() {
		f.Notes = append(f.Notes, "* The files list less than 95% of the imports by partner (hatched): the share is a lower bound.")
	}
	b.add(f, unlessData(f.Bars, "no file lists "+b.reporter()+"'s imports by partner"))
	return nil
}

func (b *book) marketShare(ctx context.Context) error {
	f := &Figure{
		ID: "figure17-18", Number: "Figures 17 and 18", Table: "market_share",
		Title:    fmt.Sprintf("%s's imports as a share of its market", b.reporter()),
		Subtitle: "Imports from the world over the size of the market, in values",
	}
	if !b.has[f.Table] {
		b.add(f, "the release has no table "+f.Table)
		return nil
	}
	cells, err := b.cells(ctx, f.Table, "import_share", "imports_usd", "market_usd", "false", "")
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
