package schemas

import (
	"fmt"
	"slices"
)

// DeriveSectors puts the codes of a revision that the sector list lacks into its
// sectors, through the conversion from the nearest revision that it has, which is the
// result. A code belongs to the sector that lists more than half of the newer codes
// that come to it or, in a newer revision, the code that it comes to.
func (r *Reference) DeriveSectors(revision string, official bool) (from string, err error) {
	to := r.Revisions.Index(revision)
	if to < 0 {
		return "", fmt.Errorf("no code list of HS revision %q: it must be one of %s", revision, r.Revisions)
	}
	at := r.nearestListed(to)
	if at < 0 {
		return "", fmt.Errorf("the sector list has codes of none of %s", r.Revisions)
	}
	sectors := map[string]string{}
	for _, s := range r.Sectors {
		if s.Revision == r.Revisions[at].ID {
			sectors[s.HS6] = s.Sector
		}
	}
	chain := r.chain(official)
	related := map[string][]string{} // the listed revision's codes of each code
	if at > to {
		for _, code := range chain.codes[at] {
			if older, ok := chain.back(code, at, to); ok {
				related[older] = append(related[older], code)
			}
		}
	} else {
		for _, code := range chain.codes[to] {
			if older, ok := chain.back(code, to, at); ok {
				related[code] = []string{older}
			}
		}
	}
	from = r.Revisions[at].ID
	text := r.hashes["sectors"]
	for _, code := range chain.codes[to] {
		if sector := majority(related[code], sectors); sector != "" {
			r.Sectors = append(r.Sectors, SectorCode{sector, revision, code, "follows from " + from})
			text += sector + revision + code + "\n"
		}
	}
	r.hashes["sectors"] = hashText(text)
	return from, nil
}

// nearestListed is the place of the revision nearest to another of which the sector
// list has codes, the newer one if two are; -1 when it has none.
func (r *Reference) nearestListed(to int) int {
	for away := 1; away < len(r.Revisions); away++ {
		for _, at := range []int{to + away, to - away} {
			if at >= 0 && at < len(r.Revisions) && r.HasSectors(r.Revisions[at].ID) {
				return at
			}
		}
	}
	return -1
}

// back follows a code from one revision to an older one.
func (c chain) back(code string, at, to int) (string, bool) {
	for ; at > to; at-- {
		older, ok := c.older[at][code]
		if !ok {
			return "", false
		}
		code = older
	}
	return code, true
}

// majority is the sector of more than half of the codes, or "".
func majority(codes []string, sectors map[string]string) string {
	count := map[string]int{}
	for _, code := range codes {
		if sector := sectors[code]; sector != "" {
			if count[sector]++; 2*count[sector] > len(codes) {
				return sector
			}
		}
	}
	return ""
}

// SectorNames lists the sectors of the list in use, sorted.
func (r *Reference) SectorNames() []string {
	var names []string
	for _, s := range r.Sectors {
		names = append(names, s.Sector)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// SectorRevision is the oldest HS revision of which the sector list has codes: into it
// those of the others are converted without an estimate.
func (r *Reference) SectorRevision() string {
	oldest := r.Sectors[0].Revision // a list without codes is an error of Load
	for _, s := range r.Sectors {
		if r.Revisions.Index(s.Revision) < r.Revisions.Index(oldest) {
			oldest = s.Revision
		}
	}
	return oldest
}

// HasSectors tells whether the sector list has codes of an HS revision.
func (r *Reference) HasSectors(revision string) bool {
	return slices.ContainsFunc(r.Sectors, func(s SectorCode) bool { return s.Revision == revision })
}
