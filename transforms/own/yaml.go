package own

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"entrepot/schemas"
	"entrepot/transforms"
	"entrepot/transforms/checks"

	"go.yaml.in/yaml/v3"
)

var (
	nameForm      = regexp.MustCompile(`^[a-z][a-z0-9_]{0,30}$`) // a sheet of a workbook has so many letters
	parameterForm = regexp.MustCompile(`^[a-z][a-z_]{0,39}$`)
	yamlLine      = regexp.MustCompile(`^yaml: (?:unmarshal errors:\s*)?line (\d+): `)
)

// document reads the keys of one file, and notes where they stand.
type document struct {
	source Source
	places places
}

// key is one that a mapping may have, and what it does with its value.
type key struct {
	name     string
	required bool
	read     func(at string, value *yaml.Node) error
}

func (d *document) placeOf(n *yaml.Node) place { return place{d.source.yaml(), n.Line, n.Column} }

// root reads the whole file.
func (d *document) root(keys []key) error {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(d.source.YAML), &document); err != nil {
		where, text := place{file: d.source.yaml()}, strings.TrimPrefix(err.Error(), "yaml: ")
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			where.line, _ = strconv.Atoi(m[1])
			text = err.Error()[len(m[0]):]
		}
		return where.errorf("it is no YAML: %s", text)
	}
	if len(document.Content) == 0 {
		return place{file: d.source.yaml()}.errorf("it is empty; it must have %s", strings.Join(required(keys), ", "))
	}
	d.places[""] = place{d.source.yaml(), 1, 0}
	return d.mapping("", document.Content[0], keys)
}

func required(keys []key) []string {
	var all []string
	for _, k := range keys {
		if k.required {
			all = append(all, k.name)
		}
	}
	return all
}

// mapping reads the keys of an object. at is its path in the file.
func (d *document) mapping(at string, n *yaml.Node, keys []key) error {
	if n.Kind != yaml.MappingNode {
		return d.placeOf(n).errorf("%s must be lines of 'key: value' (%s)", orFile(at), strings.Join(names(keys), ", "))
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		known := slices.IndexFunc(keys, func(k key) bool { return k.name == name.Value })
		if known < 0 {
			return d.placeOf(name).errorf("there is no key %q%s; %s", name.Value, in(at), suggestion(name.Value, names(keys)))
		}
		if seen[name.Value] {
			return d.placeOf(name).errorf("%s stands there twice", name.Value)
		}
		seen[name.Value] = true
		path := strings.TrimPrefix(at+"."+name.Value, ".")
		d.places[path] = d.placeOf(name)
		if err := keys[known].read(path, value); err != nil {
			return err
		}
	}
	for _, k := range keys {
		if k.required && !seen[k.name] {
			return d.placeOf(n).errorf("%s has no %s", orFile(at), k.name)
		}
	}
	return nil
}

func names(keys []key) []string {
	var all []string
	for _, k := range keys {
		all = append(all, k.name)
	}
	return all
}

func orFile(at string) string {
	if at == "" {
		return "it"
	}
	return at
}

func in(at string) string {
	if at == "" {
		return ""
	}
	return " in " + at
}

// suggestion says which name was meant, or which there are.
func suggestion(name string, known []string) string {
	if nearest := schemas.NearestOf(name, known); nearest != "" {
		return fmt.Sprintf("did you mean %s?", nearest)
	}
	return "there are " + strings.Join(known, ", ")
}

// text reads a text that is not empty.
func (d *document) text(into *string) func(string, *yaml.Node) error {
	return func(at string, n *yaml.Node) error {
		if n.Kind != yaml.ScalarNode || strings.TrimSpace(n.Value) == "" || n.Tag == "!!null" {
			return d.placeOf(n).errorf("%s must be a text", at)
		}
		*into = strings.TrimSpace(n.Value)
		return nil
	}
}

