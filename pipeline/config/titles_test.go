package config_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/pipeline/config"
)

// A title is a text, or a text and a subtitle; what is neither is an error that says where.
func TestTitles(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text, wrong string
		want        map[string]config.Title
	}{
		"texts": {text: "titles:\n  figure14: One <b>title</b>\n  figure27: {title: Two, subtitle: Below}\n  figure26:\n    subtitle: Alone\n", want: map[string]config.Title{
			"figure14": {Title: "One <b>title</b>", Where: ":2"}, "figure27": {Title: "Two", Subtitle: "Below", Where: ":3"}, "figure26": {Subtitle: "Alone", Where: ":4"}}},
		"none":      {text: "titles:\n"},
		"a text":    {text: "titles: A title\n", wrong: ":1: titles must be lines of 'figure: title', such as"},
		"a list":    {text: "titles:\n  figure14: [a, b]\n", wrong: ":2: the title of figure14 must be a text, or lines with 'title' and 'subtitle'"},
		"an empty":  {text: "titles:\n  figure14:\n", wrong: ":2: the title of figure14 must be a text"},
		"twice":     {text: "titles:\n  figure14: a\n  figure14: b\n", wrong: ":3: the title of figure14 stands at"},
		"other key": {text: "titles:\n  figure14:\n    tilte: a\n", wrong: ":3: the title of figure14 has no key \"tilte\"; there are title, subtitle"},
	} {
		file := filepath.Join(t.TempDir(), "entrepot.yaml")
		if err := os.WriteFile(file, []byte(test.text), 0o644); err != nil {
			t.Fatal(err)
		}
		c := config.New()
		err := c.ReadFile(file)
		if test.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), file+test.wrong) {
				t.Errorf("%s: %v, want %s", name, err, test.wrong)
			}
			continue
		}
		for figure, title := range c.Titles {
			title.Where = strings.TrimPrefix(title.Where, file)
			c.Titles[figure] = title
		}
		if err != nil || !maps.Equal(c.Titles, test.want) {
			t.Errorf("%s: %v, %v", name, c.Titles, err)
		}
	}
}
