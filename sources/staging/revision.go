package staging

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"entrepot/schemas/sqltext"
	"entrepot/sources"
	"entrepot/sources/decode"
)

// codesOf is what the codes of a reporter's year say of their HS revision.
type codesOf struct {
	reporter string // as the file has it; "" where it does not say it
	year     int
	detailed bool     // there are codes, and not only a total
	codes    int      // of six digits with a value
	lacks    []lack   // of every revision, oldest first
	possible []string // revisions, oldest first: those that may have all codes, until the years around say more
	revision string   // the one that it is; "" where nothing tells
}

// lack says how many of the codes a revision does not have, and names one of them.
type lack struct {
	revision, such string
	codes          int
	listed         bool // the revision has a code list; what has none may have any code
	inUse          bool // there was the revision in that year
}

// none tells whether the revision may have all codes. Of one without a code list nobody
// knows, once there was the revision.
func (l lack) none() bool { return l.listed && l.codes == 0 || !l.listed && l.inUse }

// maxRevisionGroups is for how many reporters and years a revision is inferred: those of
// all countries since 1962 are fewer.
const maxRevisionGroups = 20_000

// unsaid is the SQL of whether a row does not say its HS revision.
func (l layout) unsaid() string {
	if l.Says(sources.ColRevision) {
		return "is_any_hs(hs_revision)"
	}
	return "true"
}

// mayLackRevision tells whether there may be rows that do not say their HS revision.
func (l layout) mayLackRevision() bool {
	_, fixed := l.Fixed[sources.ColRevision]
	return !fixed && !l.CodeList && l.RevisionOfYear.Name == "" && len(l.Read[sources.ColRevision]) == 0
}

// inferRevisions finds the HS revisions of the rows that do not say them: what the
// settings say of their year, else the only one that has all codes of the reporter in
// that year. It leaves them in b.revisions.
func (b *Batch) inferRevisions(ctx context.Context, conn *sql.Conn) error {
	l := b.layout()
	if !l.mayLackRevision() {
		return nil
	}
	groups, err := l.codesByYear(ctx, conn)
	if err != nil || len(groups) == 0 {
		return err
	}
	decide(groups, l.Revisions)
	if slices.ContainsFunc(groups, func(g codesOf) bool { return g.revision == "" }) {
		return l.askForRevision(groups)
	}
	b.revisions = groups
	if note := l.inferredNote(groups); note != "" {
		l.Notes = append(l.Notes, note)
	}
	return nil
}

// hasUnsaid tells whether a row that was read as text does not say its HS revision.
func (b *Batch) hasUnsaid(ctx context.Context, conn *sql.Conn) (found bool, err error) {
	l := b.layout()
	if !l.mayLackRevision() {
		return false, nil
	}
	query, err := fill("revision_unsaid.sql", map[string]any{"RawCells": l.rawCells(), "Unsaid": l.unsaid()})
	if err != nil {
		return false, err
	}
	if err := conn.QueryRowContext(ctx, query).Scan(&found); err != nil {
		return false, fmt.Errorf("look for rows without an HS revision: %w", err)
	}
	return found, nil
}

// codesByYear asks for the codes of each reporter and year of which the revision is not
// said, in this order.
func (l layout) codesByYear(ctx context.Context, conn *sql.Conn) ([]codesOf, error) {
	query, err := fill("revision_of_codes.sql", map[string]any{"RawCells": l.rawCells(), "Unsaid": l.unsaid(), "One": l.OneRevision})
	if err != nil {
		return nil, err
	}
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("look for the HS revision of the codes: %w", err)
	}
	defer rows.Close()
	var groups []codesOf
	for rows.Next() {
		var g codesOf
		var in lack
		if err := rows.Scan(&g.reporter, &g.year, &g.detailed, &in.revision, &g.codes, &in.codes, &in.such, &in.listed, &in.inUse); err != nil {
			return nil, fmt.Errorf("look for the HS revision of the codes: %w", err)
		}
		if last := len(groups) - 1; last < 0 || groups[last].reporter != g.reporter || groups[last].year != g.year {
			groups = append(groups, g)
		}
		last := &groups[len(groups)-1]
		last.lacks = append(last.lacks, in)
		if len(groups) > maxRevisionGroups {
			return nil, decode.Refuse("does not say in which HS revision its codes are, and has more than %d reporters and years; "+
				"say it in entrepot.yaml under files: with 'revision: H5' or another", maxRevisionGroups)
		}
	}
	return groups, rows.Err()
}

