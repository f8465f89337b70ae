package schemas

import (
	"fmt"
	"slices"
)

// Conversion takes a code of one HS revision, or a part of it, to a code of
// another. A value v goes to ToCode with the part
//
//	floor(v·Hi/Of) − floor(v·Lo/Of)
//
// in tenths of a cent, so that the parts of a code add up to v exactly.
// Unless the code is split, Lo is 0 and Hi and Of are 1. Of a split code these are equal
// shares; transforms/codes/split_shares.sql weighs them by trade where there is some.
type Conversion struct {
	FromRevision, FromCode string
	ToRevision, ToCode     string
	Lo, Hi, Of             int64
}

// Split tells whether the code goes to several codes.
func (c Conversion) Split() bool { return c.Of > 1 }

// Step is what a code becomes in the next older revision.
type Step struct {
	FromRevision, FromCode string
	ToRevision, ToCode     string
}

// Steps returns what each code becomes in the next older revision. official is as in
// Conversions.
func (r *Reference) Steps(official bool) []Step {
	chain := r.chain(official)
	var all []Step
	for at, from := range r.Revisions {
		for _, code := range chain.codes[at] {
			if older, ok := chain.older[at][code]; ok {
				all = append(all, Step{from.ID, code, r.Revisions[at-1].ID, older})
			}
		}
	}
	return all
}

// Conversions returns how every known code becomes codes of the target revision.
//
// To an older revision the UN's conversion is followed step by step, in which
// each newer code has exactly one older code. To a newer revision its inverse is
// followed: a code that several newer codes come from is split among them in
// equal shares, at each step among those that have a counterpart in the target. A
// code that none comes from is split among the codes that overlap with it
// (reference/hs_successors.csv).
// Where the UN's target is arbitrary (displays become telephones, e-waste becomes
// processors), reference/hs_overrides.csv proposes a better one, unless official
// is set.
//
// The second result lists the codes with no counterpart in the target revision.
func (r *Reference) Conversions(target string, official bool) ([]Conversion, []Code, error) {
	to := r.Revisions.Index(target)
	if to < 0 {
		return nil, nil, fmt.Errorf("no code list of HS revision %q: it must be one of %s", target, r.Revisions)
	}
	parts := r.chain(official).partsIn(to)
	var all []Conversion
	var lost []Code
	for _, c := range r.Codes {
		becomes := parts[r.Revisions.Index(c.Revision)][c.HS6]
		if len(becomes) == 0 {
			lost = append(lost, c)
		}
		of := int64(1)
		for _, p := range becomes {
			of = lcm(of, p.of)
		}
		lo := int64(0)
		for _, p := range becomes {
			hi := lo + p.share*(of/p.of)
			all = append(all, Conversion{c.Revision, c.HS6, target, p.code, lo, hi, of})
			lo = hi
		}
	}
	return all, lost, nil
}

// known is the set of revisions and codes.
func (r *Reference) known() map[[2]string]bool {
	known := make(map[[2]string]bool, len(r.Codes))
	for _, c := range r.Codes {
		known[[2]string{c.Revision, c.HS6}] = true
	}
	return known
}

// chain has the steps between neighbouring revisions, by the place of a revision in
// Reference.Revisions.
type chain struct {
	codes [][]string            // in the order of Reference.Codes
	older []map[string]string   // each code's one code in the next older revision
	newer []map[string][]string // the codes of the next newer revision that a code goes to
}

// part is a share of a code's value that goes to another code.
type part struct {
	code      string
	share, of int64
}

func (r *Reference) chain(official bool) chain {
	n := len(r.Revisions)
	c := chain{make([][]string, n), make([]map[string]string, n), make([]map[string][]string, n)}
	places := map[string]int{}
	for at, revision := range r.Revisions {
		places[revision.ID] = at
		c.older[at], c.newer[at] = map[string]string{}, map[string][]string{}
	}
	known := make([]map[string]bool, n)
	for _, code := range r.Codes {
		at := places[code.Revision]
		c.codes[at] = append(c.codes[at], code.HS6)
		if known[at] == nil {
			known[at] = map[string]bool{}
		}
		known[at][code.HS6] = true
	}
	targets := r.targets(official)
	for at := 1; at < n; at++ {
		for _, code := range c.codes[at] {
			to, changed := targets[[2]string{r.Revisions[at].ID, code}]
			if !changed {
				to = code
			}
			if known[at-1][to] {
				c.older[at][code] = to
				c.newer[at-1][to] = append(c.newer[at-1][to], code)
			}
		}
	}
	c.addSuccessors(r, places, known)
	return c
}

// targets are the older codes of those that do not keep their number.
func (r *Reference) targets(official bool) map[[2]string]string {
	targets := make(map[[2]string]string, len(r.changes))
	apply := func(links []link) {
		for _, l := range links {
			if r.Revisions.Step(l.fromRevision, -1) == l.toRevision {
				targets[[2]string{l.fromRevision, l.fromCode}] = l.toCode
			}
		}
	}
	apply(r.changes)
	if !official {
		apply(r.overrides)
	}
	return targets
}

// addSuccessors finds newer codes for those that no newer code comes from.
func (c chain) addSuccessors(r *Reference, places map[string]int, known []map[string]bool) {
	type key struct {
		at   int
		code string
	}
	found := map[key][]string{}
	for _, l := range r.successors {
		at, listed := places[l.fromRevision]
		if listed && at+1 < len(c.newer) && r.Revisions[at+1].ID == l.toRevision && len(c.newer[at][l.fromCode]) == 0 && known[at+1][l.toCode] {
			found[key{at, l.fromCode}] = append(found[key{at, l.fromCode}], l.toCode)
		}
	}
	for k, codes := range found {
		c.newer[k.at][k.code] = codes
	}
}

// partsIn is what each code becomes in a revision, by revision and code. A code
// without a counterpart there has no parts.
func (c chain) partsIn(to int) []map[string][]part {
	parts := make([]map[string][]part, len(c.codes))
	parts[to] = map[string][]part{}
	for _, code := range c.codes[to] {
		parts[to][code] = []part{{code, 1, 1}}
	}
	for at := to + 1; at < len(parts); at++ {
		parts[at] = map[string][]part{}
		for code, older := range c.older[at] {
			parts[at][code] = parts[at-1][older]
		}
	}
	for at := to - 1; at >= 0; at-- {
		parts[at] = map[string][]part{}
		for code, newer := range c.newer[at] {
			parts[at][code] = divide(newer, parts[at+1])
		}
	}
	return parts
}

// divide shares a code out equally among newer ones; one without a counterpart in the
// end gives way to the others. A code that is come to in two ways has both shares.
func divide(newer []string, parts map[string][]part) []part {
	newer = slices.DeleteFunc(slices.Clone(newer), func(code string) bool { return len(parts[code]) == 0 })
	var all []part
	for _, code := range newer {
		for _, p := range parts[code] {
			p.of *= int64(len(newer))
			if i := slices.IndexFunc(all, func(q part) bool { return q.code == p.code }); i >= 0 {
				of := lcm(all[i].of, p.of)
				all[i] = part{p.code, all[i].share*(of/all[i].of) + p.share*(of/p.of), of}
				continue
			}
			all = append(all, p)
		}
	}
	return all
}

func lcm(a, b int64) int64 {
	gcd := func(a, b int64) int64 {
		for b != 0 {
			a, b = b, a%b
		}
		return a
	}
	return a / gcd(a, b) * b
}
