package report

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"entrepot/pipeline/release"
	"entrepot/schemas"
)

// What can be chosen are the sectors by name, and their codes by value, wherever these rows are.
func TestTradersGoods(t *testing.T) {
	t.Parallel()
	s := &source{Release: &release.Release{}, sectors: map[string]string{"b": "Aircraft", "a": "Boats"}, reference: &schemas.Reference{}}
	year := func(y int) int16 { return int16(y) }
	rows := [][]any{
		{"100000", "a", year(2019), nil, 5.0, int32(2)}, {"100000", "a", year(2019), int16(156), 5.0, int32(0)},
		{"200000", "a", year(2019), nil, 6.0, int32(1)}, {"200000", "a", year(2023), nil, 1.0, int32(1)},
		{"300000", "b", year(2019), nil, 9.0, int32(1)},
		{"a", "a", year(2019), nil, 11.0, int32(1)}, {"a", "a", year(2019), int16(842), 11.0, int32(1)}, {"b", "b", year(2023), nil, 9.0, int32(1)},
	}
	one := &traders{Kind: "suppliers"}
	if err := one.fill(s, rows); err != nil {
		t.Fatal(err)
	}
	want := []traderGoods{{"b", "Aircraft", []string{"300000"}}, {"a", "Boats", []string{"200000", "100000"}}}
	if !reflect.DeepEqual(one.Sectors, want) || !slices.Equal(one.Years, []int{2019, 2023}) || one.Map || one.First != 0 || len(one.rows) != len(rows) {
		t.Errorf("%+v", one)
	}
	if got := one.rows[1]; !reflect.DeepEqual(got, []any{"100000", year(2019), int16(156), 5.0, int32(0)}) {
		t.Errorf("a row is %v", got)
	}
	for area := range mapFrom {
		rows = append(rows, []any{"a", "a", year(2023), int16(area), 1.0, int32(0)})
	}
	if err := one.fill(s, rows); err != nil || !one.Map {
		t.Errorf("%d areas make no map: %v", mapFrom, err)
	}
	if err := one.fill(s, [][]any{{nil, nil, nil, nil, nil, nil}}); err == nil {
		t.Error("a row of nothing is taken")
	}
}

// Every shape that an area is said to have is on the map, and no area stands for two.
func TestShapesOfAreas(t *testing.T) {
	t.Parallel()
	world, err := os.ReadFile("page/" + worldFile)
	if err != nil {
		t.Fatal(err)
	}
	for area, shape := range shapes {
		if n := len(regexp.MustCompile(`"id":"`+shape+`"`).FindAll(world, -1)); n != 1 {
			t.Errorf("area %d is drawn as %s, which the map has %d times", area, shape, n)
		}
	}
}

// A value of a part of the data says so, and is compared with no value of the whole.
func TestPartOfData(t *testing.T) {
	t.Parallel()
	share := func(x float64) *float64 { return &x }
	s := &source{Release: &release.Release{}, sectors: map[string]string{"a": "A", "b": "B"}, reference: &schemas.Reference{}}
	bars := s.groupBars([]cell{{sector: "a", year: 1, share: share(.5), partial: true}, {sector: "a", year: 2, share: share(.9)},
		{sector: "b", year: 1, share: share(.5)}, {sector: "b", year: 2, share: share(.4)}, {sector: "b", year: 3, partial: true}}, []int{1, 2, 3}, valueText)
	if got := bars.Groups[0].Bars[0]; got.Text != "50.0% (part)" || !got.Part {
		t.Errorf("a part is %+v", got)
	}
	if got := bars.Groups[1].Bars[2]; got.Text != noData || got.Part {
		t.Errorf("a part of nothing is %+v", got)
	}
	if got, _ := changeFinding("It", bars); got != "It fell in the one sector with data between 1 and 2" {
		t.Errorf("of a part and a whole it is said that %q", got)
	}
	lines := newLines([]point{{"A", "1", share(3e6), true}, {"A", "2", share(4e6), false}}, "usd", []string{"1", "2"})
	if got := lines.Series[0]; !slices.Equal(got.Texts, []string{"$3m (part)", "$4m"}) || !slices.Equal(got.Parts, []bool{true, false}) {
		t.Errorf("a line has %+v", got)
	}
	if got := (Cell{Text: "weak"}).ofPart(true); got.Text != "weak (part)" || !got.Part {
		t.Errorf("a cell is %+v", got)
	}
	if got := (Cell{Text: noData}).ofPart(true); got.Text != noData || got.Part {
		t.Errorf("an empty cell is %+v", got)
	}
}
