package pipeline_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entrepot/fixtures"
	"entrepot/fixtures/sample"
)

// What the files cover, and what hangs on it, agree with a second implementation in
// plain Go, on files of every kind of evidence: rows over all chapters, rows that add up
// to a total or fall short of one, excerpts, small countries.
func TestIndependentCoverage(t *testing.T) {
	t.Parallel()
	w := newCoverageWorld(t, 20190402)
	data := t.TempDir()
	write(t, filepath.Join(data, "all.csv"), fixtures.API, w.rows)
	for _, min := range []string{"90%", "30%"} {
		c := configure(t, data, "min_product_coverage", min, "harmonize", "H4")
		c.IsWhole = nil
		run(t, c)
		want := w.recompute(map[string]int{"90%": 90, "30%": 30}[min])
		for name, query := range map[string]string{
			"product_coverage_hs6": `SELECT flow, year, hs6, status, CASE WHEN evidence IS NULL THEN '-' ELSE evidence END FROM '%s/product_coverage_hs6.parquet'`,
			"product_coverage": `SELECT reporter, flow, year, sector, codes_unreached, codes_traded, codes_zero, codes_covered, codes_unknown, partial
				FROM '%s/product_coverage.parquet' WHERE codes_covered > 0 OR reporter <> 156`,
			"import_dependence": `SELECT year, sector, codes_covered, codes_unknown, partial, codes_traded, codes_dependent FROM '%s/import_dependence.parquet'
				WHERE reporter_reported`,
			"import_dependence_hs6": `SELECT year, hs6, imports_usd, exports_usd, covered FROM '%s/import_dependence_hs6.parquet' WHERE sector IS NOT NULL`,
			"dominance":             `SELECT year, sector, reporters_covered, reporters, partial, codes_exported FROM '%s/dominance.parquet' WHERE reporter_reported`,
			"export_share":          `SELECT year, sector, exports_usd, world_exports_usd FROM '%s/export_share.parquet' WHERE reporter_reported`,
			"ratings": `SELECT year, sector, dependence_rating IS NULL, competitiveness_rating IS NULL FROM '%s/ratings.parquet'
				WHERE year IN (SELECT year FROM '%s/import_dependence.parquet' WHERE reporter_reported)`,
			"coverage": `SELECT year, reporters, reporters_whole FROM '%s/coverage.parquet'`,
		} {
			sameRows(t, min+", "+name, want[name], published(t, c, query))
		}
		for _, seen := range []string{"unknown -", "zero adds_up", "zero chapters", "zero rows", "traded rows", "traded adds_up", "traded chapters"} {
			if !slices.ContainsFunc(want["product_coverage_hs6"], func(row string) bool { return strings.HasSuffix(row, seen) }) {
				t.Errorf("no code is %q: the data have too little in them", seen)
			}
		}
	}
}

// A coverageSet is what the files have of a reporter's flow in a year.
type coverageSet struct {
	reporter, year int
	flow, revision string
	values         map[string]int64 // mills by HS-6 code
	totals         map[string]int64 // by heading, chapter or, under "", of all codes
}

type coverageWorld struct {
	rows     []fixtures.Row
	sets     []*coverageSet
	come     map[string][]string // "H5 854231" to the codes of the revision that come to H4's
	sectors  map[string][]string // their codes in H4
	listed   map[string]string   // the sector of a code in H4
	convert  func(revision, code string, mills int64) []converted
	chapters map[string][]string // a code of each chapter, by revision
}

