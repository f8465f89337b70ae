package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"entrepot/pipeline/usage"
	"entrepot/schemas"
	"entrepot/sources"

	"go.yaml.in/yaml/v3"
)

// FilesKey is the setting that says of files what they do not say themselves.
// It is a list of settings, so it has no flag.
const FilesKey = "files"

// filesTemplate explains it in the configuration file.
const filesTemplate = `
# ===== What files do not say themselves =====
#
# The first entry whose match fits the name of a file counts; a pattern without a
# slash fits the last part of the name.
# files:
#   - match: "TradeMap_*.txt"       # ITC Trade Map as text says neither reporter nor unit
#     reporter: IDN                 # a country: M49, ISO-3, ISO-2 or its name
#     flow: X                       # M or X
#     unit: thousand USD            # a wrong unit would be a factor of 1,000
#     revision: H5
#   - match: "gacc/*.csv"           # a source of your own: which column is what
#     source: gacc                  # two sources of one cell never add up
#     reporter: CHN
#     year: 2023                    # or a month, 2023-05
#     flow: M
#     unit: USD
#     revision: H6
#     code_width: 8                 # codes count under their first six digits
#     columns: {code: 商品编码, partner: 贸易伙伴编码, value: 美元}
#     areas: {344: RUS, 116: JPN}   # the file's codes or names of areas
#   - match: "full20*.dat"          # Eurostat's values are euros
#     rates: {2019: 1.1195, 2020: 1.1422}
#   - match: "BACI_HS12_Y*_V202501.csv"
#     whole: all                    # all codes that were traded are in it, or a list: [85, 8703]
# Other keys: code (the HS code of all rows, as in a list of markets), partner, data
# (direct or mirrored), world (sum: the file has all partners), encoding, decimal, flows
# (the file's words, and M or X), areas_as (m49, iso3, iso2 or name), repeated (rows of
# one cell that differ: sum, largest or last).
`

// fileKeys are the keys of an entry, and the fields that they set.
var fileKeys = map[string]string{
	"match": "Match", "source": "Source", "reporter": "Reporter", "partner": "Partner", "flow": "Flow", "year": "Year", "unit": "Unit",
	"rates": "Rates", "revision": "Revision", "code": "Code", "data": "Data", "world": "World", "encoding": "Encoding", "decimal": "Decimal",
	"columns": "Columns", "flows": "Flows", "areas": "Areas", "areas_as": "AreasAs", "code_width": "CodeWidth",
	"whole": "Whole", "repeated": "Repeated",
}

// setFiles reads the list. Errors name the line, the key and what is allowed.
func (c *Config) setFiles(file string, node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return nil
	}
	if node.Kind != yaml.SequenceNode {
		return usage.Errorf("%s:%d: files must be a list: each entry begins with '- match: NAME'", file, node.Line)
	}
	for _, item := range node.Content {
		if item.Kind != yaml.MappingNode {
			return usage.Errorf("%s:%d: each entry of files must be lines of 'key: value', and begin with '- match: NAME'", file, item.Line)
		}
		var s sources.Settings
		for i := 0; i+1 < len(item.Content); i += 2 {
			key, value := item.Content[i], item.Content[i+1]
			field, ok := fileKeys[key.Value]
			if !ok {
				return usage.Errorf("%s:%d: files has no key %q; there are %s", file, key.Line, key.Value, strings.Join(sortedFileKeys(), ", "))
			}
			if into := reflect.ValueOf(&s).Elem().FieldByName(field); into.Kind() == reflect.Slice && value.Kind == yaml.ScalarNode {
				value = &yaml.Node{Kind: yaml.SequenceNode, Line: value.Line, Content: []*yaml.Node{value}} // a list of one
			}
			if field == "Revision" && value.Kind == yaml.MappingNode {
				field = "Revisions"
			}
			if err := value.Decode(reflect.ValueOf(&s).Elem().FieldByName(field).Addr().Interface()); err != nil {
				return usage.Errorf("%s:%d: %s: %s", file, key.Line, key.Value, strings.TrimPrefix(err.Error(), "yaml: "))
			}
		}
		if s.Source != "" && !sourceForm.MatchString(s.Source) {
			return usage.Errorf("%s:%d: source %q is not allowed: it must be lower-case letters, digits, - and _", file, item.Line, s.Source)
		}
		if err := s.Check(); err != nil {
			return usage.Errorf("%s:%d: %w", file, item.Line, err)
		}
		c.Files = append(c.Files, s)
	}
	return nil
}

func sortedFileKeys() []string {
	var keys []string
	for k := range fileKeys {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// ResolveAreas turns the areas of the settings into M49 codes.
func (c *Config) ResolveAreas(reference *schemas.Reference) error {
	files := slices.Clone(c.Files) // the configuration may serve another run
	for i, s := range files {
		code := func(what, text string) (string, error) {
			if text == "0" {
				return text, nil
			}
			area, err := reference.Area(text)
			if err != nil {
				return "", usage.Errorf("files: %s: %s %q is not allowed: %w", s.Match, what, text, err)
			}
			return fmt.Sprint(area.Code), nil
		}
		var err error
		if s.Reporter != "" {
			if files[i].Reporter, err = code("reporter", s.Reporter); err != nil {
				return err
			}
		}
		if s.Partner != "" {
			if files[i].Partner, err = code("partner", s.Partner); err != nil {
				return err
			}
		}
		areas := map[string]string{}
		for key, text := range s.Areas {
			if areas[key], err = code("areas", text); err != nil {
				return err
			}
		}
		if len(areas) > 0 {
			files[i].Areas = areas
		}
	}
	c.Files = files
	return nil
}
