package report

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"entrepot/pipeline/engine"
)

// point is a value of a series in a period.
type point struct {
	series, period string
	value          *float64
	partial        bool // of a part of the data
}

func (b *book) points(ctx context.Context, table, text string, bound ...any) ([]point, error) {
	partial, err := b.partialOf(ctx, table)
	if err != nil {
		return nil, err
	}
	points, err := engine.Query(ctx, b.source.db, func(r *sql.Rows) (p point, err error) {
		err = r.Scan(&p.series, &p.period, &p.value, &p.partial)
		return p, err
	}, strings.ReplaceAll(text, wholeInSQL, partial), bound...)
	if err != nil {
		return nil, fmt.Errorf("read %s of release %s: %w", table, b.ID, err)
	}
	return points, nil
}

// newLines puts points into series, in the order in which they come.
func newLines(points []point, unit string, periods []string) *Lines {
	l := &Lines{Unit: unit, Periods: periods, Empty: make([]bool, len(periods))}
	highest := 0.0
	for _, p := range points {
		at := slices.IndexFunc(l.Series, func(s Series) bool { return s.Name == p.series })
		if at < 0 {
			at = len(l.Series)
			s := Series{Name: p.series, Values: make([]*float64, len(periods)), Texts: make([]string, len(periods))}
			for i := range s.Texts {
				s.Texts[i] = noData
			}
			l.Series = append(l.Series, s)
		}
		i := slices.Index(periods, p.period)
		if i < 0 || p.value == nil {
			continue
		}
		l.Series[at].Values[i] = p.value
		highest = max(highest, *p.value)
		l.Series[at].Texts[i] = dollars(*p.value)
		if unit == "share" {
			l.Series[at].Texts[i] = percent(*p.value, 1)
		}
		if p.partial {
			l.Series[at].markPart(i)
		}
	}
	l.End, l.Step = scale(highest)
	return l
}

// markPart says of a value that it is of a part of the data.
func (s *Series) markPart(i int) {
	if s.Parts == nil {
		s.Parts = make([]bool, len(s.Values))
	}
	s.Parts[i] = true
	s.Texts[i] += partWord
}

// markEmpty marks the periods in which no series has data.
func (l *Lines) markEmpty() {
	for i := range l.Periods {
		l.Empty[i] = !slices.ContainsFunc(l.Series, func(s Series) bool { return s.Values[i] != nil })
	}
}

// known tells whether any point has data.
func (l *Lines) known() bool {
	return slices.ContainsFunc(l.Series, func(s Series) bool {
		return slices.ContainsFunc(s.Values, func(v *float64) bool { return v != nil })
	})
}

// everyYear is each year from the first to the last that the release has, so that
// a year in between without data is a gap.
func (b *book) everyYear(ctx context.Context) ([]string, error) {
	years, err := b.source.years(ctx)
	if err != nil || len(years) == 0 {
		return nil, err
	}
	return yearsFrom(years[0], years[len(years)-1]), nil
}

func yearsFrom(first, last int) []string {
	var all []string
	for y := first; y <= last; y++ {
		all = append(all, strconv.Itoa(y))
	}
	return all
}

// overYears are lines over years. Years that the run was not asked for are gaps, too,
// but nothing is said of their data.
func (b *book) overYears(points []point, unit string, years []string) *Lines {
	l := newLines(points, unit, years)
	if b.parameter("years") == "all" {
		l.markEmpty()
	}
	return l
}

// The lines of sums in the figure of one partner.
const (
	allGoods   = "All goods"
	allSectors = "All sectors"
)

// trendSectors is the number of sectors that have a line beside the sums.
const trendSectors = 4

//go:embed partner_trend.sql
var partnerTrendSQL string

