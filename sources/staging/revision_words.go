package staging

import (
	"fmt"
	"slices"
	"strings"

	"entrepot/sources"
	"entrepot/sources/decode"
)

// yearSpan is years that follow each other and of which the same is to be said.
type yearSpan struct {
	from, to int
	codesOf  // of the first year
}

func (s yearSpan) String() string {
	if s.from == s.to {
		return fmt.Sprint(s.from)
	}
	return fmt.Sprintf("%d–%d", s.from, s.to)
}

// spansOf joins years of one reporter that follow each other in groups.
func spansOf(years []codesOf, same func(a, b codesOf) bool) []yearSpan {
	var spans []yearSpan
	for i, g := range years {
		if i > 0 && same(years[i-1], g) {
			spans[len(spans)-1].to = g.year
			continue
		}
		spans = append(spans, yearSpan{g.year, g.year, g})
	}
	return spans
}

// inferredNote says what was inferred; "" where the user said all.
func (l layout) inferredNote(groups []codesOf) string {
	by := slices.DeleteFunc(slices.Clone(groups), func(g codesOf) bool { return said(l.Revisions, g.year) })
	if len(by) == 0 {
		return ""
	}
	first := by[0].revision
	if !slices.ContainsFunc(by, func(g codesOf) bool { return g.revision != first || g.codes == 0 || len(g.lackless()) > 1 }) {
		return "its codes are those of " + first + ", the only HS revision that has all of them; the file does not say it"
	}
	if reporters := countReporters(by); reporters > 1 {
		return fmt.Sprintf("it does not say the HS revision of its codes, which was told by the codes of each year and reporter (%d reporters)", reporters)
	}
	var spans []string
	for _, s := range spansOf(by, func(a, b codesOf) bool { return a.revision == b.revision }) {
		spans = append(spans, s.revision+" in "+s.String())
	}
	return "it does not say the HS revision of its codes; by them and by their years it is " + strings.Join(spans, ", ")
}

// lackless are the revisions that may have all codes, whether or not there were any in the year.
func (g codesOf) lackless() []string {
	var all []string
	for _, in := range g.lacks {
		if in.none() {
			all = append(all, in.revision)
		}
	}
	return all
}

func said(revisions []sources.YearRevision, year int) bool {
	return slices.ContainsFunc(revisions, func(s sources.YearRevision) bool { return s.From <= year })
}

func countReporters(groups []codesOf) int {
	seen := map[string]bool{}
	for _, g := range groups {
		seen[g.reporter] = true
	}
	return len(seen)
}

// askForRevision refuses a file of which the revision is not known for all years. It asks
// by year, because one revision for a file that is in several loses the codes of some.
func (l layout) askForRevision(groups []codesOf) error {
	what := "does not say in which HS revision its codes are, and"
	if l.Says(sources.ColRevision) {
		what = "says only HS of its codes, and not which revision, and"
	}
	open := slices.DeleteFunc(slices.Clone(groups), func(g codesOf) bool { return g.revision != "" })
	if len(groups) == 1 && len(open[0].possible) > 0 {
		return decode.Refuse("%s %s; say it in entrepot.yaml under files: with 'revision: %s' or another", what, open[0].many(), open[0].possible[len(open[0].possible)-1])
	}
	if len(groups) == 1 {
		return decode.Refuse("%s %s; correct these rows or take them out, or say in entrepot.yaml under files: with 'revision:' of which revision the others are: "+
			"rows with other codes are then rejected", what, open[0].none())
	}
	return decode.Refuse("%s %s; say in entrepot.yaml under files: from which year on which counts, with 'revision: {%s}'%s",
		what, openYears(groups, open), yearsToSay(groups, open[0].reporter), rejectedThen(open))
}

// many says that several revisions are possible.
func (g codesOf) many() string {
	if g.codes == 0 {
		return "it has no six-digit codes that would tell"
	}
	return fmt.Sprintf("its %d six-digit %s %d revisions (%s)", g.codes, fit(g.codes), len(g.possible), g.choices())
}

func fit(codes int) string {
	if codes == 1 {
		return "code fits"
	}
	return "codes fit"
}

// none says that no revision is possible.
func (g codesOf) none() string {
	nearest := g.nearest()
	return fmt.Sprintf("no revision has all of its %d six-digit codes; the nearest, %s, lacks %d of them, such as %s", g.codes, nearest.revision, nearest.codes, nearest.such)
}

// nearest is the revision that lacks the fewest codes.
func (g codesOf) nearest() lack {
	listed := slices.DeleteFunc(slices.Clone(g.lacks), func(in lack) bool { return !in.listed })
	return slices.MinFunc(listed, func(a, b lack) int { return a.codes - b.codes })
}

// choices lists the possible revisions for a message.
func (g codesOf) choices() string {
	var words []string
	for _, r := range g.possible {
		if !g.lacks[g.place(r)].listed {
			r += ", of which there is no code list"
		}
		words = append(words, r)
	}
	return strings.Join(words, ", ")
}

// openYears lists the years of which the revision is not known, with what their codes
// say. Of several reporters it names the first.
func openYears(groups, open []codesOf) string {
	reporter := open[0].reporter
	mine := slices.DeleteFunc(slices.Clone(groups), func(g codesOf) bool { return g.reporter != reporter })
	var parts []string
	for _, s := range spansOf(mine, func(a, b codesOf) bool {
		return a.revision == "" && b.revision == "" && len(a.possible) > 0 && slices.Equal(a.possible, b.possible) && (a.codes == 0) == (b.codes == 0)
	}) {
		switch nearest := s.nearest(); {
		case s.revision != "":
		case s.codes == 0:
			parts = append(parts, s.String()+" has no six-digit codes that would tell")
		case len(s.possible) > 0:
			parts = append(parts, fmt.Sprintf("those of %s fit %s", s, s.choices()))
		default:
			parts = append(parts, fmt.Sprintf("of %s no revision has all %d codes (the nearest, %s, lacks %d, such as %s)", s, s.codes, nearest.revision, nearest.codes, nearest.such))
		}
	}
	const most = 4
	if more := len(parts) - most; more > 0 {
		parts = append(parts[:most], fmt.Sprintf("and so on for %d more", more))
	}
	text := strings.Join(parts, ", ")
	if reporters := countReporters(groups); reporters > 1 {
		text = fmt.Sprintf("of reporter %q %s (it has %d reporters, of %d of them this is open)", reporter, text, reporters, countReporters(open))
	}
	return text
}

// yearsToSay is the map by year that says all, with the revisions that are known.
func yearsToSay(groups []codesOf, reporter string) string {
	mine := slices.DeleteFunc(slices.Clone(groups), func(g codesOf) bool { return g.reporter != reporter })
	var parts []string
	for _, s := range spansOf(mine, func(a, b codesOf) bool {
		return a.revision == b.revision && (a.revision != "" || slices.Equal(a.possible, b.possible))
	}) {
		switch {
		case s.revision == "":
			parts = append(parts, fmt.Sprintf("%d: …", s.from))
		case len(parts) > 0: // what is said holds on, so that what follows must be said, too
			parts = append(parts, fmt.Sprintf("%d: %s", s.from, s.revision))
		}
	}
	return strings.Join(parts, ", ")
}

func rejectedThen(open []codesOf) string {
	if !slices.ContainsFunc(open, func(g codesOf) bool { return len(g.possible) == 0 }) {
		return ""
	}
	return "; rows with codes that the revision lacks are then rejected, so correct them first if they are slips"
}