// expression reads a text that is an expression of SQL.
func (d *document) expression(into *string) func(string, *yaml.Node) error {
	return func(at string, n *yaml.Node) error {
		if err := d.text(into)(at, n); err != nil {
			return err
		}
		if err := transforms.Expression(*into); err != nil {
			return d.placeOf(n).errorf("%s: %v", at, err)
		}
		return nil
	}
}

func (d *document) flag(into *bool) func(string, *yaml.Node) error {
	return func(at string, n *yaml.Node) error {
		if n.Decode(into) != nil || n.Tag != "!!bool" {
			return d.placeOf(n).errorf("%s must be true or false", at)
		}
		return nil
	}
}

// texts reads a list of texts, or one.
func (d *document) texts(into *[]string) func(string, *yaml.Node) error {
	return func(at string, n *yaml.Node) error {
		if n.Kind == yaml.ScalarNode {
			n = &yaml.Node{Kind: yaml.SequenceNode, Line: n.Line, Column: n.Column, Content: []*yaml.Node{n}}
		}
		if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
			return d.placeOf(n).errorf("%s must be a list, such as [sector, year]", at)
		}
		for _, item := range n.Content {
			var one string
			if err := d.text(&one)(at, item); err != nil {
				return err
			}
			d.places[at+"."+one] = d.placeOf(item)
			*into = append(*into, one)
		}
		return nil
	}
}

// items reads each object of a list.
func (d *document) items(read func(at string, n *yaml.Node) error) func(string, *yaml.Node) error {
	return func(at string, n *yaml.Node) error {
		if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
			return d.placeOf(n).errorf("%s must be a list, each of whose entries begins with '- '", at)
		}
		for _, item := range n.Content {
			if err := read(at, item); err != nil {
				return err
			}
		}
		return nil
	}
}

func newDocument(source Source) (*document, error) {
	d := &document{source, places{}}
	if !nameForm.MatchString(source.Name) {
		return nil, place{file: source.sql()}.errorf("%q can't be the name of a table: it must be up to 31 small letters, digits and _, such as trade_balance",
			source.Name)
	}
	return d, nil
}

// parseMeasure reads what a file says of a measure.
func parseMeasure(source Source) (m Measure, parameters []Parameter, err error) {
	d, err := newDocument(source)
	if err != nil {
		return m, nil, err
	}
	o := &m.Output
	o.Name, m.source, m.places = source.Name, source, d.places
	err = d.root([]key{
		{"title", true, d.text(&o.Title)},
		{"description", false, d.text(&o.Description)},
		{"figure", false, d.text(&o.Figure)},
		{"level", false, d.text(&m.Level)},
		{"key", true, d.texts(&o.SortBy)},
		{"columns", true, d.items(d.column(o))},
		{"ratio", false, d.ratio(&o.Ratio)},
		{"picture", false, d.picture(&o.Picture)},
		{"terminal", false, d.terminal(&o.Terminal)},
		{"behind", false, d.items(d.evidence(o))},
		{"lines", false, d.expression(&o.Lines)},
		{"parameters", false, d.parameters(&parameters)},
	})
	if o.Description == "" {
		o.Description = o.Title + "."
	}
	if o.Picture.Caption != "" {
		o.Picture.ID = strings.ReplaceAll(o.Name, "_", "-")
	}
	if err == nil {
		err = m.consistent()
	}
	return m, parameters, err
}

