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

// random has three revisions of about n codes; each newer code comes to a random older one.
func random(rng *rand.Rand, n int) *Reference {
	r := &Reference{Revisions: HS().Listed()}
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

func floor(value, part, of int64) int64 {
	product := new(big.Int).Mul(big.NewInt(value), big.NewInt(part))
	return product.Div(product, big.NewInt(of)).Int64()
}

// To the oldest revision every code has one counterpart, and the codes that share
// it are exactly a connected component of the links, found here by merging sets.
func TestFamiliesAreComponents(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, r := range []*Reference{embeddedTables(t), random(rng, 20), random(rng, 300)} {
		conversions, lost, err := r.Conversions("H4", true)
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
			if from := [2]string{c.Revision, c.HS6}; c.Revision != "H4" && !linked[from] {
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
	for _, target := range HS().Listed().IDs() {
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
