package schemas

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"
)

func embeddedTables(t *testing.T) *Reference {
	t.Helper()
	r, err := Load(Files{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// random has revisions of about n codes; each newer code comes to a random older one.
func random(rng *rand.Rand, n int) *Reference {
	r := &Reference{Revisions: HS()}
	count := map[string]int{}
	for i, revision := range r.Revisions.IDs() {
		count[revision] = n + rng.IntN(n)
		for c := range count[revision] {
			r.Codes = append(r.Codes, Code{Revision: revision, HS6: fmt.Sprintf("%06d", c)})
			if i > 0 {
				older := r.Revisions[i-1].ID
				r.changes = append(r.changes, link{revision, fmt.Sprintf("%06d", c), older, fmt.Sprintf("%06d", rng.IntN(count[older]))})
			}
		}
	}
	return r
}

// Whatever the tables say, the parts of a value add up to it: nothing is lost,
// nothing counts twice, at any size of value.
func TestConversionConservesValue(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		r := random(rng, 3+rng.IntN(40))
		for _, target := range r.Revisions.IDs() {
			conversions, lost, err := r.Conversions(target, rng.IntN(2) == 0)
			if err != nil {
				t.Fatal(err)
			}
			type key struct{ revision, code string }
			value, sum, parts := map[key]int64{}, map[key]int64{}, map[key]int{}
			for _, c := range conversions {
				k := key{c.FromRevision, c.FromCode}
				if parts[k] == 0 {
					value[k] = rng.Int64N(1_000_000_000_000_000)
				}
				parts[k]++
				sum[k] += floor(value[k], c.Hi, c.Of) - floor(value[k], c.Lo, c.Of)
				if c.ToRevision != target {
					t.Fatalf("%v goes to another revision than %s", c, target)
				}
			}
			for k, v := range value {
				if sum[k] != v {
					t.Errorf("%v to %s: %d parts of %d add up to %d", k, target, parts[k], v, sum[k])
				}
			}
			if len(value)+len(lost) != len(r.Codes) {
				t.Errorf("to %s: %d codes are converted and %d lost, of %d", target, len(value), len(lost), len(r.Codes))
			}
		}
	}
}

// Between any two revisions every value is kept to the tenth of a cent, of every code
// that has a counterpart; those that have none are few, and known.
func TestEveryPairConservesValue(t *testing.T) {
	r := embeddedTables(t)
	rng := rand.New(rand.NewPCG(7, 8))
	pairs := 0
	for _, official := range []bool{false, true} {
		alone := map[string]bool{"H2 140390": true, "H3 291636": true, "H5 300219": true, "H5 854150": official}
		for _, to := range r.Revisions {
			conversions, lost, err := r.Conversions(to.ID, official)
			if err != nil {
				t.Fatal(err)
			}
			parts := map[string][]Conversion{}
			for _, c := range conversions {
				key := c.FromRevision + " " + c.FromCode
				parts[key] = append(parts[key], c)
			}
			before, after := map[string]int64{}, map[string]int64{}
			for key, all := range parts {
				value := rng.Int64N(1_000_000_000_000)
				before[all[0].FromRevision] += value
				for _, c := range all {
					after[c.FromRevision] += floor(value, c.Hi, c.Of) - floor(value, c.Lo, c.Of)
				}
				if r.Revisions.Index(all[0].FromRevision) >= r.Revisions.Index(to.ID) && len(all) > 1 {
					t.Errorf("%s goes to %d codes of %s, which is older", key, len(all), to.ID)
				}
			}
			for _, from := range r.Revisions {
				if from.ID == to.ID {
					continue
				}
				pairs++
				if before[from.ID] != after[from.ID] || before[from.ID] == 0 {
					t.Errorf("%s to %s: %d before, %d after", from.ID, to.ID, before[from.ID], after[from.ID])
				}
			}
			for _, c := range lost {
				if !comesTo(r, c, alone, official) {
					t.Errorf("%s of %s has no counterpart in %s", c.HS6, c.Revision, to.ID)
				}
			}
		}
	}
	if pairs != 2*42 {
		t.Errorf("%d pairs, want 42 by each conversion", pairs)
	}
}

// comesTo tells whether a code is one of some, or goes on to these alone.
func comesTo(r *Reference, c Code, some map[string]bool, official bool) bool {
	chain, at := r.chain(official), r.Revisions.Index(c.Revision)
	for codes := []string{c.HS6}; len(codes) == 1; at++ {
		if some[r.Revisions[at].ID+" "+codes[0]] {
			return true
		}
		codes = chain.newer[at][codes[0]]
	}
	return false
}

// A code that no newer one is converted to goes on to what it overlaps with.
func TestSuccessors(t *testing.T) {
	got := conversionsTo(t, embeddedTables(t), "H1", "H2", "H3", "H5", "H6")
	for from, want := range map[string]string{
		"H2 050300 H3": "051199 ",                      // horsehair has no code of its own any more
		"H2 382471 H3": "382471 382474 ",               // two, in equal shares
		"H4 847310 H5": "847340 ",                      // parts of word processors
		"H5 911490 H6": "911490 ",                      // overlaps with waste alone, which says nothing
		"H5 854150 H6": "",                             // the same, and H6 has no such number
		"H1 271011 H2": "271011 271019 271091 271099 ", // as 271000, which it is a part of
		"H0 271011 H1": "271011 ",
	} {
		if got[from] != want {
			t.Errorf("%s: %q, want %q", from, got[from], want)
		}
	}
}

func floor(value, part, of int64) int64 {
	product := new(big.Int).Mul(big.NewInt(value), big.NewInt(part))
	return product.Div(product, big.NewInt(of)).Int64()
}

// To the oldest revision every code has one counterpart, and the codes that share
// it are exactly a connected component of the links, found here by merging sets.
func TestFamiliesAreComponents(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, r := range []*Reference{embeddedTables(t), random(rng, 20), random(rng, 300)} {
		oldest := r.Revisions[0].ID
		conversions, lost, err := r.Conversions(oldest, true)
		if err != nil || len(lost) > 0 {
			t.Fatal(err, lost)
		}
		parent := map[[2]string][2]string{}
		var root func([2]string) [2]string
		root = func(n [2]string) [2]string {
			if up, ok := parent[n]; ok && up != n {
				return root(up)
			}
			return n
		}
		linked := map[[2]string]bool{}
		for _, l := range r.changes {
			if r.Revisions.Step(l.fromRevision, -1) == l.toRevision {
				linked[[2]string{l.fromRevision, l.fromCode}] = true
				if a, b := root([2]string{l.fromRevision, l.fromCode}), root([2]string{l.toRevision, l.toCode}); a != b {
					parent[a] = b
				}
			}
		}
		for _, c := range r.Codes {
			if from := [2]string{c.Revision, c.HS6}; c.Revision != oldest && !linked[from] {
				if a, b := root(from), root([2]string{r.Revisions.Step(c.Revision, -1), c.HS6}); a != b {
					parent[a] = b
				}
			}
		}
		family := map[string][2]string{}
		components := map[[2]string]bool{}
		for _, c := range conversions {
			component := root([2]string{c.FromRevision, c.FromCode})
			if known, ok := family[c.ToCode]; ok && known != component {
				t.Fatalf("family %s has members in two components: %v and %v", c.ToCode, known, component)
			}
			family[c.ToCode] = component
			components[component] = true
		}
		if len(components) != len(family) {
			t.Errorf("%d families, but %d components", len(family), len(components))
		}
	}
}

// The counts of the UN's tables, which were taken from the workbooks elsewhere.
func TestEmbeddedFamilies(t *testing.T) {
	for _, official := range []bool{true, false} {
		conversions, _, err := embeddedTables(t).Conversions("H4", official)
		if err != nil {
			t.Fatal(err)
		}
		size := map[string]int{}
		largest, alone := 0, 0
		for _, c := range conversions {
			if c.FromRevision < "H4" {
				continue
			}
			size[c.ToCode]++
			largest = max(largest, size[c.ToCode])
		}
		for _, n := range size {
			if n == 1 {
				alone++
			}
		}
		if len(size)-alone != 5194 || alone != 12 || largest != 26 {
			t.Errorf("official %v: %d families over several revisions, %d codes alone, largest %d; want 5194, 12, 26", official, len(size)-alone, alone, largest)
		}
	}
}

func TestConversions(t *testing.T) {
	conversions := map[string][]Conversion{}
	for _, target := range HS().IDs() {
		all, _, err := embeddedTables(t).Conversions(target, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range all {
			key := c.FromRevision + " " + c.FromCode + " " + target
			conversions[key] = append(conversions[key], c)
		}
	}
	for _, test := range []struct{ from, want string }{
		{"H6 854142 H4", "[854140 0/1-1]"}, // a merge: photosensitive devices
		{"H6 854143 H4", "[854140 0/1-1]"},
		{"H6 854142 H5", "[854140 0/1-1]"},
		{"H6 852491 H4", "[901380 0/1-1]"},                                        // a display is no telephone
		{"H4 854140 H6", "[854141 0/4-1 854142 1/4-2 854143 2/4-3 854149 3/4-4]"}, // a split
		{"H4 030617 H4", "[030617 0/1-1]"},
		// 300219 has no successor in H6, so its siblings share what 300210 was.
		{"H5 300219 H6", "[]"},
	} {
		var got []string
		for _, c := range conversions[test.from] {
			got = append(got, fmt.Sprintf("%s %d/%d-%d", c.ToCode, c.Lo, c.Of, c.Hi))
		}
		if fmt.Sprint(got) != test.want {
			t.Errorf("%s: got %v, want %v", test.from, got, test.want)
		}
	}
	if len(conversions["H4 300210 H6"]) == 0 {
		t.Error("300210 of H4 is lost on the way to H6")
	}
}
