package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"entrepot/pipeline/objects"
	"entrepot/pipeline/usage"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"
)

// ReadWhatCanBe sets what a YAML file sets, without what is wrong in it.
func (c *Config) ReadWhatCanBe(file string) {
	content, err := os.ReadFile(file)
	var document yaml.Node
	if err != nil || yaml.Unmarshal(content, &document) != nil || len(document.Content) == 0 {
		return
	}
	root := document.Content[0]
	for i := 0; root.Kind == yaml.MappingNode && i+1 < len(root.Content); i += 2 {
		_ = c.setNode(file, "", root.Content[i].Value, root.Content[i+1])
	}
}

// ReadFile sets what a YAML file sets. Errors name the file, the line, the key
// and the value, and say what is allowed.
func (c *Config) ReadFile(file string) error {
	if c.Folder = filepath.Dir(file); c.Folder == "." {
		c.Folder = ""
	}
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return usage.Errorf("configuration file %s does not exist; 'entrepot init' writes one", file)
	}
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return usage.Errorf("%s: %s", file, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(document.Content) == 0 {
		return nil
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return usage.Errorf("%s:%d: expected lines of 'key: value'", file, root.Line)
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		where := fmt.Sprintf("%s:%d", file, key.Line)
		if first, twice := lines[key.Value]; twice {
			return usage.Errorf("%s: %s stands on line %d already", where, key.Value, first)
		}
		lines[key.Value] = key.Line
		if err := c.setNode(file, where, key.Value, value); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) setNode(file, where, key string, node *yaml.Node) error {
	if key == FilesKey {
		return c.setFiles(file, node)
	}
	if key == TitlesKey {
		return c.setTitles(file, node)
	}
	s, old, found := Lookup(key)
	if !found {
		return usage.Errorf("%s: there is no setting %q; %s", where, key, suggest(key, Settings()))
	}
	if old {
		c.Warn("%s: the setting %s is called %s now", where, key, s.Key)
	}
	value := node.Value
	if s.Key == parametersKey && node.Kind == yaml.MappingNode {
		return c.setParameterNodes(file, node)
	}
	switch {
	case node.Kind == yaml.SequenceNode:
		var items []string
		for _, item := range node.Content {
			items = append(items, item.Value)
		}
		value = strings.Join(items, ",")
	case node.Kind != yaml.ScalarNode:
		return usage.Errorf("%s: %s must be %s", where, key, s.Allowed)
	case node.Tag == "!!null":
		return nil // "sectors:" with nothing behind it keeps the default
	}
	if s.Kind == Path && value != "" && !filepath.IsAbs(value) && !objects.IsURL(value) {
		value = filepath.Join(filepath.Dir(file), value)
	}
	return c.Set(s, value, where)
}

// setParameterNodes sets the parameters of a YAML mapping.
func (c *Config) setParameterNodes(file string, node *yaml.Node) error {
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		where := fmt.Sprintf("%s:%d", file, name.Line)
		if value.Kind != yaml.ScalarNode || c.setParameter(name.Value, value.Value) != nil {
			return usage.Errorf("%s: %s: each line must be the name of a parameter and its value, such as 'floor: 1000000'", where, parametersKey)
		}
		c.say(parametersKey+"."+name.Value, where)
	}
	return nil
}

// suggest names the setting that an unknown key is closest to, or all of them.
func suggest(key string, settings []Setting) string {
	names := []string{FilesKey, TitlesKey}
	best, distance := "", 4
	for _, s := range settings {
		names = append(names, s.Key)
		if d := levenshtein.ComputeDistance(strings.ToLower(key), s.Key); d < distance {
			best, distance = s.Key, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "there are " + strings.Join(names, ", ")
}

// Template is a commented configuration file with every setting at its default.
func Template() string {
	var b strings.Builder
	b.WriteString("# Configuration of entrepot. Every setting is here with its default;\n" +
		"# a variable of the environment overrides it (ENTREPOT_MEMORY_LIMIT for memory_limit),\n" +
		"# and a flag of the same name overrides both (--memory-limit).\n" +
		"# Paths are relative to this file.\n")
	for _, group := range Groups() {
		fmt.Fprintf(&b, "\n# ===== %s =====\n", group)
		for _, s := range Settings() {
			if s.Group == group {
				b.WriteString(s.template())
			}
		}
	}
	return b.String() + filesTemplate + titlesTemplate
}

// template is the setting's part of the file.
func (s Setting) template() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n# %s.\n", strings.ToUpper(s.Help[:1])+s.Help[1:])
	for _, line := range s.More {
		fmt.Fprintf(&b, "# %s\n", line)
	}
	fmt.Fprintf(&b, "# Allowed: %s.\n", s.Allowed)
	switch {
	case s.Key == "data":
		b.WriteString("data: data\n")
	case s.Default == "":
		fmt.Fprintf(&b, "# %s:\n", s.Key)
	default:
		fmt.Fprintf(&b, "%s: %s\n", s.Key, s.Default)
	}
	return b.String()
}
