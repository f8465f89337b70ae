package schemas

import (
	"slices"
	"strings"
	"unicode"

	"entrepot/schemas/sqltext"

	"github.com/agnivade/levenshtein"
)

// Output is one published Parquet table, with all that the program knows of it: what
// it holds, what stands behind a row, what is compared, and how it is shown. The
// entries stand in outputs_measures.go, outputs_indicators.go and outputs_quality.go; every command that lists, explains,
// compares or draws tables reads them.
type Output struct {
	Name        string // of the transform that makes it, and of the file
	Title       string
	Description string
	Figure      string // the published figures behind which it stands, as "Figures 17 and 18", or ""; "After Figure 7" follows it and is not the same
	Columns     []Column
	SortBy      []string // the key; unique together
	Setting     string   // the setting that asks for it; "" for a table that is always made
	Partition   string   // the first column of the key, for each value of which it has a file of its own; "" for one file

	Ratio    Ratio      // what it measures, if that is a part of a whole
	Behind   []Evidence // rows of other outputs that a row is made of
	Lines    string     // SQL: which lines (l) of the output lines stand behind a row (e); "" for none
	Terminal Pivot      // how the terminal shows Ratio after a run; zero: not at all
	Picture  Picture    // how the report titles its picture; zero: it has none
}

// Ratio names the columns of a part and a whole, and of the one over the other. A
// difference between two releases compares these two.
type Ratio struct {
	Share, Part, Of string
	Low             string // SQL: whether a row is of low coverage; "" for never
	Partial         string // SQL: whether the files cover too few of its codes; "" for never
}

// Evidence is the rows of an output that stand behind a row of another. In its SQL, r
// is the row, e are the rows behind it and l the lines behind these.
type Evidence struct {
	Output  string
	On      []string // columns that r and e have, and that are equal
	Where   string   // SQL: what else ties e to r; "" for nothing
	Columns []string // of e: what explains, after what tells its rows apart
	Order   string   // SQL: the rows that count most first, nulls last; "" for the key
	Idle    string   // one of Columns that is false in rows that count nowhere; "" for none
	IdleIs  string   // what such a row is: "code that …"
	Lines   string   // SQL: what else ties the lines behind e to r; "" for nothing

	// SQL: what e adds to Part and Of of r's Ratio; "" where sums of e don't make them.
	Part, Of string
}

// Tie is the SQL condition that rows e of an evidence stand behind a row r.
func (e Evidence) Tie() string {
	var all []string
	for _, column := range e.On {
		all = append(all, "e."+sqltext.Name(column)+" = r."+sqltext.Name(column))
	}
	if e.Where != "" {
		all = append(all, "("+e.Where+")")
	}
	return strings.Join(all, " AND ")
}

// Pivot shows a table on the terminal, by two columns of its key.
type Pivot struct{ Rows, Columns string }

// Picture is how the report titles what it draws of an output. In its texts a name in
// braces, such as {reporter}, stands for what a release says of it.
type Picture struct {
	ID       string // also the name of its files
	Caption  string
	Subtitle string
}

// Described is an output as releases describe it to their readers. A release's id
// hangs on it, and not on how the program explains and shows a table.
type Described struct {
	Name, Title, Description, Figure string
	Columns                          []Column
	SortBy                           []string
	Partition                        string
}

// Described leaves out what no release says of its tables.
func (o Output) Described() Described {
	return Described{o.Name, o.Title, o.Description, o.Figure, o.Columns, o.SortBy, o.Partition}
}

// follows begins the name of a figure that a table follows without being the same.
const follows = "After "

// figures lists the keys of an output's figures: figure17, figure18 and
// figures17and18 for "Figures 17 and 18", figure14 for "Figure 14" and "After Figure 14".
func (o Output) figures() []string {
	figure := strings.TrimPrefix(o.Figure, follows)
	words := strings.Fields(strings.ReplaceAll(figure, ",", " "))
	if len(words) == 0 {
		return nil
	}
	kind := strings.TrimSuffix(strings.ToLower(words[0]), "s")
	var all []string
	for _, word := range words[1:] {
		if word != "and" {
			all = append(all, kind+word)
		}
	}
	if whole := figureKey(figure); !slices.Contains(all, whole) {
		all = append(all, whole)
	}
	return all
}

// figureKey is a figure without what people write differently: spaces, capitals, marks.
func figureKey(figure string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, figure)
}

// Column returns the column of that name.
func (o Output) Column(name string) (Column, bool) {
	i := slices.IndexFunc(o.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return o.Columns[i], true
}

// NearestOf is the name that is most like a text: that begins with it, or differs from it
// in few letters; "" when none is near.
func NearestOf(text string, names []string) string {
	text = strings.ToLower(text)
	nearest, distance := "", max(2, len(text)/3)+1
	for _, name := range names {
		if d := levenshtein.ComputeDistance(text, name); d < distance {
			nearest, distance = name, d
		}
	}
	for _, name := range names {
		if nearest == "" && len(text) > 2 && strings.Contains(name, text) {
			nearest = name
		}
	}
	return nearest
}
