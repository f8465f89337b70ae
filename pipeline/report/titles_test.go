package report

import (
	"strings"
	"testing"

	"entrepot/pipeline/release"
	"entrepot/schemas"
)

func titled(country string) *book {
	s := &source{Release: &release.Release{ID: "0123456789ab", Manifest: &release.Manifest{}}, of: release.MeasuredEntry{Name: country},
		outputs: map[string]schemas.Output{"dominance": {Name: "dominance", Picture: schemas.Picture{ID: "figure27"}}}}
	return &book{source: s, figures: []*Figure{{ID: "figure14", Title: "Products", Subtitle: "Each sector", Finding: "It fell"}, {ID: "figure26", Title: "Shares", Subtitle: "Of the world"}},
		notDrawn: []NotDrawn{{id: "figure15"}}}
}

// A title takes the place of what the report would write, of all countries only where it
// names them.
func TestTitlesOfFigures(t *testing.T) {
	t.Parallel()
	titles := map[string]Title{
		"figure14": {Title: "My finding", Where: "entrepot.yaml:2"},
		"figure26": {Title: "{reporter}'s part of <all>", Subtitle: "{reporter}'s", Where: "entrepot.yaml:3"},
		"figure15": {Title: "Not drawn", Where: "entrepot.yaml:4"},
		"figure27": {Title: "Not in the release", Where: "entrepot.yaml:5"},
	}
	for _, test := range []struct {
		country string
		first   bool
		want    []string
	}{
		{"China", true, []string{"My finding|Products. Each sector", "China's part of <all>|China's"}},
		{"USA", false, []string{"It fell|Products. Each sector", "The United States' part of <all>|The United States'"}},
	} {
		b := titled(test.country)
		if err := b.checkTitles(titles); err != nil {
			t.Fatal(err)
		}
		b.entitle(titles, test.first)
		for i, f := range b.figures {
			if got := f.headline() + "|" + f.under(); got != test.want[i] {
				t.Errorf("%s: %q, want %q", test.country, got, test.want[i])
			}
		}
	}
	err := titled("China").checkTitles(map[string]Title{"figure41": {Title: "x", Where: "entrepot.yaml:9"}})
	if err == nil || !strings.Contains(err.Error(), `entrepot.yaml:9: titles: the report has no figure "figure41"; there are figure14, figure15, figure26, figure27`) {
		t.Errorf("an unknown figure: %v", err)
	}
}

// The course of a line is a sentence about its figure, whichever way it went.
func TestCourseFinding(t *testing.T) {
	t.Parallel()
	value := func(x float64) *float64 { return &x }
	line := func(name string, texts ...string) *Lines {
		s := Series{Name: name}
		l := &Lines{}
		for i, text := range texts {
			l.Periods = append(l.Periods, []string{"2015", "2019", "2023"}[i])
			s.Texts = append(s.Texts, text)
			if text == noData {
				s.Values = append(s.Values, nil)
				continue
			}
			s.Values = append(s.Values, value(float64(len(strings.TrimLeft(text, "0")))+float64(text[0])/256))
		}
		l.Series = []Series{s}
		return l
	}
	several := func(all ...*Lines) *Lines {
		for _, l := range all[1:] {
			all[0].Series = append(all[0].Series, l.Series...)
		}
		return all[0]
	}
	for _, test := range []struct {
		f       *Figure
		country string
		want    string
	}{
		{&Figure{course: "the United States supplied {value} of China's imports", Lines: line(allGoods, "9%", "8%", "7%")}, "China", "The United States supplied 7% of China's imports in 2023, down from 9% in 2015"},
		{&Figure{course: "Germany supplied {value} of China's imports", Lines: line(allSectors, "7%", noData, "9%")}, "China", "Germany supplied 9% of China's imports in all sectors in 2023, up from 7% in 2015"},
		{&Figure{course: "the Netherlands' exports of ships came to {value}", Lines: line("Netherlands", "$7m", "$7m", noData)}, "Netherlands", "The Netherlands' exports of ships came to $7m in 2019, as in 2015"},
		{&Figure{course: "exports came to {value}", Lines: line("China", "$7m")}, "China", ""},
		{&Figure{course: "exports came to {value}", Lines: line("Japan", "$7m", "$8m")}, "China", ""},
		{&Figure{Table: "group_exports", Lines: several(line("EU", "$8m", "$9m", "$6m"), line("Japan", "$9m", "$7m", noData))}, "China", "Of 2 exporters the EU exported most in 2019: $9m"},
		{&Figure{Table: "group_exports", Lines: several(line("EU", noData), line("Japan", "$9m"))}, "China", ""},
	} {
		if got := titled(test.country).courseFinding(test.f); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}
