package schemas

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is what the codes in a column are of. Beside such a column stand, when it is
// published, columns of what the codes are called.
type Kind string

// The kinds of codes.
const (
	Goods   Kind = "goods"   // HS codes
	Areas   Kind = "areas"   // M49 codes, as Comtrade uses them
	Sectors Kind = "sectors" // sectors of the list in use
)

// The columns of names: product, and others with the name of the column that they name and
// one of these endings.
const (
	product = "product"
	iso3    = "_iso3"
	name    = "_name"
	label   = "_label"
)

// named puts behind each column of codes the columns of their names.
func named(o Output) Output {
	var all []Column
	for _, c := range o.Computed() { // it may have them already
		all = append(append(all, c), namesOf(c)...)
	}
	o.Columns = all
	return o
}

// namesOf are the columns of names of a column.
func namesOf(c Column) []Column {
	switch c.Kind {
	case Goods:
		return []Column{{Name: product, Type: Text, Nullable: true, NameOf: c.Name, Revision: c.revision(),
			Description: fmt.Sprintf("English name of %s in %s, as the UN's list has it; null when it has none.", c.Name, c.revision())}}
	case Areas:
		return []Column{
			{Name: c.Name + iso3, Type: Text, Nullable: true, NameOf: c.Name,
				Description: fmt.Sprintf("ISO-3 code of %s; null for what is no country.", c.Name)},
			{Name: c.Name + name, Type: Text, Nullable: c.Nullable, NameOf: c.Name, Description: fmt.Sprintf("Name of %s.", c.Name)},
		}
	case Sectors:
		return []Column{{Name: c.Name + label, Type: Text, Nullable: c.Nullable, NameOf: c.Name,
			Description: fmt.Sprintf("What the sector list calls %s for people.", c.Name)}}
	}
	return nil
}

// revision is the column that says of which HS revision a column's codes are.
func (c Column) revision() string {
	if c.Revision == "" {
		return hsRevision.Name
	}
	return c.Revision
}

// Computed are the columns that an output's SQL makes: all but those of names.
func (o Output) Computed() []Column {
	var all []Column
	for _, c := range o.Columns {
		if c.NameOf == "" {
			all = append(all, c)
		}
	}
	return all
}

// NamesOf are the columns of an output that say what a column's codes are called.
func (o Output) NamesOf(column string) []Column {
	var all []Column
	for _, c := range o.Columns {
		if c.NameOf == column {
			all = append(all, c)
		}
	}
	return all
}

// IsCode tells of a column of names that what it has are codes, too.
func (c Column) IsCode() bool { return c.NameOf != "" && strings.HasSuffix(c.Name, iso3) }

// Naming knows what codes are called.
type Naming struct {
	products map[[2]string]string // by revision and code
	areas    map[int16]Area
	labels   map[string]string
}

// Naming gathers the names of goods, areas and sectors.
func (r *Reference) Naming() (*Naming, error) {
	names, err := r.base.Names()
	if err != nil {
		return nil, err
	}
	n := &Naming{products: make(map[[2]string]string, len(names)), areas: map[int16]Area{}, labels: r.Labels}
	for _, known := range names {
		n.products[[2]string{known.Revision, known.Code}] = known.Text
	}
	for _, a := range r.Areas {
		n.areas[a.Code] = a
	}
	return n, nil
}

// Value is what stands in a column of names beside a code, of the HS revision that its
// row says; nil when the code is null or has no name.
func (n *Naming) Value(c Column, code, revision any) any {
	switch code := code.(type) {
	case int16:
		area, ok := n.areas[code]
		if c.IsCode() {
			return orNil(area.ISO3)
		}
		if !ok {
			return fmt.Sprint(code)
		}
		return area.Name
	case string:
		if c.Name != product {
			return labelOf(code, n.labels)
		}
		in, _ := revision.(string)
		return orNil(n.Product(in, code))
	}
	return nil
}

// Product is the name of a code of an HS revision, or "".
func (n *Naming) Product(revision, code string) string { return n.products[[2]string{revision, code}] }

func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// Label is what a sector, or a sum over sectors, is called for people.
func (r *Reference) Label(sector string) string { return labelOf(sector, r.Labels) }

// labelOf is a sector's label, or else its name with blanks and a large first letter.
func labelOf(sector string, labels map[string]string) string {
	if known := labels[sector]; known != "" {
		return known
	}
	text := strings.ReplaceAll(sector, "_", " ")
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
