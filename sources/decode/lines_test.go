package decode

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Records are found again by their number, whatever stands around them.
func TestEachRecord(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, pieces := range [][]string{
		{"a,b,c\n", "d,e\n", strings.Repeat("long,", 50) + "\n"},
		{"a,b,c\r\n", "d,e\r\n"},
		{"a,b\n", "\n", "\"two\nlines\",c\n", "\"\n\n\",\"\"\"x\"\n", strings.Repeat("y", 9000) + "\n", "\r\n"},
	} {
		for _, unfinished := range []bool{false, true} {
			var text bytes.Buffer
			var records []string
			for range 3000 {
				piece := pieces[random.IntN(len(pieces))]
				text.WriteString(piece)
				if strings.TrimSpace(piece) != "" {
					records = append(records, strings.TrimSuffix(strings.TrimSuffix(piece, "\n"), "\r"))
				}
			}
			if unfinished {
				text.WriteString("last")
				records = append(records, "last")
			}
			path := filepath.Join(t.TempDir(), "a.csv")
			if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			p, err := Prepare(t.Context(), Input{Path: path, Name: "a.csv"}, t.TempDir(), Options{Encoding: "utf-8"})
			if err != nil {
				t.Fatal(err)
			}
			if p.Records != int64(len(records)) {
				t.Fatalf("%d records, expected %d", p.Records, len(records))
			}
			for _, share := range []float64{0.001, 0.1, 1} {
				wanted := []int64{p.Records}
				for i := range p.Records - 1 {
					if random.Float64() < share {
						wanted = append(wanted, i+1)
					}
				}
				slices.Sort(wanted)
				var got, want []string
				for _, n := range wanted {
					want = append(want, fmt.Sprint(n, " ", records[n-1]))
				}
				if err := p.EachRecord(t.Context(), wanted, func(n int64, text []byte) error {
					got = append(got, fmt.Sprint(n, " ", string(text)))
					return nil
				}); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%q: %.1000s", pieces, diff)
				}
			}
			if err := p.EachRecord(t.Context(), []int64{p.Records + 1}, nil); err == nil {
				t.Error("a record behind the last one is no error")
			}
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// What a scanner learns from many lines at once is what it learns from each.
func TestLinesAtOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	pieces := []string{"a,b,c\n", "d,e,f,g\n", "\n", "\r\n", "x\r\n", "\"q\n,\"\n", "ö\n", strings.Repeat("z", 9000) + "\n", "\xff\n", "h \" i\n"}
	for range 400 {
		some := pieces[:2+random.IntN(len(pieces)-1)]
		var text []byte
		for len(text) < 60_000 {
			piece := pieces[random.IntN(2)]
			if random.IntN(3000) == 0 {
				piece = some[random.IntN(len(some))]
			}
			text = append(text, piece...)
		}
		text = text[:len(text)-random.IntN(10)]
		atOnce, each := newLineScanner(), newLineScanner()
		for rest := text; len(rest) > 0; {
			n := min(len(rest), 1+random.IntN(40_000))
			_, _ = atOnce.Write(rest[:n])
			rest = rest[n:]
		}
		for line := range bytes.SplitAfterSeq(text, []byte("\n")) {
			_, _ = each.Write(line)
		}
		atOnce.close()
		each.close()
		tell := func(s *lineScanner) string {
			long := int64(0) // shorter ones need not be exact
			if s.longest > 8<<10 {
				long = s.longest
			}
			return fmt.Sprint(s.size, s.records, s.line, s.openAt, s.shifts, s.quotes.inside, s.content, s.quotes.any, s.utf8(), s.feeds, s.returns, s.alone, long)
		}
		if diff := cmp.Diff(tell(each), tell(atOnce)); diff != "" {
			t.Fatal(diff)
		}
	}
}
