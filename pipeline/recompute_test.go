package pipeline_test

import (
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entrepot/fixtures"

	"github.com/google/go-cmp/cmp"
)

// The pipeline and a second implementation, in plain Go on maps, agree to the
// last bit on about 100,000 rows with every trap, in each way of counting codes.
// The second implementation shares nothing with the first but the reference
// tables' files.
func TestIndependentRecomputation(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	rows := generated(t, data)
	if len(rows) < 90_000 || len(rows) > 130_000 {
		t.Errorf("%d rows were made, about 100,000 are meant", len(rows))
	}
	for _, harmonize := range []string{"H4", "H5", "H6", "as-reported"} {
		t.Run(harmonize, func(t *testing.T) {
			t.Parallel()
			c := configure(t, data, "harmonize", harmonize)
			if s := run(t, c); len(s.Rejects) > 0 {
				t.Errorf("rejects: %v", s.Rejects)
			}
			want := recompute(t, rows, harmonize)
			for name, query := range map[string]string{
				"import_dependence_hs6":         `SELECT year, hs_revision, hs6, CASE WHEN sector IS NULL THEN '-' ELSE sector END, imports_usd, exports_usd, dependent FROM '%s/import_dependence_hs6.parquet' WHERE traded`,
				"import_dependence":             `SELECT year, hs_revision, sector, codes_listed, codes_traded, codes_dependent FROM '%s/import_dependence.parquet'`,
				"dominance_hs6":                 `SELECT year, hs_revision, hs6, CASE WHEN sector IS NULL THEN '-' ELSE sector END, exports_usd, world_exports_usd, dominated, exporters FROM '%s/dominance_hs6.parquet'`,
				"dominance":                     `SELECT year, hs_revision, sector, codes_listed, codes_exported, codes_dominated, reporters FROM '%s/dominance.parquet'`,
				"export_share":                  `SELECT year, hs_revision, sector, exports_usd, world_exports_usd, export_share FROM '%s/export_share.parquet'`,
				"partner_group_share":           `SELECT year, hs_revision, sector, imports_usd, partner_imports_usd, group_imports_usd, group_share FROM '%s/partner_group_share.parquet'`,
				"import_dependence_sensitivity": `SELECT year, hs_revision, sector, ratio, codes_traded, codes_dependent, imports_usd, dependent_imports_usd, codes_near FROM '%s/import_dependence_sensitivity.parquet'`,
				"dominance_sensitivity":         `SELECT year, hs_revision, sector, share, codes_exported, codes_dominated, world_exports_usd, dominated_world_exports_usd, codes_near FROM '%s/dominance_sensitivity.parquet'`,
				"partner_trend":                 `SELECT year, hs_revision, sector, partner_reported, from_partner_usd, imports_usd, partner_share FROM '%s/partner_trend.parquet'`,
				"high_tech_monthly":             `SELECT year, month, hs_revision, sector, months_reported, imports_usd, exports_usd FROM '%s/high_tech_monthly.parquet'`,
				"group_exports":                 `SELECT year, sector, exporter, members_reported, members_with_partners, gross_exports_usd, exports_usd FROM '%s/group_exports.parquet' WHERE NOT is_product_group`,
				"ratings":                       `SELECT year, hs_revision, sector, dependence_rating, competitiveness_rating FROM '%s/ratings.parquet'`,
				"vulnerabilities": `SELECT hs4, hs_revision, CASE WHEN sectors IS NULL THEN '-' ELSE sectors END, codes_listed, first_year, year, first_imports_usd,
					imports_usd, exports_usd, listed_imports_usd, partner_imports_usd, group_imports_usd, class, codes_unreached FROM '%s/vulnerabilities.parquet'`,
			} {
				sameRows(t, name, want[name], published(t, c, query))
			}
		})
	}
}

// sameRows compares what was published, which must be something, with what the second
// implementation has. Both are sorted.
func sameRows(t *testing.T, name string, want, got []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if len(got) == 0 {
		t.Errorf("%s is empty", name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-second implementation +pipeline):\n%.3000s", name, diff)
	}
}