// column reads a column: a name that the program knows the meaning of, or all that is to be
// said.
func (d *document) column(o *schemas.Output) func(string, *yaml.Node) error {
	return func(at string, n *yaml.Node) error {
		var c schemas.Column
		var kind, type_ string
		if n.Kind == yaml.ScalarNode {
			c.Name = n.Value
		} else if err := d.mapping(at, n, []key{
			{"name", true, d.text(&c.Name)}, {"type", false, d.text(&type_)}, {"unit", false, d.text(&c.Unit)},
			{"description", false, d.text(&c.Description)}, {"null", false, d.flag(&c.Nullable)},
			{"codes", false, d.text(&kind)}, {"revision", false, d.text(&c.Revision)},
		}); err != nil {
			return err
		}
		where := d.placeOf(n)
		if !nameForm.MatchString(c.Name) {
			return where.errorf("%q can't be the name of a column: it must be up to 31 small letters, digits and _", c.Name)
		}
		if _, twice := o.Column(c.Name); twice {
			return where.errorf("the column %s stands there twice", c.Name)
		}
		d.places["columns."+c.Name] = where
		c, err := completed(c, type_, kind)
		if err != nil {
			return where.errorf("column %s: %v", c.Name, err)
		}
		o.Columns = append(o.Columns, c)
		return nil
	}
}

// typesOf are the types of columns, and other words for them.
var typesOf = map[string]schemas.Type{"smallint": schemas.SmallInt, "integer": schemas.Integer, "double": schemas.Double,
	"boolean": schemas.Boolean, "varchar": schemas.Text, "text": schemas.Text}

// completed is a column with what the program knows of its name, and what its type and the
// kind of its codes mean.
func completed(c schemas.Column, type_, kind string) (schemas.Column, error) {
	shared, known := schemas.Shared(c.Name)
	if known && type_ == "" && kind == "" {
		if c.Unit == "" && c.Description == "" && !c.Nullable && c.Revision == "" {
			return shared, nil
		}
		c.Type, c.Kind = shared.Type, shared.Kind
		c.Nullable = c.Nullable || shared.Nullable
		if c.Unit == "" {
			c.Unit = shared.Unit
		}
		if c.Description == "" {
			c.Description = shared.Description
		}
		return c, nil
	}
	if c.Description == "" {
		return c, fmt.Errorf("it has no description, and is none of those that need none (%s)", strings.Join(schemas.SharedNames(), ", "))
	}
	var ok bool
	if c.Type, ok = typesOf[strings.ToLower(type_)]; !ok {
		return c, fmt.Errorf("type %q is not allowed: it must be smallint, integer, double, boolean or varchar", type_)
	}
	c.Kind = schemas.Kind(kind)
	want := map[schemas.Kind]schemas.Type{"": c.Type, schemas.Goods: schemas.Text, schemas.Sectors: schemas.Text, schemas.Areas: schemas.SmallInt}
	switch need, known := want[c.Kind]; {
	case !known:
		return c, fmt.Errorf("codes %q is not allowed: it must be goods, areas or sectors", kind)
	case need != c.Type:
		return c, fmt.Errorf("codes of %s are %s, not %s", kind, strings.ToLower(string(need)), type_)
	}
	return c, nil
}

func (d *document) ratio(r *schemas.Ratio) func(string, *yaml.Node) error {
	return func(at string, n *yaml.Node) error {
		return d.mapping(at, n, []key{{"share", true, d.text(&r.Share)}, {"part", true, d.text(&r.Part)}, {"of", true, d.text(&r.Of)},
			{"low", false, d.expression(&r.Low)}, {"partial", false, d.expression(&r.Partial)}})
	}
}

func (d *document) picture(p *schemas.Picture) func(string, *yaml.Node) error {
	return func(at string, n *yaml.Node) error {
		return d.mapping(at, n, []key{{"caption", true, d.text(&p.Caption)}, {"subtitle", false, d.text(&p.Subtitle)}})
	}
}

func (d *document) terminal(p *schemas.Pivot) func(string, *yaml.Node) error {
	return func(at string, n *yaml.Node) error {
		return d.mapping(at, n, []key{{"rows", true, d.text(&p.Rows)}, {"columns", true, d.text(&p.Columns)}})
	}
}

