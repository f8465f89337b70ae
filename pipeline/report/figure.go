package report

// Figure is a figure of the report: what is measured, what a reader must know of
// it, and one of Bars, Grid and Lines. The pictures and the page are made of the
// same Figures.
type Figure struct {
	ID       string   `json:"id"`     // also the name of its files
	Number   string   `json:"number"` // "Figure 14"
	Title    string   `json:"title"`
	Subtitle string   `json:"subtitle"`
	Notes    []string `json:"notes"`
	Source   string   `json:"source"`
	Part     string   `json:"part"`  // when the figure has several, each a picture
	Table    string   `json:"table"` // the output that it shows

	Finding  string `json:"-"` // what it shows, in words; "" for none
	Compared []int  `json:"-"` // the two years that the finding is about, of bars
	told     bool   // the finding is somebody's, and not made from the values
	below    string // what somebody wants to stand below the finding

	// What the line that it is about says of its value, for a sentence of its course:
	// "China's imports came to {value}".
	course string

	Bars  *Bars  `json:"bars,omitempty"`
	Grid  *Grid  `json:"grid,omitempty"`
	Lines *Lines `json:"lines,omitempty"`
}

// Bars compares shares of 1 by group and year.
type Bars struct {
	Groups []Group `json:"groups"`
}

// Group is a sector, or what sectors are compared with.
type Group struct {
	Key  string `json:"key"` // as in the table, or ""
	Name string `json:"name"`
	Bars []Bar  `json:"bars"`
}

// Bar is one year of a group. Share is nil when there is no data.
type Bar struct {
	Year  int      `json:"year"`
	Share *float64 `json:"share"`
	Text  string   `json:"text"`           // "33% (1/3)", or "no data"
	Low   bool     `json:"low"`            // a year of low coverage
	Part  bool     `json:"part,omitempty"` // of a part of the data; the text says so, too
}

// Grid is a table whose cells may be shaded.
type Grid struct {
	Head    []string  `json:"head"`
	Columns []Column  `json:"columns"`
	Rows    []GridRow `json:"rows"`
}

// Column is a column of a Grid. In use is the one that the main figure shows.
type Column struct {
	Name  string `json:"name"`
	Above string `json:"above"` // a title over this and the columns beside it with the same
	InUse bool   `json:"in_use"`
	Left  bool   `json:"left"` // text, not numbers
}

// GridRow is a row of a Grid.
type GridRow struct {
	Name  string `json:"name"`
	Cells []Cell `json:"cells"`
}

// Cell has a shade between 0 and 1, or less than 0 for none.
type Cell struct {
	Text  string  `json:"text"`
	Shade float64 `json:"shade"`

	Value *float64 `json:"value,omitempty"` // by which the page sorts; nil where there is none, or the text will do
	Part  bool     `json:"part,omitempty"`  // of a part of the data; the text says so, too
	Class string   `json:"class,omitempty"` // what the page colours it as: a class of vulnerabilities
}

// Lines are values over years or months.
type Lines struct {
	Periods []string `json:"periods"`
	Empty   []bool   `json:"empty"` // periods without any data, not those that nobody asked for
	Unit    string   `json:"unit"`  // "share" or "usd"
	End     float64  `json:"end"`   // of the axis, which begins at 0
	Step    float64  `json:"step"`  // of its ticks
	Series  []Series `json:"series"`
}

// Series is one line. A value is nil when there is no data: a gap, never zero.
type Series struct {
	Name   string     `json:"name"`
	Values []*float64 `json:"values"`
	Texts  []string   `json:"texts"`
	Parts  []bool     `json:"parts,omitempty"` // values of a part of the data; none when all are whole
}
