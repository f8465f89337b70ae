package schemas

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// HS lists the revisions of the Harmonized System, oldest first. All else that
// speaks of revisions is made of this table: the type of the workspace's columns,
// what sources' own names for a revision mean, the settings and their help, the
// captions of the report, and the table in docs/revisions.md.
//
// To add a revision, add its row here, and its codes and conversions to
// reference/hs_codes.csv.gz and reference/hs_changes.csv; sources/untables/maketables
// makes these and the names of codes of the UN's workbooks and lists.
func HS() Revisions {
	return Revisions{
		{ID: "H0", Year: 1992, Also: 1988},
		{ID: "H1", Year: 1996},
		{ID: "H2", Year: 2002},
		{ID: "H3", Year: 2007},
		{ID: "H4", Year: 2012},
		{ID: "H5", Year: 2017},
		{ID: "H6", Year: 2022},
	}
}

// Revision is a revision of the Harmonized System.
type Revision struct {
	ID   string // as UN Comtrade numbers them: "H4"
	Year int    // the first year in which countries report in it
	Also int    // another year by which sources call it; 0 when there is none
}

// Name is the revision in words: "HS 2012".
func (r Revision) Name() string { return "HS " + strconv.Itoa(r.Year) }

// Short is how BACI and the UN's tables call the revision: "12".
func (r Revision) Short() string { return fmt.Sprintf("%02d", r.Year%100) }

// Revisions are revisions of the Harmonized System, oldest first.
type Revisions []Revision

// IDs are the revisions' names in columns and settings.
func (rs Revisions) IDs() []string {
	ids := make([]string, len(rs))
	for i, r := range rs {
		ids[i] = r.ID
	}
	return ids
}

// String lists the revisions' IDs for messages: "H4, H5, H6".
func (rs Revisions) String() string { return strings.Join(rs.IDs(), ", ") }

// Words lists the revisions with their names: "H4 (HS 2012), H5 (HS 2017)".
func (rs Revisions) Words() string {
	var words []string
	for _, r := range rs {
		words = append(words, fmt.Sprintf("%s (%s)", r.ID, r.Name()))
	}
	return strings.Join(words, ", ")
}

// Span is from which to which revision they reach: "H0 (HS 1992) to H6 (HS 2022)".
func (rs Revisions) Span() string {
	return rs[:1].Words() + " to " + rs[len(rs)-1:].Words()
}

// Of are the revisions that codes are of.
func (rs Revisions) Of(codes []Code) Revisions {
	found := map[string]bool{}
	for _, c := range codes {
		found[c.Revision] = true
	}
	return slices.DeleteFunc(slices.Clone(rs), func(r Revision) bool { return !found[r.ID] })
}

// Index is the place of a revision, or -1.
func (rs Revisions) Index(id string) int {
	return slices.IndexFunc(rs, func(r Revision) bool { return r.ID == id })
}

// Has tells whether the revision is one of them.
func (rs Revisions) Has(id string) bool { return rs.Index(id) >= 0 }

// Step is the ID of the revision n steps newer, or "".
func (rs Revisions) Step(id string, n int) string {
	at := rs.Index(id)
	if at < 0 || at+n < 0 || at+n >= len(rs) {
		return ""
	}
	return rs[at+n].ID
}

// Find looks a revision up by its ID ("H4"), or by its year with or without the
// century ("2012", "12").
func (rs Revisions) Find(name string) (Revision, bool) {
	for _, r := range rs {
		if name == r.ID || isYear(name, r.Year) || r.Also != 0 && isYear(name, r.Also) {
			return r, true
		}
	}
	return Revision{}, false
}

func isYear(name string, year int) bool {
	n, err := strconv.Atoi(name)
	return err == nil && (len(name) == 4 && n == year || len(name) == 2 && n == year%100)
}

// inSQL is the SQL of the revision that is in force in a year.
func (rs Revisions) inSQL(year string) string {
	var b strings.Builder
	b.WriteString("CASE")
	for _, r := range slices.Backward(rs) {
		fmt.Fprintf(&b, " WHEN %s >= %d THEN '%s'", year, r.Year, r.ID)
	}
	fmt.Fprintf(&b, " ELSE '%s' END", rs[0].ID)
	return b.String()
}
