package config

import (
	"fmt"
	"strings"

	"entrepot/pipeline/usage"

	"go.yaml.in/yaml/v3"
)

// TitlesKey is the setting of the titles that figures of the report are to have. It is a
// list by figure, so it has no flag.
const TitlesKey = "titles"

// Title is what stands above a figure in place of what the report would write. "" leaves
// that as it is.
type Title struct {
	Title    string
	Subtitle string
	Where    string // "entrepot.yaml:7"
}

// titlesTemplate explains it in the configuration file.
const titlesTemplate = `
# ===== Titles of the report's figures =====
#
# A title says what its figure shows, in words made from the values, unless it is written here.
# {reporter} is the country, {reporter}'s its possessive; a text without either is used
# for the country that the report begins with alone. docs/report.md names the figures.
# titles:
#   figure14: China still depends on imported aircraft
#   figure27:
#     title: "{reporter}'s lead in rail equipment grew"
#     subtitle: Codes of which it has more than 30% of world exports
`

// setTitles reads the list. Which figures there are, the report knows.
func (c *Config) setTitles(file string, node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return nil
	}
	if node.Kind != yaml.MappingNode {
		return usage.Errorf("%s:%d: titles must be lines of 'figure: title', such as 'figure14: China depends on fewer imports'", file, node.Line)
	}
	c.Titles = map[string]Title{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		figure, value := node.Content[i], node.Content[i+1]
		t := Title{Where: fmt.Sprintf("%s:%d", file, figure.Line)}
		if first, twice := c.Titles[figure.Value]; twice {
			return usage.Errorf("%s: the title of %s stands at %s already", t.Where, figure.Value, first.Where)
		}
		if err := t.read(file, figure.Value, value); err != nil {
			return err
		}
		c.Titles[figure.Value] = t
	}
	return nil
}

// read takes the text of a title, or lines with title and subtitle.
func (t *Title) read(file, figure string, node *yaml.Node) error {
	switch {
	case node.Kind == yaml.ScalarNode && strings.TrimSpace(node.Value) != "":
		t.Title = strings.TrimSpace(node.Value)
		return nil
	case node.Kind != yaml.MappingNode:
		return usage.Errorf("%s: the title of %s must be a text, or lines with 'title' and 'subtitle'", t.Where, figure)
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		where := fmt.Sprintf("%s:%d", file, key.Line)
		text := strings.TrimSpace(value.Value)
		if value.Kind != yaml.ScalarNode || text == "" {
			return usage.Errorf("%s: %s of %s must be a text", where, key.Value, figure)
		}
		switch key.Value {
		case "title":
			t.Title = text
		case "subtitle":
			t.Subtitle = text
		default:
			return usage.Errorf("%s: the title of %s has no key %q; there are title, subtitle", where, figure, key.Value)
		}
	}
	return nil
}