// generated writes the data set into a folder, in several files and spellings,
// and returns its rows in the order in which they are believed: the last wins.
func generated(t *testing.T, dir string) []fixtures.Row {
	t.Helper()
	g := fixtures.Generator{Seed: 20250501, Presence: 0.8, Traps: 0.03, Codes: map[string][]string{},
		Lagging:   map[int]string{764: "H2", 643: "H3"},
		Reporters: []int{156, 842, 276, 392, 410, 251, 826, 380, 699, 490, 704, 764, 76, 484, 528, 702, 757, 36, 124, 643},
		Partners:  []int{842, 276, 392, 410, 251, 826, 490, 704, 764, 76, 156, 188},
		Years:     []int{2015, 2016, 2017, 2018, 2019, 2020, 2021, 2022, 2023}}
	listed := map[[2]string]bool{}
	for _, s := range readCSV(t, "../schemas/reference/sectors.csv") {
		listed[[2]string{s[1], s[2]}] = true
	}
	for i, c := range readCSV(t, "../schemas/reference/hs_codes.csv.gz") {
		if listed[[2]string{c[0], c[1]}] || i%37 == 0 {
			g.Codes[c[0]] = append(g.Codes[c[0]], c[1])
		}
	}
	var older, all []fixtures.Row
	spellings := []fixtures.Spelling{fixtures.API, fixtures.Web, fixtures.Bulk, fixtures.OldWeb, fixtures.Numbers}
	for i, reporter := range g.Reporters {
		var rows []fixtures.Row
		g.Rows(reporter, func(r fixtures.Row) { rows = append(rows, r) })
		rows = append(rows, exportsByPartner(rows)...)
		write(t, filepath.Join(dir, fmt.Sprintf("TradeData_6_1_2025_9_0_%d.csv", i)), spellings[i%len(spellings)], rows)
		all = append(all, rows...)
		for j, r := range rows {
			if j%101 == 0 && r.Customs == "" && r.Transport == 0 { // an older download had other values
				r.Mills += 777_000
				older = append(older, r)
			}
		}
	}
	write(t, filepath.Join(dir, "TradeData_5_31_2025_9_0_0.csv"), fixtures.Web, older)
	return append(older, all...)
}

// exportsByPartner divides what four members of the EU export to World: a third goes to
// a member, the rest elsewhere. The Netherlands list no partners in odd years.
func exportsByPartner(rows []fixtures.Row) []fixtures.Row {
	var all []fixtures.Row
	for _, r := range rows {
		isEU := slices.Contains([]int{276, 251, 380, 528}, r.Reporter)
		if !isEU || r.Reporter == 528 && r.Year%2 == 1 || r.Flow != "X" || r.Month > 0 || len(r.Code) != 6 || r.Customs != "" || r.Transport != 0 {
			continue
		}
		member, other := r, r
		member.Partner, member.Mills = 251, r.Mills/3
		other.Partner, other.Mills = 842, r.Mills-r.Mills/3
		all = append(all, member, other)
	}
	return all
}

