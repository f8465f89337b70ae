package pipeline_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Headings straight from files as they were downloaded: China's imports of rare earths
// (HS 2846, answers of UN Comtrade's API of 1993 to 2024, in H0 to H6) and Thailand's of
// integrated circuits (8542, its site's CSV, in H4 to H6), each with a list of one line.
// The shares were worked out independently from the files.
func TestHeadingsReal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		files, reporter, list string
		years                 int
		want                  []string
	}{
		{"comtrade_json/china_2846/[12]*.json", "CHN", "rare_earths,2846", 32, []string{
			"2015 4 false 91316697 0.2653", "2019 4 false 272219363 0.1080", "2023 4 false 1881334377 0.0296"}},
		{"comtrade_csv/thailand_8542_web.csv", "THA", "chips,8542", 11, []string{
			"2015 4 false 9389778348 0.4211", "2019 4 false 11267085663 0.3941", "2023 4 false 19588059644 0.3008"}},
	} {
		t.Run(test.reporter, func(t *testing.T) {
			t.Parallel()
			c := configure(t, realFiles(t, test.files), "reporter", test.reporter, "sectors", listOf(t, test.list))
			c.IsWhole = nil
			run(t, c)
			got := published(t, c, `SELECT format('{} {} {} {:.0f} {:.4f}', year, level, partial, imports_usd, group_share)
				FROM '%s/partner_group_share.parquet' WHERE year IN (2015, 2019, 2023) ORDER BY year`)
			sameRows(t, test.files, test.want, got)
			years := published(t, c, "SELECT year FROM '%s/partner_group_share.parquet' WHERE group_share > 0 AND partner_coverage BETWEEN 0.999 AND 1.001")
			if len(years) != test.years {
				t.Errorf("%s: a share of the years %v, want %d years", test.files, years, test.years)
			}
		})
	}
}