func (b *book) partnerTrend(ctx context.Context) error {
	f := b.picture("partner_trend", "{partner}", "one partner")
	if !b.Has(f.Table) {
		b.add(f, "the release has no table "+f.Table)
		return nil
	}
	var partner sql.NullInt64
	err := b.db.QueryRowContext(ctx, "SELECT max(partner) FROM partner_trend WHERE partner_reported").Scan(&partner)
	if err != nil {
		return fmt.Errorf("read partner_trend of release %s: %w", b.ID, err)
	}
	if !partner.Valid {
		b.add(f, "no file lists "+b.whose()+" imports from the partner (setting partner)")
		return nil
	}
	points, err := b.points(ctx, f.Table, partnerTrendSQL, sql.Named("sectors", trendSectors))
	if err != nil {
		return err
	}
	for i := range points {
		switch points[i].series {
		case "all_codes":
			points[i].series = allGoods
		case "all_sectors":
			points[i].series = allSectors
		default:
			points[i].series = b.sectorName(points[i].series)
		}
	}
	periods, err := b.everyYear(ctx)
	if err != nil {
		return err
	}
	f = b.picture(f.Table, "{partner}", inText(b.area(int(partner.Int64))), "{sectors}", strconv.Itoa(trendSectors))
	f.Notes = []string{b.codesNote(), "A gap is a year without data."}
	f.course = fmt.Sprintf("%s supplied {value} of %s imports", inText(b.area(int(partner.Int64))), b.whose())
	f.Lines = b.overYears(points, "share", periods)
	empty := ""
	if !f.Lines.known() {
		empty = "no year has imports from the partner and from World"
	}
	b.add(f, empty)
	return b.partnerDollars(ctx, inText(b.area(int(partner.Int64))), periods)
}

//go:embed partner_dollars.sql
var partnerDollarsSQL string

// partnerDollars draws imports of all goods from the partner and, where a table has them,
// sales of its firms' affiliates, both in dollars.
func (b *book) partnerDollars(ctx context.Context, partner string, periods []string) error {
	f := b.picture("partner_trend")
	f.ID += "-dollars"
	f.Title = sentence(fmt.Sprintf("%s imports from %s", b.whose(), partner))
	f.Subtitle = "All goods, US dollars"
	if there, err := b.columnsOf(ctx, f.Table); err != nil || !slices.Contains(there, "affiliate_sales_usd") {
		return err
	}
	points, err := b.points(ctx, f.Table, partnerDollarsSQL)
	if err != nil {
		return err
	}
	sources, err := engine.Query(ctx, b.source.db, engine.Scan[string],
		"SELECT DISTINCT affiliate_sales_source FROM partner_trend WHERE affiliate_sales_source IS NOT NULL ORDER BY ALL")
	if err != nil {
		return fmt.Errorf("read %s of release %s: %w", f.Table, b.ID, err)
	}
	f.Notes = []string{b.codesNote(), "A gap is a year without data."}
	if len(sources) > 0 {
		f.Title += ", and what its firms' affiliates sell there"
		f.Notes = append(f.Notes, "Sales of affiliates: "+strings.Join(sources, "; ")+".")
	}
	f.course = fmt.Sprintf("%s imports from %s came to {value}", b.whose(), partner)
	f.Lines = b.overYears(points, "usd", periods)
	empty := ""
	if !f.Lines.known() {
		empty = "no year has imports of all goods from the partner"
	}
	b.add(f, empty)
	return nil
}

//go:embed high_tech_monthly.sql
var highTechMonthlySQL string

func (b *book) highTechMonthly(ctx context.Context) error {
	f := b.picture("high_tech_monthly")
	if !b.Has(f.Table) {
		b.add(f, "the release has no table "+f.Table)
		return nil
	}
	points, err := b.points(ctx, f.Table, highTechMonthlySQL)
	if err != nil {
		return err
	}
	partial, err := b.partialMonthsNote(ctx)
	if err != nil {
		return err
	}
	f.Notes = []string{b.codesNote(), "From monthly files alone. A gap is a month that the files do not have.", partial}
	f.Lines = newLines(points, "usd", everyMonth(span(points)))
	f.Lines.markEmpty()
	empty := ""
	if !f.Lines.known() {
		empty = "no file has months of " + b.whose() + " trade with World"
	}
	b.add(f, empty)
	return nil
}