// recompute works the measures out from rows.
func recompute(t *testing.T, rows []fixtures.Row, harmonize string) map[string][]string {
	t.Helper()
	convert, reach := converter(t, harmonize)
	type cell struct {
		reporter, year int
		flow           string
		partner        int
		revision, code string
	}
	believed := map[cell]int64{}
	for _, r := range rows {
		if r.Month != 0 || len(r.Code) != 6 || r.Customs != "" || r.Transport != 0 || r.Reporter == 97 || len(r.Flow) == 2 {
			continue
		}
		believed[cell{r.Reporter, r.Year, r.Flow, r.Partner, r.Revision, r.Code}] = r.Mills
	}
	trade := map[cell]int64{}
	split := map[cell]bool{} // has a part of a code that was divided, and so a rounding
	evidence := later{}
	for c, mills := range believed {
		if c.partner == 0 && harmonize != "as-reported" && c.revision >= harmonize {
			evidence.add(c.reporter, c.flow, convert(c.revision, c.code, mills)[0])
		}
	}
	for c, mills := range believed {
		parts := evidence.divide(c.reporter, c.flow, mills, convert(c.revision, c.code, mills))
		for _, p := range parts {
			to := c
			to.revision, to.code = p.revision, p.code
			trade[to] += p.mills
			split[to] = split[to] || len(parts) > 1 && p.mills > 0
		}
	}
	sectors, listed := map[[2]string]string{}, map[[2]string][]string{} // of revision and code; codes of revision and sector
	for _, s := range readCSV(t, "../schemas/reference/sectors.csv") {
		sectors[[2]string{s[1], s[2]}] = s[0]
		key := [2]string{s[1], s[0]}
		listed[key] = append(listed[key], s[2])
	}
	oecd, eu := map[int]bool{}, map[int]bool{} // of today
	for _, m := range readCSV(t, "../schemas/reference/groups.csv") {
		switch {
		case m[0] == "OECD":
			oecd[int(number(t, m[1]))] = true
		case m[0] == "EU" && m[3] == "":
			eu[int(number(t, m[1]))] = true
		}
	}
	g := fixtures.Generator{}
	out := map[string][]string{}
	add := func(table string, values ...any) {
		out[table] = append(out[table], strings.TrimSuffix(fmt.Sprintln(values...), "\n"))
	}
	usd := func(mills int64) float64 { return float64(mills) / 1000 }
	known := map[[2]string]bool{}
	for _, c := range readCSV(t, "../schemas/reference/hs_codes.csv.gz") {
		known[[2]string{c[0], c[1]}] = true
	}
	for year := 2015; year <= 2023; year++ {
		type sums struct {
			m, x, w, exporters, partners, members, usa int64
			ownSplit, worldSplit                       bool
		}
		// A share is at its threshold when it is there within the rounding of parts: a
		// mill for each of China's imports and exports, or for each exporter and for W.
		// Ratios are in hundredths, shares in tenths.
		dependentAt := func(s *sums, ratio int64) bool {
			slack := int64(0)
			if s.ownSplit {
				slack = 100 + ratio
			}
			return s.m > 0 && 100*s.m+slack >= ratio*s.x
		}
		dominatedAt := func(s *sums, share int64) bool {
			slack := int64(0)
			if s.worldSplit {
				slack = 1 + s.exporters
			}
			return 10*s.x > share*s.w+10*slack
		}
		// near tells whether m is from 0.95 to 1.05 times threshold/of of x, with room for
		// rounding on either side. slack is in mills times 100 · of.
		near := func(m, x, threshold, of, slack int64) bool {
			return m > 0 && x > 0 && 100*of*m+slack >= 95*threshold*x && 100*of*m <= 105*threshold*x+slack
		}
		dependent := func(s *sums) bool { return dependentAt(s, 200) }
		dominated := func(s *sums) bool { return dominatedAt(s, 3) }
		// What China trades is by revision and code. As reported, world exports are
		// by the code's number alone, in whichever revisions reporters use.
		by := map[[2]string]*sums{}
		reporters := map[int]bool{}
		own := g.Revision(156, year)
		newest := map[string]string{}
		used := map[string]bool{} // revisions of exports, before conversion
		for c := range believed {
			if c.year == year && c.partner == 0 {
				used[c.revision] = true
				newest[c.code] = max(newest[c.code], c.revision)
			}
		}
		home := func(code string) [2]string {
			switch {
			case harmonize != "as-reported":
				return [2]string{harmonize, code}
			case known[[2]string{own, code}]:
				return [2]string{own, code}
			}
			return [2]string{newest[code], code}
		}
		reached := func(code string) bool {
			for revision := range used {
				if !reach(revision, code) {
					return false
				}
			}
			return true
		}
		for c, mills := range trade {
			if c.year != year {
				continue
			}
			key := home(c.code)
			if by[key] == nil {
				by[key] = &sums{}
			}
			s := by[key]
			if c.partner == 0 && split[c] {
				s.ownSplit = s.ownSplit || c.reporter == 156
				s.worldSplit = s.worldSplit || c.flow == "X"
			}
			switch {
			case c.flow == "X" && c.partner == 0:
				reporters[c.reporter] = true
				s.w += mills
				if mills > 0 {
					s.exporters++
				}
				if c.reporter == 156 {
					s.x += mills
				}
			case c.flow == "M" && c.partner == 0:
				s.m += mills
			case c.flow == "M":
				s.partners += mills
				if c.partner == 842 {
					s.usa += mills
				}
				if oecd[c.partner] {
					s.members += mills
				}
			}
		}
		sectorOf := func(key [2]string) string {
			if s := sectors[key]; s != "" {
				return s
			}
			return "-"
		}
		for key, s := range by {
			if s.m+s.x > 0 {
				add("import_dependence_hs6", year, key[0], key[1], sectorOf(key), usd(s.m), usd(s.x), dependent(s))
			}
			if s.w > 0 && (s.x > 0 || sectors[key] != "") {
				verdict := any(dominated(s))
				if !reached(key[1]) {
					verdict = nil
				}
				add("dominance_hs6", year, key[0], key[1], sectorOf(key), usd(s.x), usd(s.w), verdict, s.exporters)
			}
		}
		revision := harmonize
		if harmonize == "as-reported" {
			revision = g.Revision(156, year)
		}
		fromUSA := slices.ContainsFunc(slices.Collect(maps.Keys(trade)), func(c cell) bool {
			return c.year == year && c.reporter == 156 && c.flow == "M" && c.partner == 842
		})
		addTrend := func(sector string, usa, m int64) {
			if !fromUSA {
				add("partner_trend", year, revision, sector, false, nil, usd(m), nil)
				return
			}
			add("partner_trend", year, revision, sector, true, usd(usa), usd(m), usd(usa)/usd(m))
		}
		var total, everything sums
		for _, s := range by {
			everything.usa, everything.m = everything.usa+s.usa, everything.m+s.m
		}
		addTrend("all_codes", everything.usa, everything.m)
		exports, byPartner := map[string]map[int]int64{}, map[string]map[int]bool{} // by sector and reporter
		internal := map[string]int64{}
		for c, mills := range trade {
			name := sectors[[2]string{c.revision, c.code}]
			if c.year != year || c.flow != "X" || name == "" {
				continue
			}
			if exports[name] == nil {
				exports[name], byPartner[name] = map[int]int64{}, map[int]bool{}
			}
			if c.partner == 0 {
				exports[name][c.reporter] += mills
				continue
			}
			byPartner[name][c.reporter] = true
			if eu[c.reporter] && eu[c.partner] {
				internal[name] += mills
			}
		}
		for name, of := range exports {
			for iso3, code := range map[string]int{"CHN": 156, "USA": 842, "JPN": 392, "KOR": 410} {
				if reporters[code] {
					add("group_exports", year, name, iso3, 1, nil, usd(of[code]), usd(of[code]))
				} else {
					add("group_exports", year, name, iso3, 0, nil, nil, nil)
				}
			}
			there, known, gross := 0, 0, int64(0) // of the EU
			for code := range reporters {
				if eu[code] {
					there, gross = there+1, gross+of[code]
					if of[code] == 0 || byPartner[name][code] {
						known++
					}
				}
			}
			net := any(nil)
			if known == there {
				net = usd(gross - internal[name])
			}
			add("group_exports", year, name, "EU", there, known, usd(gross), net)
		}
		for key, codes := range listed {
			if key[0] != revision {
				continue
			}
			var n struct{ traded, dependent, exported, dominated int }
			var sum sums
			for _, code := range codes {
				s := by[[2]string{revision, code}]
				if s == nil {
					continue
				}
				if s.m+s.x > 0 {
					n.traded++
				}
				if dependent(s) {
					n.dependent++
				}
				if s.w > 0 && reached(code) {
					n.exported++
				}
				if dominated(s) && reached(code) {
					n.dominated++
				}
				sum.x, sum.w, sum.m, sum.usa = sum.x+s.x, sum.w+s.w, sum.m+s.m, sum.usa+s.usa
				sum.partners, sum.members = sum.partners+s.partners, sum.members+s.members
			}
			add("import_dependence", year, revision, key[1], len(codes), n.traded, n.dependent)
			add("dominance", year, revision, key[1], len(codes), n.exported, n.dominated, len(reporters))
			add("export_share", year, revision, key[1], usd(sum.x), usd(sum.w), usd(sum.x)/usd(sum.w))
			dependence, competitiveness := "mixed", "mixed"
			switch {
			case 10*n.dependent < n.traded:
				dependence = "strong"
			case 10*n.dependent > 3*n.traded:
				dependence = "weak"
			}
			switch {
			case 5*sum.x > sum.w:
				competitiveness = "unknown" // there is no table of firms
			case 10*sum.x < sum.w && 10*n.dominated < n.exported:
				competitiveness = "weak"
			}
			add("ratings", year, revision, key[1], dependence, competitiveness)
			for _, ratio := range []int64{100, 150, 200, 300, 500} {
				var dependents, nears int
				var imports int64
				for _, code := range codes {
					s := by[[2]string{revision, code}]
					if s == nil {
						continue
					}
					if dependentAt(s, ratio) {
						dependents, imports = dependents+1, imports+s.m
					}
					slack := int64(0)
					if s.ownSplit {
						slack = 100*100 + 105*ratio
					}
					if near(s.m, s.x, ratio, 100, slack) {
						nears++
					}
				}
				add("import_dependence_sensitivity", year, revision, key[1], float64(ratio)/100, n.traded, dependents, usd(sum.m), usd(imports), nears)
			}
			for _, share := range []int64{2, 3, 4, 5} {
				var dominants, nears int
				var exports, world int64
				for _, code := range codes {
					s := by[[2]string{revision, code}]
					if s == nil || s.w == 0 || !reached(code) {
						continue
					}
					exports += s.w
					if dominatedAt(s, share) {
						dominants, world = dominants+1, world+s.w
					}
					slack := int64(0)
					if s.worldSplit {
						slack = 1000 * (1 + s.exporters)
					}
					if near(s.x, s.w, share, 10, slack) {
						nears++
					}
				}
				add("dominance_sensitivity", year, revision, key[1], float64(share)/10, n.exported, dominants, usd(exports), usd(world), nears)
			}
			addTrend(key[1], sum.usa, sum.m)
			total.usa, total.m = total.usa+sum.usa, total.m+sum.m
			add("partner_group_share", year, revision, key[1], usd(sum.m), usd(sum.partners), usd(sum.members), usd(sum.members)/usd(sum.m))
		}
		addTrend("all_sectors", total.usa, total.m)
	}
	recomputeMonths(rows, func(flow, revision, code string, mills int64) []converted {
		return evidence.divide(156, flow, mills, convert(revision, code, mills))
	}, sectors, listed, add)
	// Vulnerabilities: headings of 2015 and 2023, the first and the last year.
	type heading struct {
		m, x, partners, members, before, listedImports int64
		rounding                                       struct{ m, x, members, before int64 } // in mills: a cell of split parts each
		anyPartner                                     bool
	}
	headings := map[string]*heading{}
	revision := harmonize
	if harmonize == "as-reported" {
		revision = g.Revision(156, 2023)
	}
	for c, mills := range trade {
		isFirst := c.year == 2015 && c.flow == "M" && c.partner == 0
		if c.reporter != 156 || c.year != 2023 && !isFirst || c.flow == "X" && c.partner != 0 {
			continue
		}
		if headings[c.code[:4]] == nil {
			headings[c.code[:4]] = &heading{}
		}
		h := headings[c.code[:4]]
		cell := int64(0)
		if split[c] {
			cell = 1
		}
		switch {
		case isFirst:
			h.before, h.rounding.before = h.before+mills, h.rounding.before+cell
		case c.flow == "X":
			h.x, h.rounding.x = h.x+mills, h.rounding.x+cell
		case c.partner == 0:
			h.m, h.rounding.m = h.m+mills, h.rounding.m+cell
			if sectors[[2]string{revision, c.code}] != "" {
				h.listedImports += mills
			}
		default:
			h.partners, h.anyPartner = h.partners+mills, true
			if oecd[c.partner] {
				h.members, h.rounding.members = h.members+mills, h.rounding.members+cell
			}
		}
	}
	listedIn, unreached := map[string][]string{}, map[string]int{}
	for key, codes := range listed {
		for _, code := range codes {
			if key[0] == revision {
				listedIn[code[:4]] = append(listedIn[code[:4]], key[1])
			}
		}
	}
	for key := range known {
		if harmonize != "as-reported" && key[0] == harmonize && !(reach(g.Revision(156, 2015), key[1]) && reach(g.Revision(156, 2023), key[1])) {
			unreached[key[1][:4]]++
		}
	}
	for hs4, h := range headings {
		r := h.rounding
		atRatio := func(ratio int64) bool { return h.m > 0 && h.m+r.m+ratio*r.x >= ratio*h.x }
		atShare := func(percent int64) bool { return 100*(h.members+r.members)+percent*r.m >= percent*h.m }
		class := any("none")
		switch {
		case !atRatio(2):
		case !h.anyPartner:
			class = nil
		case !atShare(50):
		case h.before > 0 && 100*h.m <= 75*h.before+100*(r.m+r.before):
			class = "easing"
		case atRatio(5) && atShare(75):
			class = "severe"
		default:
			class = "high"
		}
		partners, members := any(nil), any(nil)
		if h.anyPartner {
			partners, members = usd(h.partners), usd(h.members)
		}
		slices.Sort(listedIn[hs4])
		names := "-"
		if codes := listedIn[hs4]; len(codes) > 0 {
			names = strings.Join(slices.Compact(slices.Clone(codes)), ", ")
		}
		add("vulnerabilities", hs4, revision, names, len(listedIn[hs4]), 2015, 2023, usd(h.before), usd(h.m), usd(h.x), usd(h.listedImports),
			partners, members, class, unreached[hs4])
	}
	return out
}

