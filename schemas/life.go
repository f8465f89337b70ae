package schemas

import (
	"slices"
)

// Life is a code of one HS revision and what it is in the others.
type Life struct {
	Revision, HS6 string
	Manufactured  bool
	Sector        string   // of the sector list, or ""
	Older         string   // the code of the next older revision that it comes to, or ""
	Official      string   // the UN's own target, when a better one was proposed; else ""
	Newer         []string // codes of the next newer revision that come to it
	Successors    []string // of the next newer revision, to which it goes on when none comes to it
	Family        string   // the code of the oldest revision that it comes to in the end
	Members       []string // of the family: "H4 854140", …
}

// Lives tells, for each revision that has the code, what comes to it and what it
// comes to, oldest first. official follows the UN's targets where better ones are
// proposed.
func (r *Reference) Lives(hs6 string, official bool) []Life {
	chain, known, untouched := r.chain(official), r.known(), r.older(true)
	older := chain.olderCodes(r.Revisions)
	family := func(revision, code string) [2]string {
		at := [2]string{revision, code}
		for {
			next := [2]string{r.Revisions.Step(at[0], -1), older[at]}
			if !known[next] {
				return at
			}
			at = next
		}
	}
	members, newer := map[[2]string][]string{}, map[[2]string][]string{}
	for _, c := range r.Codes {
		root := family(c.Revision, c.HS6)
		members[root] = append(members[root], c.Revision+" "+c.HS6)
		to := [2]string{r.Revisions.Step(c.Revision, -1), older[[2]string{c.Revision, c.HS6}]}
		newer[to] = append(newer[to], c.HS6)
	}
	var lives []Life
	for _, c := range r.Codes {
		if c.HS6 != hs6 {
			continue
		}
		key := [2]string{c.Revision, c.HS6}
		root := family(c.Revision, c.HS6)
		l := Life{Revision: c.Revision, HS6: c.HS6, Manufactured: c.Manufactured, Newer: newer[key], Family: root[1], Members: members[root]}
		if older := older[key]; known[[2]string{r.Revisions.Step(c.Revision, -1), older}] {
			l.Older = older
			if untouched[key] != older {
				l.Official = untouched[key]
			}
		}
		if i := slices.IndexFunc(r.Sectors, func(s SectorCode) bool { return s.Revision == c.Revision && s.HS6 == c.HS6 }); i >= 0 {
			l.Sector = r.Sectors[i].Sector
		}
		if len(l.Newer) == 0 {
			l.Successors = chain.newer[r.Revisions.Index(c.Revision)][c.HS6]
		}
		slices.Sort(l.Newer)
		slices.Sort(l.Members)
		lives = append(lives, l)
	}
	slices.SortFunc(lives, func(a, b Life) int { return r.Revisions.Index(a.Revision) - r.Revisions.Index(b.Revision) })
	return lives
}

// Compare counts in how many codes a table differs from the reference data: from
// the conversion between neighbours or, for others, from the chain of conversions.
// Both are the UN's own, without proposed targets.
func (r *Reference) Compare(t *Table) (differ []string) {
	older, known := r.older(true), r.known()
	for newer, target := range t.Conversion {
		at := [2]string{t.From, newer}
		for r.Revisions.Index(at[0]) > r.Revisions.Index(t.To) && known[at] {
			at = [2]string{r.Revisions.Step(at[0], -1), older[at]}
		}
		if at != [2]string{t.To, target} {
			differ = append(differ, newer)
		}
	}
	slices.Sort(differ)
	return differ
}

// older maps each revision and code to its code in the next older revision.
func (r *Reference) older(official bool) map[[2]string]string {
	return r.chain(official).olderCodes(r.Revisions)
}

func (c chain) olderCodes(revisions Revisions) map[[2]string]string {
	all := map[[2]string]string{}
	for at, older := range c.older {
		for code, to := range older {
			all[[2]string{revisions[at].ID, code}] = to
		}
	}
	return all
}
