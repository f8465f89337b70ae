package schemas

import (
	"fmt"
	"math/big"
	"slices"
)

// Conversion takes a code of one HS revision, or a part of it, to a code of
// another. A value v goes to ToCode with the part
//
//	floor(v·Hi/Of) − floor(v·Lo/Of)
//
// in tenths of a cent, so that the parts of a code add up to v exactly.
// Unless the code is split, Lo is 0 and Hi and Of are 1.
type Conversion struct {
	FromRevision, FromCode string
	ToRevision, ToCode     string
	Lo, Hi, Of             int64
}

// Split tells whether the code goes to several codes.
func (c Conversion) Split() bool { return c.Of > 1 }

// Conversions returns how every known code becomes codes of the target revision.
//
// To an older revision the UN's conversion is followed step by step, in which
// each newer code has exactly one older code. To a newer revision its inverse is
// followed: a code that several newer codes come from is split among them in
// equal shares, at each step among those that have a counterpart in the target.
// Where the UN's target is arbitrary (displays become telephones, e-waste becomes
// processors), reference/hs_overrides.csv proposes a better one, unless official
// is set.
//
// The second result lists the codes with no counterpart in the target revision.
func (r *Reference) Conversions(target string, official bool) ([]Conversion, []Code, error) {
	if !r.Revisions.Has(target) {
		return nil, nil, fmt.Errorf("no code list of HS revision %q: it must be one of %s", target, r.Revisions)
	}
	older := r.older(official)
	newer := map[[2]string][]string{}
	known := r.known()
	for _, c := range r.Codes {
		if to, ok := older[[2]string{c.Revision, c.HS6}]; ok && known[[2]string{r.Revisions.Step(c.Revision, -1), to}] {
			key := [2]string{r.Revisions.Step(c.Revision, -1), to}
			newer[key] = append(newer[key], c.HS6)
		}
	}
	var all []Conversion
	var lost []Code
	for _, c := range r.Codes {
		parts := r.follow(c, target, older, newer, known)
		if parts == nil {
			lost = append(lost, c)
		}
		all = append(all, parts...)
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

// older maps each revision and code to its code in the next older revision.
func (r *Reference) older(official bool) map[[2]string]string {
	next := map[[2]string]string{}
	for _, c := range r.Codes {
		if c.Revision != r.Revisions[0].ID {
			next[[2]string{c.Revision, c.HS6}] = c.HS6
		}
	}
	apply := func(links []link) {
		for _, l := range links {
			if r.Revisions.Step(l.fromRevision, -1) == l.toRevision {
				next[[2]string{l.fromRevision, l.fromCode}] = l.toCode
			}
		}
	}
	apply(r.changes)
	if !official {
		apply(r.overrides)
	}
	return next
}

// follow takes one code to the target revision; nil when it has no counterpart.
func (r *Reference) follow(c Code, target string, older map[[2]string]string, newer map[[2]string][]string, known map[[2]string]bool) []Conversion {
	type part struct {
		code string
		size *big.Rat
	}
	parts := []part{{c.HS6, big.NewRat(1, 1)}}
	at, to := r.Revisions.Index(c.Revision), r.Revisions.Index(target)
	for ; at > to; at-- {
		parts[0].code = older[[2]string{r.Revisions[at].ID, parts[0].code}]
		if !known[[2]string{r.Revisions[at-1].ID, parts[0].code}] {
			return nil
		}
	}
	for ; at < to; at++ {
		var next []part
		for _, p := range parts {
			// A code without a successor gives way to its siblings that have one.
			targets := slices.DeleteFunc(slices.Clone(newer[[2]string{r.Revisions[at].ID, p.code}]), func(code string) bool {
				return !r.alive(at+1, to, code, newer)
			})
			for _, code := range targets {
				size := new(big.Rat).Quo(p.size, big.NewRat(int64(len(targets)), 1))
				next = append(next, part{code, size})
			}
			if len(targets) == 0 {
				return nil
			}
		}
		parts = next
	}
	of := int64(1)
	for _, p := range parts {
		of = lcm(of, p.size.Denom().Int64())
	}
	var out []Conversion
	lo := int64(0)
	for _, p := range parts {
		hi := lo + p.size.Num().Int64()*of/p.size.Denom().Int64()
		out = append(out, Conversion{c.Revision, c.HS6, target, p.code, lo, hi, of})
		lo = hi
	}
	return out
}

// alive tells whether a code of revision number at has a counterpart in the newer
// revision number to.
func (r *Reference) alive(at, to int, code string, newer map[[2]string][]string) bool {
	return at == to || slices.ContainsFunc(newer[[2]string{r.Revisions[at].ID, code}], func(next string) bool {
		return r.alive(at+1, to, next, newer)
	})
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
