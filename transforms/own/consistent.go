package own

import (
	"fmt"
	"slices"
	"strings"

	"entrepot/schemas"
)

// consistent returns an *Error for a description that contradicts itself.
func (m Measure) consistent() error {
	for _, name := range m.SortBy {
		c, known := m.Column(name)
		switch where := m.places["key."+name]; {
		case !known:
			return where.errorf("the key has %s, which is none of columns; %s", name, suggestion(name, m.columnNames()))
		case c.Nullable:
			return where.errorf("%s may be null, so it can't be part of the key", name)
		}
	}
	for at, name := range map[string]string{"ratio.share": m.Ratio.Share, "ratio.part": m.Ratio.Part, "ratio.of": m.Ratio.Of,
		"terminal.rows": m.Terminal.Rows, "terminal.columns": m.Terminal.Columns} {
		if _, known := m.Column(name); name != "" && !known {
			return m.places[at].errorf("%s is none of columns; %s", name, suggestion(name, m.columnNames()))
		}
	}
	if err := m.names(); err != nil {
		return err
	}
	if err := m.leveled(); err != nil {
		return err
	}
	part, _ := m.Column(m.Ratio.Part)
	of, _ := m.Column(m.Ratio.Of)
	switch {
	case m.Measured() && m.SortBy[0] != "reporter":
		return m.places["key"].errorf("the key must begin with reporter, by which tables are shown and compared")
	case m.Picture.Caption != "" && (m.Ratio.Share == "" || !slices.Equal(m.OfOne().SortBy, []string{"sector", "year"})):
		return m.places["picture"].errorf("a picture is drawn of a ratio by sector and year: it needs ratio, and the key [reporter, sector, year]")
	case m.Terminal.Rows != "" && (part.Type != schemas.Integer || of.Type != schemas.Integer || !m.Measured()):
		return m.places["terminal"].errorf("the terminal shows how many of how many: it needs a ratio whose part and of are integer, and the column reporter")
	}
	return nil
}

// names returns an *Error where a column has the name of one that says what codes are
// called, or where the revision of codes is not known.
func (m Measure) names() error {
	whole := schemas.Catalogue{}.With(m.Output)[0]
	seen := map[string]bool{}
	for _, c := range whole.Columns {
		of := c.NameOf
		if of == "" {
			of = c.Name
		}
		if seen[c.Name] {
			return m.places["columns."+of].errorf("there are two columns %s: it is the name of the column that says what the codes of %s are called",
				c.Name, of)
		}
		seen[c.Name] = true
		if _, known := m.Column(c.Revision); c.NameOf != "" && c.Revision != "" && !known {
			return m.places["columns."+of].errorf("%s has codes of goods, so there must be a column %s with their HS revision", of, c.Revision)
		}
	}
	return nil
}

// leveled returns an *Error where the key has no column of what the level names.
func (m Measure) leveled() error {
	switch {
	case m.Level == "":
		return nil
	case m.Level == "sector" && slices.Contains(m.SortBy, "sector"):
		return nil
	case m.Level == "sector":
		return m.places["level"].errorf("the level is sector, and the key has no column sector")
	case !slices.Contains([]string{"2", "4", "6"}, m.Level):
		return m.places["level"].errorf("level %q is not allowed: it must be 2, 4, 6 or sector", m.Level)
	case m.Codes() == "":
		return m.places["level"].errorf("the level is that of codes of %s digits, and the key has no column of codes of goods ('codes: goods')",
			m.Level)
	}
	return nil
}

// Codes is the column of the key that has codes of goods; "" when none has.
func (m Measure) Codes() string {
	for _, name := range m.SortBy {
		if c, _ := m.Column(name); c.Kind == schemas.Goods {
			return name
		}
	}
	return ""
}

func (m Measure) columnNames() []string {
	var all []string
	for _, c := range m.Columns {
		all = append(all, c.Name)
	}
	return all
}

// known returns an *Error for evidence of tables and columns that are not there.
func (m Measure) known(published schemas.Catalogue) error {
	for i, e := range m.Behind {
		at := fmt.Sprintf("behind[%d].", i+1)
		of, err := published.Lookup(e.Output)
		if err != nil {
			return m.places[at+"table"].errorf("there is no published table %s; %s", e.Output, suggestion(e.Output, published.Names()))
		}
		other := Measure{Output: of}
		for _, name := range e.On {
			if _, known := m.Column(name); !known {
				return m.places[at+"on."+name].errorf("%s is none of columns; %s", name, suggestion(name, m.columnNames()))
			}
		}
		for list, columns := range map[string][]string{"on": e.On, "columns": e.Columns} {
			for _, name := range columns {
				if _, known := of.Column(name); !known {
					return m.places[at+list+"."+name].errorf("table %s has no column %s; %s", of.Name, name, suggestion(name, other.columnNames()))
				}
			}
		}
		if e.Idle != "" && !slices.Contains(e.Columns, e.Idle) {
			return m.places[at+"idle"].errorf("idle must be one of the columns behind the row: %s", strings.Join(e.Columns, ", "))
		}
	}
	return nil
}
