package report

import (
	"slices"
	"testing"
)

// What is said to have changed is what changed, between years that can be compared.
func TestChangeFinding(t *testing.T) {
	share := func(x float64) *float64 { return &x }
	group := func(key string, bars ...Bar) Group { return Group{Key: key, Name: key, Bars: bars} }
	bar := func(year int, x float64) Bar { return Bar{Year: year, Share: share(x)} }
	none := func(year int) Bar { return Bar{Year: year} }
	low := func(year int, x float64) Bar { return Bar{Year: year, Share: share(x), Low: true} }
	for name, test := range map[string]struct {
		groups []Group
		want   string
		years  []int
	}{
		"most fell":              {[]Group{group("a", bar(1, .5), bar(2, .4)), group("b", bar(1, .5), bar(2, .3)), group("c", bar(1, .5), bar(2, .6))}, "It fell in 2 of 3 sectors between 1 and 2", []int{1, 2}},
		"all rose":               {[]Group{group("a", bar(1, .1), bar(2, .4)), group("b", bar(1, .1), bar(2, .3))}, "It rose in all 2 sectors between 1 and 2", []int{1, 2}},
		"neither":                {[]Group{group("a", bar(1, .1), bar(2, .4)), group("b", bar(1, .3), bar(2, .1))}, "It rose in 1 and fell in 1 of 2 sectors between 1 and 2", []int{1, 2}},
		"low coverage":           {[]Group{group("a", bar(1, .5), bar(2, .4), low(3, .9)), group("b", bar(1, .5), bar(2, .3), low(3, .9))}, "It fell in all 2 sectors between 1 and 2", []int{1, 2}},
		"a year without":         {[]Group{group("a", none(1), bar(2, .4), bar(3, .9)), group("b", none(1), bar(2, .3), bar(3, .9))}, "It rose in all 2 sectors between 2 and 3", []int{2, 3}},
		"comparators are none":   {[]Group{group("a", bar(1, .5), bar(2, .4)), group("", bar(1, .5), bar(2, .6))}, "It fell in the one sector with data between 1 and 2", []int{1, 2}},
		"no change":              {[]Group{group("a", bar(1, .5), bar(2, .5))}, "", []int{1, 2}},
		"one year":               {[]Group{group("a", bar(1, .5))}, "", nil},
		"nothing":                {nil, "", nil},
		"a sector that has none": {[]Group{group("a", bar(1, .5), bar(2, .4)), group("b", bar(1, .5), none(2)), group("c", bar(1, .2), bar(2, .1))}, "It fell in all 2 sectors between 1 and 2", []int{1, 2}},
	} {
		got, years := changeFinding("It", &Bars{Groups: test.groups})
		if got != test.want || !slices.Equal(years, test.years) {
			t.Errorf("%s: %q of %v, want %q of %v", name, got, years, test.want, test.years)
		}
	}
}

func TestBalanceFinding(t *testing.T) {
	value := func(x float64) *float64 { return &x }
	l := &Lines{Periods: []string{"2023-01", "2023-02", "2023-03"}, Series: []Series{
		{Name: "Imports", Values: []*float64{value(2), nil, value(1)}}, {Name: "Exports", Values: []*float64{value(1), value(1), value(3)}}}}
	if got, want := balanceFinding(l, "China"), "China imported more high-tech goods than it exported in 1 of 2 months"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
