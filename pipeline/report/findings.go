package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// subjects say what the bars of a table measure, as the subject of a sentence: what of a
// sector, and whose.
var subjects = map[string]string{
	"import_dependence":   "{reporter}'s import dependence",
	"dominance":           "{reporter}'s dominance of world exports",
	"export_share":        "{reporter}'s share of world exports",
	"partner_group_share": "The {partner_group}'s share of {reporter}'s imports",
	"market_share":        "The part of {reporter}'s market that is imported",
}

// subject is what the bars of a table measure; "" where nothing can be said of them.
func (b *book) subject(table string) string { return sentence(b.said(nil).Replace(subjects[table])) }

// finding says in a sentence what a figure shows, made from its values alone, and which two
// years it compares; "" where there is nothing that can be said of them. all has the bars of
// all years.
func (b *book) finding(f *Figure, all *Bars) (text string, compared []int) {
	subject := b.subject(f.Table)
	switch {
	case f.Bars != nil && subject != "":
		if all == nil || b.asked {
			all = f.Bars
		}
		return changeFinding(subject, all)
	case f.Lines != nil:
		return b.courseFinding(f), nil
	case f.Table == "vulnerabilities" && f.Grid != nil:
		return vulnerableFinding(f.Grid, b.name()), nil
	case f.Table == "ratings" && f.Grid != nil:
		return ratingsFinding(f.Grid, b.whose()), nil
	}
	return "", nil
}

// changeFinding counts the sectors in which a share rose or fell between the first and the
// last year in which most of them have one that can be compared.
func changeFinding(subject string, bars *Bars) (text string, compared []int) {
	sectors := slices.DeleteFunc(slices.Clone(bars.Groups), func(g Group) bool { return g.Key == "" })
	first, last := comparable(sectors)
	if first < 0 || first == last {
		return "", nil
	}
	from, to := sectors[0].Bars[first].Year, sectors[0].Bars[last].Year
	rose, fell, of := 0, 0, 0
	for _, g := range sectors {
		was, is := g.Bars[first].Share, g.Bars[last].Share
		if was == nil || is == nil || g.Bars[first].Part != g.Bars[last].Part { // a part can't be compared with the whole
			continue
		}
		of++
		switch {
		case *is > *was:
			rose++
		case *is < *was:
			fell++
		}
	}
	verb, n := "rose", rose
	if fell > rose {
		verb, n = "fell", fell
	}
	if n == 0 {
		return "", []int{from, to}
	}
	where := fmt.Sprintf("in %d of %d sectors", n, of)
	switch {
	case of == 1:
		where = "in the one sector with data"
	case n == of:
		where = fmt.Sprintf("in all %d sectors", of)
	case 2*n <= of && rose > 0 && fell > 0:
		verb, where = "rose", fmt.Sprintf("in %d and fell in %d of %d sectors", rose, fell, of)
	}
	return fmt.Sprintf("%s %s %s between %d and %d", subject, verb, where, from, to), []int{from, to}
}

// comparable are the places of the first and the last year in which at least half of the
// sectors have a share, and no sector one of low coverage; -1 when there are none.
func comparable(sectors []Group) (first, last int) {
	first, last = -1, -1
	if len(sectors) == 0 {
		return first, last
	}
	for i := range sectors[0].Bars {
		known, low := 0, false
		for _, g := range sectors {
			if g.Bars[i].Share != nil {
				known++
			}
			low = low || g.Bars[i].Low
		}
		if low || known == 0 || 2*known < len(sectors) {
			continue
		}
		if first < 0 {
			first = i
		}
		last = i
	}
	return first, last
}