func (d *document) evidence(o *schemas.Output) func(string, *yaml.Node) error {
	return func(at string, n *yaml.Node) error {
		var e schemas.Evidence
		at = fmt.Sprintf("%s[%d]", at, len(o.Behind)+1)
		if err := d.mapping(at, n, []key{
			{"table", true, d.text(&e.Output)}, {"on", true, d.texts(&e.On)}, {"where", false, d.expression(&e.Where)},
			{"columns", true, d.texts(&e.Columns)}, {"order", false, d.expression(&e.Order)},
			{"idle", false, d.text(&e.Idle)}, {"idle_is", false, d.text(&e.IdleIs)}, {"lines", false, d.expression(&e.Lines)},
			{"part", false, d.expression(&e.Part)}, {"of", false, d.expression(&e.Of)},
		}); err != nil {
			return err
		}
		o.Behind = append(o.Behind, e)
		return nil
	}
}

// parameterTypes are the types of parameters.
var parameterTypes = []string{"integer", "number", "text", "boolean"}

func (d *document) parameters(all *[]Parameter) func(string, *yaml.Node) error {
	return d.items(func(at string, n *yaml.Node) error {
		var p Parameter
		if err := d.mapping(at, n, []key{{"name", true, d.text(&p.Name)}, {"type", true, d.text(&p.Type)},
			{"default", true, d.text(&p.Default)}, {"description", true, d.text(&p.Description)}}); err != nil {
			return err
		}
		p.place = d.placeOf(n)
		switch {
		case !parameterForm.MatchString(p.Name):
			return p.Errorf("%q can't be the name of a parameter: it must be small letters and _", p.Name)
		case !slices.Contains(parameterTypes, p.Type):
			return p.Errorf("parameter %s: type %q is not allowed: it must be %s", p.Name, p.Type, strings.Join(parameterTypes, ", "))
		}
		if _, err := p.Value(p.Default); err != nil {
			return p.Errorf("parameter %s: default %v", p.Name, err)
		}
		*all = append(*all, p)
		return nil
	})
}

// Value is a text as the parameter's type has it, to be bound.
func (p Parameter) Value(text string) (any, error) {
	var value any = text
	var err error
	switch p.Type {
	case "integer":
		value, err = strconv.ParseInt(text, 10, 64)
	case "number":
		value, err = strconv.ParseFloat(text, 64)
	case "boolean":
		value, err = strconv.ParseBool(text)
	}
	if err != nil {
		return nil, fmt.Errorf("%q is no %s", text, p.Type)
	}
	return value, nil
}

// Text is a value of a parameter as text, the same for whatever text it was set by.
func Text(value any) string {
	if number, ok := value.(float64); ok {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// parseCheck reads what a file says of a check.
func parseCheck(source Source) (c Check, parameters []Parameter, err error) {
	d, err := newDocument(source)
	if err != nil {
		return c, nil, err
	}
	severity, means := string(checks.Warn), ""
	c.Name, c.source, c.places = source.Name, source, d.places
	err = d.root([]key{
		{"title", true, d.text(&c.Help)},
		{"description", false, d.text(&means)},
		{"severity", false, d.text(&severity)},
		{"examines", false, d.text(&c.examines)},
		{"parameters", false, d.parameters(&parameters)},
	})
	if err != nil {
		return c, nil, err
	}
	if means != "" {
		c.Help += ": " + strings.TrimSuffix(means, ".")
	}
	c.Default = checks.Severity(severity)
	if !c.Default.Known() {
		return c, nil, d.places["severity"].errorf("severity %q is not allowed: it must be warn, fail or off", severity)
	}
	return c, parameters, nil
}

// KeyErrorf is what is wrong with the rows that a key should tell apart, where the YAML
// names it.
func (m Measure) KeyErrorf(format string, args ...any) error {
	return m.places["key"].errorf(format, args...)
}

// ColumnErrorf is what is wrong with a column's values, where the YAML describes it.
func (m Measure) ColumnErrorf(column, format string, args ...any) error {
	return m.places["columns."+column].errorf(format, args...)
}

// sortedNames lists the keys of a map in their order.
func sortedNames[V any](all map[string]V) []string { return slices.Sorted(maps.Keys(all)) }
