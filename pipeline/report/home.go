package report

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"entrepot/pipeline/phrase"
	"entrepot/pipeline/release"
)

// checksMade is what the quality checks of a release found.
type checksMade struct {
	Passed int        `json:"passed"`
	Warned int        `json:"warned"`
	Rows   []checkRow `json:"rows"` // those with findings first
}

// checkRow is a check. One that found something has warned: what fails publishes nothing.
type checkRow struct {
	Name     string `json:"name"`
	Examined int64  `json:"examined"`
	Findings int64  `json:"findings"`
}

// checksOf counts what the manifest says of checks.
func checksOf(m *release.Manifest) checksMade {
	c := checksMade{Rows: []checkRow{}}
	for _, one := range m.Checks {
		c.Rows = append(c.Rows, checkRow{strings.ReplaceAll(one.Name, "_", " "), one.Examined, one.Findings})
		if one.Findings > 0 {
			c.Warned++
		} else {
			c.Passed++
		}
	}
	slices.SortStableFunc(c.Rows, func(a, b checkRow) int {
		switch {
		case (a.Findings > 0) == (b.Findings > 0):
			return 0
		case a.Findings > 0:
			return -1
		}
		return 1
	})
	return c
}

// changes are what differs between a release and the one before it.
type changes struct {
	From   string        `json:"from"`
	Day    string        `json:"day"`    // on which that was made
	Causes []string      `json:"causes"` // inputs, settings and reference tables that changed
	Tables []tableChange `json:"tables"` // of the figures
}

// tableChange says how many rows of a figure's table changed, and the largest changes.
type tableChange struct {
	Title   string   `json:"title"`
	Changed int      `json:"changed"`
	New     int      `json:"new"`
	Gone    int      `json:"gone"`
	Rows    []string `json:"rows"`
}

// changesTold is the number of rows of each table that the page tells.
const changesTold = 3

// before is the release before this one that counts codes in the same way; nil when none
// is kept.
func before(out string, r *release.Release) (*release.Release, error) {
	all, err := release.List(out)
	if err != nil {
		return nil, fmt.Errorf("look for the release before %s: %w", r.ID, err)
	}
	at := slices.IndexFunc(all, func(one *release.Release) bool { return one.ID == r.ID })
	for _, older := range all[at+1:] {
		if older.Parameter("harmonize") == r.Parameter("harmonize") && older.Parameter("reporter") == r.Parameter("reporter") {
			return older, nil
		}
	}
	return nil, nil
}

// changesOf compares the tables of the figures with those of the release before; nil when
// there is none that can be read.
func (b *book) changesOf(ctx context.Context, out string) (*changes, error) {
	older, err := before(out, b.Release)
	if err != nil || older == nil {
		return nil, err
	}
	c := release.Comparison{Out: out, From: older.ID, To: b.ID, Most: changesTold}
	titles := map[string]string{}
	for _, f := range b.figures {
		o := b.outputs[f.Table]
		if titles[f.Table] != "" || o.Ratio.Share == "" || !older.Has(f.Table) || !slices.Equal(o.OfOne().SortBy, []string{"sector", "year"}) {
			continue
		}
		c.Tables, titles[f.Table] = append(c.Tables, f.Table), f.Number+": "+f.Title
	}
	if len(c.Tables) == 0 {
		return nil, nil
	}
	d, err := release.Diff(ctx, c)
	if ctx.Err() != nil {
		return nil, errors.Join(ctx.Err(), err)
	}
	if err != nil {
		return nil, nil // the older release is damaged: of this one everything can be told
	}
	day, _, _ := strings.Cut(older.Manifest.Run.Finished, "T")
	told := &changes{From: older.ID, Day: day, Causes: causesOf(d), Tables: []tableChange{}}
	for _, t := range d.Tables {
		one := tableChange{Title: titles[t.Table], Changed: t.Changed, New: t.New, Gone: t.Gone, Rows: []string{}}
		for _, row := range t.Rows {
			one.Rows = append(one.Rows, b.rowChange(row))
		}
		told.Tables = append(told.Tables, one)
	}
	return told, nil
}

// causesOf says what differs between what two releases were made of.
func causesOf(d *release.Difference) []string {
	all := []string{}
	files := map[string]int{}
	for _, in := range d.Inputs {
		files[in.Change]++
	}
	for _, change := range []string{"new", "changed", "gone"} {
		if n := files[change]; n > 0 {
			all = append(all, phrase.Count(n, change+" input file"))
		}
	}
	for _, p := range d.Parameters {
		all = append(all, fmt.Sprintf("%s %s, was %s", p.Name, phrase.Cut(fmt.Sprint(p.To), 60), phrase.Cut(fmt.Sprint(p.From), 60)))
	}
	for _, table := range d.Reference {
		all = append(all, "reference table "+table)
	}
	return all
}

// rowChange says how a row of a sector and year changed, and the main cause.
func (b *book) rowChange(row release.RowChange) string {
	where := b.sectorName(fmt.Sprint(row.Key.Value("sector")))
	if b.Several() {
		if code, ok := number(row.Key.Value("reporter")); ok {
			where = b.area(int(code)) + ", " + inSentence(where)
		}
	}
	text := fmt.Sprintf("%s, %v: %s", where, row.Key.Value("year"), row.Change)
	if r := row.Ratio; r != nil {
		now, was := ratioText(r.ToPart, r.ToOf), ratioText(r.FromPart, r.FromOf)
		switch row.Change {
		case "changed":
			text = fmt.Sprintf("%s, %v: %s, was %s", where, row.Key.Value("year"), now, was)
		case "new":
			text += ", " + now
		default:
			text += ", was " + was
		}
	}
	if len(row.Causes) > 0 {
		text += " (" + row.Causes[0].Reason + ")"
	}
	return text
}

// ratioText is a part of a whole: "33.3%".
func ratioText(part, of *float64) string {
	if part == nil || of == nil || *of == 0 {
		return noData
	}
	return percent(*part / *of, 1)
}

// number is a value of a row as a number, if it is one.
func number(value any) (float64, bool) {
	switch v := value.(type) {
	case int16:
		return float64(v), true
	case int32:
		return float64(v), true
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}