// span is the first and the last period of points; "" when there are none.
func span(points []point) (first, last string) {
	for _, p := range points {
		if first == "" || p.period < first {
			first = p.period
		}
		last = max(last, p.period)
	}
	return first, last
}

// everyMonth lists the months from "2023-01" to "2024-12".
func everyMonth(first, last string) []string {
	var year, month int
	if _, err := fmt.Sscanf(first, "%d-%d", &year, &month); err != nil {
		return nil
	}
	var all []string
	for m := first; m <= last; m = fmt.Sprintf("%d-%02d", year, month) {
		all = append(all, m)
		if month++; month > 12 {
			year, month = year+1, 1
		}
	}
	return all
}

// originActivities is the number of industries that have a line.
const originActivities = 8

//go:embed final_demand_origin.sql
var finalDemandOriginSQL string

func (b *book) finalDemandOrigin(ctx context.Context) error {
	f := b.picture("final_demand_origin")
	if !b.Has(f.Table) {
		b.add(f, "the release has no table "+f.Table)
		return nil
	}
	points, err := b.points(ctx, f.Table, finalDemandOriginSQL, sql.Named("activities", originActivities))
	if err != nil {
		return err
	}
	f.Notes = []string{"From the OECD's Trade in Value Added. All industries, and those of which most is from the " + b.parameter("partner_group") + ". A gap is a year without data."}
	f.course = fmt.Sprintf("value added in the %s made up {value} of %s final demand", groupInText(b.parameter("partner_group")), b.whose())
	f.Lines = newLines(points, "share", everyYearOf(span(points)))
	f.Lines.markEmpty()
	empty := ""
	if !f.Lines.known() {
		empty = "no table gives the origin of value added in " + b.whose() + " final demand (setting value_added)"
	}
	b.add(f, empty)
	return nil
}

// everyYearOf lists the years from "2015" to "2022".
func everyYearOf(first, last string) []string {
	from, err := strconv.Atoi(first)
	to, err2 := strconv.Atoi(last)
	if err != nil || err2 != nil {
		return nil
	}
	return yearsFrom(from, to)
}

func (b *book) groupExports(ctx context.Context) error {
	f := b.picture("group_exports", "{sector}", "several exporters")
	if !b.Has(f.Table) {
		b.add(f, "the release has no table "+f.Table)
		return nil
	}
	sectors, err := engine.Query(ctx, b.source.db, func(r *sql.Rows) (text string, err error) {
		err = r.Scan(&text)
		return text, err
	}, "SELECT sector FROM group_exports GROUP BY sector HAVING count(exports_usd) > 0 ORDER BY sector")
	if err != nil {
		return fmt.Errorf("read group_exports of release %s: %w", b.ID, err)
	}
	if len(sectors) == 0 {
		b.add(f, "no exporter that was asked for has exports by partner")
	}
	periods, err := b.everyYear(ctx)
	if err != nil {
		return err
	}
	named := map[string]int{}
	for _, sector := range sectors {
		one := b.picture(f.Table, "{sector}", inSentence(b.sectorName(sector)))
		one.ID += "-" + fileName(sector)
		if named[one.ID]++; named[one.ID] > 1 { // names that differ in marks alone
			one.ID += "-" + strconv.Itoa(named[one.ID])
		}
		one.Part = b.sectorName(sector)
		one.Notes = []string{b.codesNote(), "A gap is a year without data, or one whose trade between members is not known."}
		points, err := b.points(ctx, f.Table, "SELECT exporter_name, year::VARCHAR, exports_usd, "+wholeInSQL+" FROM group_exports WHERE sector = $sector ORDER BY exporter_name, year", sql.Named("sector", sector))
		if err != nil {
			return err
		}
		one.course = fmt.Sprintf("%s exports of %s came to {value}", b.whose(), inSentence(one.Part))
		one.Lines = b.overYears(points, "usd", periods)
		b.add(one, "")
	}
	return nil
}

// fileName is a sector as a part of a file's name.
func fileName(sector string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, sector)
}