// recomputeMonths works high_tech_monthly out: China's monthly rows with World.
func recomputeMonths(rows []fixtures.Row, convert func(flow, revision, code string, mills int64) []converted, sectors map[[2]string]string,
	listed map[[2]string][]string, add func(string, ...any)) {
	type cell struct {
		year, month          int
		flow, revision, code string
	}
	type month struct{ year, month int }
	type sums struct{ m, x int64 }
	believed := map[cell]int64{}
	for _, r := range rows {
		if r.Month > 0 && len(r.Code) == 6 && r.Customs == "" && r.Transport == 0 && r.Reporter == 156 && len(r.Flow) == 1 && r.Partner == 0 {
			believed[cell{r.Year, r.Month, r.Flow, r.Revision, r.Code}] = r.Mills
		}
	}
	has := map[month]map[string]bool{} // flows
	revisions := map[month]string{}
	by := map[month]map[string]sums{} // sectors
	for c, mills := range believed {
		for _, p := range convert(c.flow, c.revision, c.code, mills) {
			at := month{c.year, c.month}
			if has[at] == nil {
				has[at], by[at] = map[string]bool{}, map[string]sums{}
			}
			has[at][c.flow], revisions[at] = true, p.revision
			for _, name := range []string{sectors[[2]string{p.revision, p.code}], "all_sectors"} {
				s := by[at][name]
				if sectors[[2]string{p.revision, p.code}] == "" {
					continue
				}
				if c.flow == "M" {
					s.m += p.mills
				} else {
					s.x += p.mills
				}
				by[at][name] = s
			}
		}
	}
	ofYear := map[int]int{}
	for at := range has {
		ofYear[at.year]++
	}
	for at, flows := range has {
		names := []string{"all_sectors"}
		for key := range listed {
			if key[0] == revisions[at] {
				names = append(names, key[1])
			}
		}
		for _, name := range names {
			imports, exports := any(nil), any(nil)
			if flows["M"] {
				imports = float64(by[at][name].m) / 1000
			}
			if flows["X"] {
				exports = float64(by[at][name].x) / 1000
			}
			add("high_tech_monthly", at.year, at.month, revisions[at], name, ofYear[at.year], imports, exports)
		}
	}
}