// listOf is a sector list of the lines.
func listOf(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// realFiles is a folder with those of the real files that a pattern names.
func realFiles(t *testing.T, pattern string) string {
	t.Helper()
	shared := cmp.Or(os.Getenv("ENTREPOT_REAL_FILES"), "../../shared/data")
	found, err := filepath.Glob(filepath.Join(shared, pattern))
	if err != nil || len(found) == 0 {
		t.Skipf("the real files %s are not here (ENTREPOT_REAL_FILES names their folder): %v", pattern, err)
	}
	data := t.TempDir()
	for _, file := range found {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(data, filepath.Base(file)), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return data
}

// Files that have headings, chapters and codes in every mixture give what a second
// implementation makes of them, in plain Go on maps.
func TestIndependentLevels(t *testing.T) {
	t.Parallel()
	const seed = 20250502
	g := newLevels(t, seed)
	var text strings.Builder
	text.WriteString("refYear,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue\n")
	for year := 1990; year < 2020; year++ {
		g.year(&text, year)
	}
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "trade.csv"), []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	list := []string{"sector,code"}
	for _, l := range levelLists {
		list = append(list, l[0]+","+l[1])
	}
	c := configure(t, data, "sectors", listOf(t, list...))
	c.IsWhole = nil
	run(t, c)
	sameRows(t, "partner_group_share", g.sectors, published(t, c, `SELECT sector, year, level, codes_covered, codes_unknown,
		coalesce(imports_usd::BIGINT, -1), coalesce(partner_imports_usd::BIGINT, -1), coalesce(group_imports_usd::BIGINT, -1) FROM '%s/partner_group_share.parquet'`))
	sameRows(t, "partner_group_share_hs6", g.rows, published(t, c, `SELECT year, hs6, level, CASE WHEN sector IS NULL THEN '-' ELSE sector END,
		imports_usd::BIGINT FROM '%s/partner_group_share_hs6.parquet'`))
	sameRows(t, "partner_trend", g.trend, published(t, c, `SELECT sector, year, level, coalesce(from_partner_usd::BIGINT, -1), coalesce(imports_usd::BIGINT, -1)
		FROM '%s/partner_trend.parquet' WHERE sector NOT IN ('all_codes', 'all_sectors')`))
	for _, kind := range []string{" 2 ", " 4 ", " 6 "} {
		if !slices.ContainsFunc(g.rows, func(row string) bool { return strings.Contains(row, kind) }) {
			t.Errorf("no row is of level%s, so nothing of it is tested", kind)
		}
	}
}

// levelLists are sectors of chapters, headings and codes. Zinc has a part of its chapter,
// and iron codes of one heading that ore has others of.
var levelLists = [][2]string{{"lead", "78"}, {"zinc", "7901"}, {"zinc", "7905"}, {"tin", "80"}, {"earths", "2846"}, {"ore", "260111"}, {"iron", "260112"}}

// levels makes trade of a few chapters in H4, and what must come of it.
type levels struct {
	random               *rand.Rand
	codes                []string          // of these chapters
	sector               map[string]string // of each listed code
	sectors, rows, trend []string
}

func newLevels(t *testing.T, seed uint64) *levels {
	g := &levels{random: rand.New(rand.NewPCG(seed, 0)), sector: map[string]string{}}
	for _, c := range readCSV(t, "../schemas/reference/hs_codes.csv.gz") {
		if c[0] != "H4" {
			continue
		}
		if slices.Contains([]string{"26", "78", "79", "80"}, c[1][:2]) || c[1][:4] == "2846" {
			g.codes = append(g.codes, c[1])
		}
		for _, l := range levelLists {
			if strings.HasPrefix(c[1], l[1]) {
				g.sector[c[1]] = l[0]
			}
		}
	}
	return g
}

// cell is what the files have of a code, heading or chapter.
type levelCell struct{ world, partners, members int64 } // partners -1: no rows by partner

// below tells whether a code is below another, which may be the empty TOTAL.
func below(code, prefix string) bool { return strings.HasPrefix(code, prefix) && code != prefix }

// prefixes are the headings and the chapters of the codes, or both.
func (g *levels) prefixes(digits ...int) []string {
	found := map[string]bool{}
	for _, code := range g.codes {
		for _, n := range digits {
			found[code[:n]] = true
		}
	}
	var all []string
	for prefix := range found {
		all = append(all, prefix)
	}
	slices.Sort(all)
	return all
}

// year writes the rows of a year, and adds what must come of them.
func (g *levels) year(text *strings.Builder, year int) {
	there := map[string]levelCell{}
	write := func(code string, usd int64) {
		cell := levelCell{world: usd, partners: -1}
		name := cmp.Or(code, "TOTAL")
		fmt.Fprintf(text, "%d,%[1]d,156,M,0,H4,%s,%d\n", year, name, usd)
		if g.random.IntN(10) > 0 { // by partner, too
			cell.members = usd / int64(2+g.random.IntN(4))
			cell.partners = usd
			fmt.Fprintf(text, "%d,%[1]d,156,M,842,H4,%s,%d\n%[1]d,%[1]d,156,M,704,H4,%[2]s,%[4]d\n", year, name, cell.members, usd-cell.members)
		}
		there[code] = cell
	}
	truth := map[string]int64{}
	for _, heading := range g.prefixes(4) {
		kind := g.random.IntN(4)
		for _, code := range g.codes {
			if !below(code, heading) || g.random.IntN(5) == 0 {
				continue
			}
			usd := 1000 + int64(g.random.IntN(9000))
			for _, n := range []int{0, 2, 4} {
				truth[code[:n]] += usd
			}
			if kind == 0 || kind == 1 && g.random.IntN(2) == 0 {
				write(code, usd)
			}
		}
	}
	for _, prefix := range append(g.prefixes(2, 4), "") {
		share := g.random.IntN(20) // at times there is no row, or one that is too small
		if truth[prefix] > 0 && share > 4 {
			usd := truth[prefix]
			if share == 5 {
				usd /= 3
			}
			write(prefix, usd)
		}
	}
	g.expect(year, there)
}

// sum adds up the cells of some digits below a prefix, and says whether there are any.
func sum(there map[string]levelCell, prefix string, digits int) (usd int64, found bool) {
	for code, cell := range there {
		if len(code) == digits && below(code, prefix) {
			usd, found = usd+cell.world, true
		}
	}
	return usd, found
}

func near(usd, total int64) bool { return max(usd-total, total-usd)*1000 <= total }

// expect works a year out: first what is known of each code, then of each heading and
// chapter, and then who gives the figure of each code.
func (g *levels) expect(year int, there map[string]levelCell) {
	has := func(code string) bool { _, ok := there[code]; return ok }
	// A code has a row, or the nearest total says that it has none.
	known := func(code string) bool {
		if has(code) {
			return true
		}
		if _, codes := sum(there, "", 6); !codes {
			return false
		}
		for _, n := range []int{4, 2, 0} {
			if has(code[:n]) {
				usd, _ := sum(there, code[:n], 6)
				return near(usd, there[code[:n]].world)
			}
		}
		return false
	}
	all := func(prefix string, is func(string) bool) bool {
		for _, code := range g.codes {
			if below(code, prefix) && !is(code) {
				return false
			}
		}
		return true
	}
	atMost := func(prefix string, digits int) bool {
		usd, _ := sum(there, prefix, digits)
		return usd*1000 <= there[prefix].world*1001
	}
	whole := func(prefix string, digits int) bool {
		usd, found := sum(there, prefix, digits)
		return has(prefix) && found && near(usd, there[prefix].world)
	}
	empty := func(prefix string, digits int) bool { _, found := sum(there, prefix, digits); return !found }
	isRow := func(heading string) bool { return !all(heading, known) && has(heading) && atMost(heading, 6) }
	isZero := func(heading string) bool {
		return !all(heading, known) && !has(heading) && empty(heading, 6) && (whole(heading[:2], 4) || whole("", 4))
	}
	byChapter := func(chapter string) bool {
		if all(chapter, known) || !has(chapter) || !atMost(chapter, 6) || !atMost(chapter, 4) {
			return false
		}
		for _, heading := range g.prefixes(4) {
			if below(heading, chapter) && !all(heading, known) && !isRow(heading) && !isZero(heading) {
				return true
			}
		}
		return false
	}
	chapterIsZero := func(chapter string) bool {
		return !all(chapter, known) && !has(chapter) && empty(chapter, 6) && empty(chapter, 4) && whole("", 2)
	}
	one := func(prefix string) bool {
		names := map[string]bool{}
		all(prefix, func(code string) bool { names[g.sector[code]] = true; return true })
		// Of 28 the year has no other headings, and the list has 2846 alone.
		return len(names) == 1 && prefix != "28"
	}
	type result struct {
		level, covered, unknown int
		cells                   map[string]levelCell
	}
	results, shown := map[string]*result{}, map[string]string{}
	for _, code := range g.codes {
		chapter, heading := code[:2], code[:4]
		level, of := 0, ""
		switch {
		case byChapter(chapter) && one(chapter):
			level, of = 2, chapter
		case isRow(heading) && one(heading):
			level, of = 4, heading
		case known(code):
			level, of = 6, code
		case isZero(heading):
			level = 4
		case chapterIsZero(chapter):
			level = 2
		}
		sector := g.sector[code]
		if has(of) && of != "" {
			shown[of] = cmp.Or(sector, "-")
		}
		if isRow(heading) && !one(heading) && empty(heading, 6) {
			shown[heading] = "-"
		}
		if byChapter(chapter) && !one(chapter) && empty(chapter, 6) && empty(chapter, 4) {
			shown[chapter] = "-"
		}
		if sector == "" {
			continue
		}
		r := results[sector]
		if r == nil {
			r = &result{level: 6, cells: map[string]levelCell{}}
			results[sector] = r
		}
		if level == 0 {
			r.unknown++
			continue
		}
		r.covered, r.level = r.covered+1, min(r.level, level)
		if has(of) && of != "" {
			r.cells[of] = there[of]
		}
	}
	for code, sector := range shown {
		g.rows = append(g.rows, fmt.Sprint(year, " ", code, " ", len(code), " ", sector, " ", there[code].world))
	}
	for sector, r := range results {
		var world, usa int64
		partners, members, blind := int64(-1), int64(-1), false
		for code, cell := range r.cells {
			world += cell.world
			if cell.partners >= 0 {
				partners, members, usa = max(partners, 0)+cell.partners, max(members, 0)+cell.members, usa+cell.members
			} else if len(code) < 6 {
				blind = true // the heading's row is known, and none of its partners
			}
		}
		if r.covered == 0 {
			world = -1
		}
		g.sectors = append(g.sectors, fmt.Sprint(sector, " ", year, " ", r.level, " ", r.covered, " ", r.unknown, " ", world, " ", partners, " ", members))
		if blind || r.covered == 0 {
			usa = -1
		}
		g.trend = append(g.trend, fmt.Sprint(sector, " ", year, " ", r.level, " ", usa, " ", world))
	}
}