func newCoverageWorld(t *testing.T, seed uint64) *coverageWorld {
	t.Helper()
	w := &coverageWorld{come: map[string][]string{}, sectors: map[string][]string{}, listed: map[string]string{}, chapters: map[string][]string{}}
	w.convert, _ = converter(t, "H4")
	for _, c := range readCSV(t, "../schemas/reference/hs_codes.csv.gz") {
		if c[0] != "H4" && c[0] != "H5" {
			continue
		}
		of := w.chapters[c[0]]
		if c[1] < "98" && (len(of) == 0 || of[len(of)-1][:2] != c[1][:2]) {
			w.chapters[c[0]] = append(of, c[1])
		}
		for _, p := range w.convert(c[0], c[1], 1000) {
			w.come[c[0]+" "+p.code] = append(w.come[c[0]+" "+p.code], c[1])
		}
	}
	for _, s := range readCSV(t, "../schemas/reference/sectors.csv") {
		if s[1] == "H4" {
			w.sectors[s[0]] = append(w.sectors[s[0]], s[2])
			w.listed[s[2]] = s[0]
		}
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	listed := map[string][]string{} // codes that come to those of sectors, by revision
	for _, revision := range []string{"H4", "H5"} {
		for code := range w.listed {
			listed[revision] = append(listed[revision], w.come[revision+" "+code]...)
		}
		slices.Sort(listed[revision])
	}
	kinds := []string{"excerpt", "chapters", "adds up", "short", "headings", "chapters and a short heading", "small"}
	for i, reporter := range []int{156, 842, 276, 392, 410, 90, 242, 882, 776, 548, 296} {
		for year := 2015; year <= 2021; year++ {
			for j, flow := range []string{"M", "X"} {
				if reporter != 156 && flow == "M" {
					continue
				}
				kind := kinds[(i+j+year)%len(kinds)]
				if i >= 5 {
					kind = "small"
				}
				revision := "H4"
				if year >= 2018 {
					revision = "H5"
				}
				w.add(rng, kind, &coverageSet{reporter: reporter, year: year, flow: flow, revision: revision,
					values: map[string]int64{}, totals: map[string]int64{}}, listed[revision])
			}
		}
	}
	return w
}

// add fills a set with rows of a kind of evidence, and puts it among the rows.
func (w *coverageWorld) add(rng *rand.Rand, kind string, s *coverageSet, listed []string) {
	pick := func(n int) {
		for range n {
			value := int64(1+rng.IntN(1000)) * 1_000_000
			if rng.IntN(25) == 0 {
				value = 0
			}
			s.values[listed[rng.IntN(len(listed))]] = value
		}
	}
	total := func(prefix string, missing int64) {
		sum := missing
		for code, mills := range s.values {
			if strings.HasPrefix(code, prefix) {
				sum += mills
			}
		}
		s.totals[prefix] = sum
	}
	pick(5 + rng.IntN(250))
	switch kind {
	case "adds up":
		total("", 0)
	case "short":
		total("", 50_000_000_000)
	case "headings":
		for code := range s.values {
			switch rng.IntN(4) {
			case 0:
				total(code[:4], 0)
			case 1:
				total(code[:4], 3_000_000_000)
			case 2:
				total(code[:2], 0)
			}
		}
	case "chapters", "chapters and a short heading":
		for _, code := range w.chapters[s.revision] {
			s.values[code] += 1_000_000
		}
		if kind != "chapters" {
			total("8542", 9_000_000_000)
		}
	case "small":
		for i, code := range w.chapters[s.revision] {
			if (i+s.reporter)%3 == 0 {
				s.values[code] += 1_000_000
			}
		}
	}
	w.sets = append(w.sets, s)
	row := fixtures.Row{Year: s.year, Reporter: s.reporter, Flow: s.flow, Revision: s.revision}
	for code, mills := range s.values {
		row.Code, row.Mills = code, mills
		w.rows = append(w.rows, row)
	}
	for prefix, mills := range s.totals {
		row.Code, row.Mills = prefix, mills
		if prefix == "" {
			row.Code = "TOTAL"
		}
		w.rows = append(w.rows, row)
	}
}

func (s *coverageSet) chapters() map[string]bool {
	found := map[string]bool{}
	for code := range s.values {
		if code < "98" {
			found[code[:2]] = true
		}
	}
	return found
}

// known tells what the nearest total, or the reach of all rows, says of a code.
func (w *coverageWorld) known(s *coverageSet, code string) (known bool, evidence string) {
	for _, prefix := range []string{code[:4], code[:2], ""} {
		total, has := s.totals[prefix]
		if !has {
			continue
		}
		sum := int64(0)
		for code, mills := range s.values {
			if strings.HasPrefix(code, prefix) {
				sum += mills
			}
		}
		return 1000*max(total-sum, sum-total) <= total, "adds_up"
	}
	return w.reaches(s), "chapters"
}

// reaches tells whether the rows reach over nearly all chapters, alone or with those of
// other small countries.
func (w *coverageWorld) reaches(s *coverageSet) bool {
	isSmall := func(s *coverageSet) bool { n := len(s.chapters()); return n >= 10 && n < 90 }
	if !isSmall(s) || s.reporter == 156 {
		return len(s.chapters()) >= 90
	}
	together := map[string]bool{}
	for _, other := range w.sets {
		if other.flow == s.flow && other.year == s.year && isSmall(other) {
			for chapter := range other.chapters() {
				together[chapter] = true
			}
		}
	}
	return len(together) >= 90
}

// isWhole tells whether a set has all codes.
func (w *coverageWorld) isWhole(s *coverageSet) bool {
	if _, has := s.totals[""]; has {
		known, _ := w.known(s, "000000")
		return known
	}
	for prefix := range s.totals {
		if known, _ := w.known(s, prefix+"000000"[len(prefix):]); !known {
			return false
		}
	}
	return w.reaches(s)
}

// status of a code of H4, as product_coverage_hs6 has it, and its value.
func (w *coverageWorld) status(s *coverageSet, code string) (status, evidence string, mills int64) {
	parts := w.come[s.revision+" "+code]
	known, hasRow := len(parts) > 0, false
	for _, from := range parts {
		is, why := w.known(s, from)
		known, evidence = known && is, max(evidence, why)
		value, has := s.values[from]
		hasRow = hasRow || has
		if has {
			mills += value // H4 is the oldest, so that no code is divided
		}
	}
	if !known {
		evidence = "-"
		if hasRow {
			evidence = "rows"
		}
	}
	switch {
	case mills > 0:
		return "traded", evidence, mills
	case len(parts) == 0:
		return "unreached", "-", 0
	case known || hasRow && len(parts) == 1:
		return "zero", evidence, 0
	}
	return "unknown", "-", 0
}

// recompute works out what is covered, and what hangs on it, at a threshold in percent.
func (w *coverageWorld) recompute(min int) map[string][]string {
	out := map[string][]string{}
	add := func(table string, values ...any) {
		out[table] = append(out[table], strings.TrimSuffix(fmt.Sprintln(values...), "\n"))
	}
	isPartial := func(covered, unknown int) bool { return 100*covered < min*(covered+unknown) }
	usd := func(status string, mills int64) any {
		if status == "unknown" {
			return nil
		}
		return float64(mills) / 1000
	}
	for year := 2015; year <= 2021; year++ {
		own := map[string]*coverageSet{}
		var exporters []*coverageSet
		whole := 0
		for _, s := range w.sets {
			if s.year != year {
				continue
			}
			if s.reporter == 156 {
				own[s.flow] = s
			}
			if s.flow == "X" {
				exporters = append(exporters, s)
				if w.isWhole(s) {
					whole++
				}
			}
		}
		add("coverage", year, len(exporters), whole)
		for sector, codes := range w.sectors {
			reportersCovered, ownPartial, ownCovered := 0, false, 0
			for _, s := range append(slices.Clone(exporters), own["M"]) {
				n := map[string]int{}
				for _, code := range codes {
					status, evidence, _ := w.status(s, code)
					n[status]++
					if s.reporter == 156 {
						add("product_coverage_hs6", s.flow, year, code, status, evidence)
					}
				}
				covered := n["traded"] + n["zero"]
				partial := isPartial(covered, n["unknown"])
				if covered > 0 || s.reporter != 156 {
					add("product_coverage", s.reporter, s.flow, year, sector, n["unreached"], n["traded"], n["zero"], covered, n["unknown"], partial)
				}
				if s.flow == "X" && covered > 0 && !partial {
					reportersCovered++
				}
				if s == own["X"] {
					ownPartial, ownCovered = partial, covered
				}
			}
			var covered, unknown, traded, dependent, exported int
			var x, world int64
			for _, code := range codes {
				m, _, mills := w.status(own["M"], code)
				e, _, exports := w.status(own["X"], code)
				add("import_dependence_hs6", year, code, usd(m, mills), usd(e, exports), m != "unknown" && e != "unknown")
				w, unreachedBySome := w.worldExports(exporters, code)
				if e != "unknown" && w > 0 {
					x, world = x+exports, world+w
					if !unreachedBySome {
						exported++
					}
				}
				if m == "unreached" || e == "unreached" {
					continue
				}
				if m == "unknown" || e == "unknown" {
					unknown++
					continue
				}
				covered++
				if mills+exports > 0 {
					traded++
				}
				if mills > 0 && mills >= 2*exports {
					dependent++
				}
			}
			partial := isPartial(covered, unknown)
			counts := []any{nil, nil}
			if covered > 0 {
				counts = []any{traded, dependent}
			}
			add("import_dependence", append([]any{year, sector, covered, unknown, partial}, counts...)...)
			worldPartial := ownPartial || 100*reportersCovered < min*len(exporters)
			add("dominance", year, sector, reportersCovered, len(exporters), worldPartial, exported)
			exports := any(nil)
			if world > 0 {
				exports = float64(x) / 1000
			}
			worldUSD := any(float64(world) / 1000)
			if world == 0 && ownCovered == 0 {
				worldUSD = nil // what nobody downloaded is no zero
			}
			add("export_share", year, sector, exports, worldUSD)
			add("ratings", year, sector, partial || covered == 0 || traded == 0, worldPartial || world == 0)
		}
	}
	return out
}

// worldExports adds up what all report, and tells whether a revision in use has no code
// that comes to this one.
func (w *coverageWorld) worldExports(exporters []*coverageSet, code string) (mills int64, unreached bool) {
	for _, s := range exporters {
		status, _, usd := w.status(s, code)
		mills, unreached = mills+usd, unreached || status == "unreached"
	}
	return mills, unreached
}

// China's rows of the sample add up to their totals; that the others' are whole is known
// by the content of the files alone.
func TestSampleIsWholeByItsContent(t *testing.T) {
	t.Parallel()
	c := configure(t, sampleData(t))
	for want, isWhole := range map[string]func(string) bool{
		"0 true true false":  nil,
		"0 false false true": sample.Has,
	} {
		c.IsWhole = isWhole
		run(t, c)
		got := published(t, c, `SELECT sum(codes_unknown), bool_and(partial), bool_or(partial), bool_and(manufactures_export_share IS NOT NULL) FROM '%s/export_share.parquet'`)
		if !slices.Equal(got, []string{want}) {
			t.Errorf("%v, want %s", got, want)
		}
	}
}