type converted struct {
	revision, code string
	mills          int64
}

// later is what reporters trade of codes in the years in which they report these, by
// reporter (0 for all), flow and code, in mills.
type later map[string]int64

func (l later) add(reporter int, flow string, c converted) {
	l[fmt.Sprint(reporter, flow, c.code)] += c.mills
	l[fmt.Sprint(0, flow, c.code)] += c.mills
}

// divide divides a value among the codes of its parts by what the reporter trades of them
// later, or else by what all do, or else leaves the parts as they are.
func (l later) divide(reporter int, flow string, mills int64, parts []converted) []converted {
	if len(parts) < 2 {
		return parts
	}
	parts = slices.SortedFunc(slices.Values(parts), func(a, b converted) int { return strings.Compare(a.code, b.code) })
	for _, of := range []int{reporter, 0} {
		total := new(big.Int)
		for _, p := range parts {
			total.Add(total, big.NewInt(l[fmt.Sprint(of, flow, p.code)]))
		}
		if total.Sign() == 0 {
			continue
		}
		sum, before := new(big.Int), int64(0)
		for i, p := range parts {
			sum.Add(sum, big.NewInt(l[fmt.Sprint(of, flow, p.code)]))
			cut := new(big.Int).Mul(sum, big.NewInt(mills))
			after := cut.Quo(cut, total).Int64()
			parts[i].mills, before = after-before, after
		}
		return parts
	}
	return parts
}