// decide finds the revision of each reporter's years. Nobody reports in a revision before
// there is one, and nobody goes back to an older one: where codes fit several, the years
// around may leave one of them.
func decide(groups []codesOf, said []sources.YearRevision) {
	for i := range groups {
		g := &groups[i]
		g.possible = g.fitting()
		for _, s := range said { // from that year on
			if s.From <= g.year {
				g.revision = s.Revision
			}
		}
		if g.revision == "" {
			g.revision = g.only()
		}
	}
	for from := 0; from < len(groups); {
		to := from
		for to < len(groups) && groups[to].reporter == groups[from].reporter {
			to++
		}
		narrowByNeighbours(groups[from:to])
		from = to
	}
}

// fitting are the revisions that may have all codes: those that there were in that year,
// or if none of these fits, any. One without a code list can't be ruled out.
func (g *codesOf) fitting() []string {
	var all, inUse []string
	for _, in := range g.lacks {
		if !in.none() {
			continue
		}
		all = append(all, in.revision)
		if in.inUse {
			inUse = append(inUse, in.revision)
		}
	}
	if len(inUse) > 0 {
		return inUse
	}
	return all
}

// only is the one possible revision. It has a code list: nothing speaks for one without.
func (g *codesOf) only() string {
	if len(g.possible) != 1 || !g.lacks[g.place(g.possible[0])].listed {
		return ""
	}
	return g.possible[0]
}

// place is where a revision stands among all, oldest first.
func (g *codesOf) place(revision string) int {
	return slices.IndexFunc(g.lacks, func(in lack) bool { return in.revision == revision })
}

// narrowByNeighbours looks at the years of one reporter, in their order, until nothing
// more is found.
func narrowByNeighbours(years []codesOf) {
	for found := true; found; {
		found = false
		for i := range years {
			g := &years[i]
			if g.revision != "" {
				continue
			}
			g.possible = g.between(years[:i], years[i+1:])
			g.revision = g.only()
			found = found || g.revision != ""
		}
	}
	for i := range years {
		if g := &years[i]; g.revision == "" && !g.detailed && len(g.possible) > 0 { // a total is the same in any
			g.revision = g.possible[len(g.possible)-1]
		}
	}
}

// between are the possible revisions that are not older than one of an earlier year, and
// not newer than one of a later year.
func (g *codesOf) between(earlier, later []codesOf) []string {
	kept := slices.DeleteFunc(slices.Clone(g.possible), func(r string) bool {
		at := g.place(r)
		return slices.ContainsFunc(earlier, func(o codesOf) bool { return o.revision != "" && g.place(o.revision) > at }) ||
			slices.ContainsFunc(later, func(o codesOf) bool { return o.revision != "" && g.place(o.revision) < at })
	})
	if len(kept) == 0 { // the years contradict each other: that is for the user to see
		return g.possible
	}
	return kept
}

// insertRevisions writes the statements that put the revisions where classify.sql looks
// for them.
func (b *Batch) insertRevisions(s *strings.Builder) {
	s.WriteString("CREATE TEMP TABLE row_revisions (reporter VARCHAR, year INTEGER, hs_revision VARCHAR);\n")
	insert(s, "row_revisions", len(b.revisions), func(i int) string {
		g := b.revisions[i]
		return fmt.Sprintf("%s, %d, %s", sqltext.Literal(g.reporter), g.year, sqltext.Literal(g.revision))
	})
}