// courseFinding says what the line that a figure is about came to, and from where.
func (b *book) courseFinding(f *Figure) string {
	if f.Table == "high_tech_monthly" {
		return balanceFinding(f.Lines, b.name())
	}
	line := mainLine(f.Lines, b.reporter())
	switch {
	case line == nil && f.Table == "group_exports":
		return leaderFinding(f.Lines)
	case line == nil || f.course == "":
		return ""
	}
	first := slices.IndexFunc(line.Values, func(v *float64) bool { return v != nil })
	last := first
	for i, v := range line.Values {
		if v != nil {
			last = i
		}
	}
	if first < 0 || first == last {
		return ""
	}
	of := ""
	if line.Name == allSectors {
		of = " in all sectors"
	}
	since := fmt.Sprintf("as in %s", f.Lines.Periods[first])
	if line.Texts[first] != line.Texts[last] {
		way := "up"
		if *line.Values[last] < *line.Values[first] {
			way = "down"
		}
		since = fmt.Sprintf("%s from %s in %s", way, line.Texts[first], f.Lines.Periods[first])
	}
	return sentence(fmt.Sprintf("%s%s in %s, %s", strings.Replace(f.course, "{value}", line.Texts[last], 1), of, f.Lines.Periods[last], since))
}

// leaderFinding names the line that is highest in the last period in which all have a value.
func leaderFinding(l *Lines) string {
	for at := range slices.Backward(l.Periods) {
		if len(l.Series) < 2 || slices.ContainsFunc(l.Series, func(s Series) bool { return s.Values[at] == nil }) {
			continue
		}
		most := slices.MaxFunc(l.Series, func(x, y Series) int { return cmp.Compare(*x.Values[at], *y.Values[at]) })
		return sentence(fmt.Sprintf("Of %d exporters %s exported most in %s: %s", len(l.Series), groupOrArea(most.Name), l.Periods[at], most.Texts[at]))
	}
	return ""
}

// mainLine is the reporter's own line, or that of everything, if it has data.
func mainLine(l *Lines, reporter string) *Series {
	for _, name := range []string{reporter, allGoods, allSectors, "Total", "Imports"} {
		known := func(s Series) bool { return slices.ContainsFunc(s.Values, func(v *float64) bool { return v != nil }) }
		if i := slices.IndexFunc(l.Series, func(s Series) bool { return s.Name == name && known(s) }); i >= 0 {
			return &l.Series[i]
		}
	}
	return nil
}

// balanceFinding counts the months in which imports exceeded exports.
func balanceFinding(l *Lines, reporter string) string {
	at := func(name string) int {
		return slices.IndexFunc(l.Series, func(s Series) bool { return s.Name == name })
	}
	imports, exports := at("Imports"), at("Exports")
	if imports < 0 || exports < 0 {
		return ""
	}
	more, of := 0, 0
	for i := range l.Periods {
		m, x := l.Series[imports].Values[i], l.Series[exports].Values[i]
		if m == nil || x == nil {
			continue
		}
		of++
		if *m > *x {
			more++
		}
	}
	if of == 0 {
		return ""
	}
	return sentence(fmt.Sprintf("%s imported more high-tech goods than it exported in %d of %d months", reporter, more, of))
}

func vulnerableFinding(g *Grid, reporter string) string {
	n := map[string]int{}
	for _, r := range g.Rows {
		n[r.Cells[len(r.Cells)-1].Class]++
	}
	if n["severe"] == 0 {
		return ""
	}
	first, _, _ := strings.Cut(strings.TrimSuffix(g.Rows[0].Cells[0].Text, "…"), ";")
	first = inSentence(strings.TrimSpace(first))
	if n["severe"] == 1 {
		return sentence(fmt.Sprintf("%s is severely vulnerable in one HS heading: %s", reporter, first))
	}
	return sentence(fmt.Sprintf("%s is severely vulnerable in %d HS headings; the largest is %s", reporter, n["severe"], first))
}

// ratingsFinding counts the sectors of high import dependence in the last year.
func ratingsFinding(g *Grid, whose string) string {
	last := len(g.Columns)/2 - 1 // dependence has the first half of the columns
	if last < 0 {
		return ""
	}
	high, of := 0, 0
	for _, r := range g.Rows {
		if text := r.Cells[last].Text; text != noData {
			of++
			if strings.HasPrefix(text, "high") {
				high++
			}
		}
	}
	if of == 0 {
		return ""
	}
	where := fmt.Sprintf("%d of %d sectors", high, of)
	if high == of {
		where = fmt.Sprintf("all %d sectors", of)
	}
	return sentence(fmt.Sprintf("%s import dependence was high in %s in %s", whose, where, g.Columns[last].Name))
}