// converter takes a value of a code to the target revision, step by step by the
// tables of the UN and ours. reach tells whether any code of a revision comes to
// a code of the target.
func converter(t *testing.T, target string) (convert func(revision, code string, mills int64) []converted, reach func(revision, code string) bool) {
	t.Helper()
	if target == "as-reported" {
		return func(revision, code string, mills int64) []converted { return []converted{{revision, code, mills}} },
			func(string, string) bool { return true }
	}
	revisions := []string{"H0", "H1", "H2", "H3", "H4", "H5", "H6"}
	older := map[string]string{} // "H6 854143" to "854140"
	codes := readCSV(t, "../schemas/reference/hs_codes.csv.gz")
	for _, c := range codes {
		older[c[0]+" "+c[1]] = c[1]
	}
	isStep := func(from, to string) bool { return slices.Index(revisions, from) == slices.Index(revisions, to)+1 }
	for _, c := range readCSV(t, "../schemas/reference/hs_changes.csv") {
		if isStep(c[0], c[2]) {
			older[c[0]+" "+c[1]] = c[3]
		}
	}
	for _, c := range readCSV(t, "../schemas/reference/hs_overrides.csv") {
		if isStep(c[0], c[2]) {
			older[c[0]+" "+c[1]] = c[4]
		}
	}
	newer := map[string][]string{} // "H5 854140" to its codes in H6, in order
	for _, c := range codes {
		if i := slices.Index(revisions, c[0]); i > 0 {
			key := revisions[i-1] + " " + older[c[0]+" "+c[1]]
			newer[key] = append(newer[key], c[1])
		}
	}
	overlap := map[string][]string{} // the same of codes that no newer one is converted to
	for _, c := range readCSV(t, "../schemas/reference/hs_successors.csv") {
		if key := c[0] + " " + c[1]; len(newer[key]) == 0 {
			overlap[key] = append(overlap[key], c[3])
		}
	}
	maps.Copy(newer, overlap)
	// arrives tells whether any part of a code comes to a revision.
	var arrives func(at, to int, code string) bool
	arrives = func(at, to int, code string) bool {
		return at == to || slices.ContainsFunc(newer[revisions[at]+" "+code], func(code string) bool { return arrives(at+1, to, code) })
	}
	convert = func(revision, code string, mills int64) []converted {
		at, to := slices.Index(revisions, revision), slices.Index(revisions, target)
		for ; at > to; at-- {
			code = older[revisions[at]+" "+code]
		}
		// Parts of one: a code's targets share it equally, at every step.
		type part struct {
			code string
			size *big.Rat
		}
		parts := []part{{code, big.NewRat(1, 1)}}
		for ; at < to; at++ {
			var next []part
			for _, p := range parts {
				// Those without a successor in the target give way to the others.
				var targets []string
				for _, code := range newer[revisions[at]+" "+p.code] {
					if arrives(at+1, to, code) {
						targets = append(targets, code)
					}
				}
				if len(targets) == 0 {
					return nil
				}
				for _, code := range targets {
					next = append(next, part{code, new(big.Rat).Quo(p.size, big.NewRat(int64(len(targets)), 1))})
				}
			}
			parts = next
		}
		// Cut the value where the sums of the parts are, rounded down to mills.
		var out []converted
		sum, before := new(big.Rat), int64(0)
		for _, p := range parts {
			sum.Add(sum, p.size)
			cut := new(big.Rat).Mul(sum, new(big.Rat).SetInt64(mills))
			after := new(big.Int).Quo(cut.Num(), cut.Denom()).Int64()
			out = append(out, converted{target, p.code, after - before})
			before = after
		}
		return out
	}
	targets := map[[2]string]bool{}
	for _, c := range codes {
		for _, to := range convert(c[0], c[1], 1_000_000) {
			targets[[2]string{c[0], to.code}] = true
		}
	}
	return convert, func(revision, code string) bool { return targets[[2]string{revision, code}] }
}

// The same inputs and parameters give the same bytes, whatever the number of
// threads, the order in which files are written and the clock.
func TestDeterminism(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	generated(t, data)
	var first map[string]string
	for _, threads := range []string{"1", "2", "7"} {
		c := configure(t, data, "threads", threads)
		s := run(t, c)
		made := map[string]string{"release": s.Release}
		files, err := filepath.Glob(filepath.Join(c.Out, "current", "*"))
		if err != nil || len(files) < 8 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		for _, f := range files {
			if filepath.Base(f) == "manifest.json" {
				continue // it says when it was made
			}
			content, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			made[filepath.Base(f)] = string(content)
		}
		if first == nil {
			first = made
			continue
		}
		for name, content := range first {
			if made[name] != content {
				t.Errorf("%s differs with %s threads", name, threads)
			}
		}
	}
}
