package sources

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Column is a column that all sources share. A source has some of them.
type Column string

const (
	ColType         Column = "type"      // 'C' goods, 'S' services
	ColFrequency    Column = "frequency" // 'A' annual, 'M' monthly
	ColYear         Column = "year"
	ColMonth        Column = "month"
	ColPeriod       Column = "period" // 2022 or 202207
	ColReporter     Column = "reporter"
	ColFlow         Column = "flow"
	ColPartner      Column = "partner"
	ColPartner2     Column = "partner2"
	ColRevision     Column = "hs_revision"
	ColOriginal     Column = "original"
	ColCode         Column = "code"
	ColLevel        Column = "level"
	ColCustoms      Column = "customs"
	ColSupply       Column = "supply"
	ColTransport    Column = "transport"
	ColQuantityUnit Column = "quantity_unit"
	ColQuantity     Column = "quantity"
	ColNetWeight    Column = "net_weight"
	ColWeightGuess  Column = "weight_estimated"   // whether the source estimated the net weight
	ColUnitsGuess   Column = "quantity_estimated" // and the quantity
	ColCIF          Column = "cif"
	ColFOB          Column = "fob"
	ColValue        Column = "value"
	ColBasis        Column = "basis"   // '' as reported; 'mirror', 'mixed', 'estimated' or 'partial' as ITC marks its cells
	ColSurplus      Column = "surplus" // what stands behind the last named field
)

// Columns lists the shared columns, in their order in all that is made of a file.
func Columns() []Column {
	return []Column{
		ColType, ColFrequency, ColYear, ColMonth, ColPeriod, ColReporter, ColFlow, ColPartner, ColPartner2,
		ColRevision, ColOriginal, ColCode, ColLevel, ColCustoms, ColSupply, ColTransport,
		ColQuantityUnit, ColQuantity, ColNetWeight, ColWeightGuess, ColUnitsGuess, ColCIF, ColFOB, ColValue, ColBasis, ColSurplus,
	}
}

// Layout is how a file's columns map onto the shared ones. It is what a reader says of a
// file, and all that package staging knows of it: there is no SQL in it, but names of
// macros in macros.sql.
type Layout struct {
	Format string   // such as "comtrade-csv"
	Source string   // such as "comtrade": two sources of one cell never add up
	Notes  []string // what a user should know before trusting the file

	Table
	At    map[Column]int     // the field of a shared column
	Read  map[Column][]Macro // what reads a column's text, one after the other; others are trimmed
	Fixed map[Column]string  // columns that are the same in every row
	Wide  []WideColumn       // values that stand in a column of their own for each period

	Numbers        Macro // what reads a number as the file writes it; none for DuckDB's own way
	WideValue      Macro // what reads a cell of a wide column
	RevisionOfYear Macro // what makes the HS revision of a wide column's year; none when it does not follow from that

	// Revisions are the HS revisions of rows that do not say theirs, as the user says,
	// by year; where they end, codes tell.
	Revisions []YearRevision

	Areas    string            // how areas are written: "" by M49, else a scheme of area_keys, "m49", or OwnAreas
	AreaKeys map[string]string // keys of areas that go before Areas: their M49 or ISO-3 codes
	Rates    map[string]string // US dollars for one unit of the values' currency, by year or month
	Kilos    int               // kilograms in one unit of net_weight
	Absent   []string          // texts that stand for nothing in a field that is no text

	// Points says what points in values may be, where the first rows do not tell.
	Points Points

	Months   bool // periods are as people write them: 2010-11 may be a month or a fiscal year
	RollUp   bool // codes of more than six digits count under their first six
	Parts    bool // rows of one cell are its parts where a field tells them apart, and add up
	Plain    bool // the file may be read in bulk, by the types of its fields
	MaybeCut bool // rows may be missing at its end
	// OneRevision: all rows are of one HS revision, whatever their years and reporters.
	OneRevision bool
	CodeList    bool // the file is no trade, but a list of codes that belongs to it

	unit        unit
	allPartners bool
	bothSides   bool
}

// Points is what a point between three digits of a value may be.
type Points int

// What points may be. By default they stand before decimals.
const (
	BeforeDecimals  Points = iota
	BeforeEither           // decimals or thousands: all values of the file tell, or the user
	BeforeThousands        // values are whole numbers
)

// YearRevision is the HS revision from a year on; the first year may be 0.
type YearRevision struct {
	From     int
	Revision string
}

// Macro names a macro of macros.sql: its first argument is the text, the others are
// these. The zero value is none.
type Macro struct {
	Name string
	Args []any // string, int or []string
}

// WideColumn is a column of values of one period. What is "" or 0 the row or the file
// says; without a month the values are of years.
type WideColumn struct {
	Index                   int
	Year, Month             int
	Flow, Reporter, Partner string
}

// OwnAreas is a scheme of which area_keys has nothing.
const OwnAreas = "own"

// ColumnName is the file's own name of a shared column, for messages.
func (l *Layout) ColumnName(c Column) string {
	if i, ok := l.At[c]; ok && i < len(l.Header) {
		return l.Header[i]
	}
	return string(c)
}

// Says tells whether the file has a column, or the same value in all rows.
func (l *Layout) Says(c Column) bool {
	_, found := l.At[c]
	_, fixed := l.Fixed[c]
	return found || fixed
}

// Names of columns that hold an amount, whatever the settings make of them: rows that differ
// in nothing else are not told apart. What the unit of one is does.
var (
	measures = regexp.MustCompile(`value|quantity|weight|amount|price|(^|[^a-z])qty([^a-z]|$)|dollar|euro|数量|金额|单价|美元|人民币`)
	units    = regexp.MustCompile(`^units? of |units?( ?(code|abbr|name|desc|of measure))?$|计量单位`)
)

// TellsApart tells whether a field can tell rows of one cell apart. Amounts can't, nor can
// the number of the row.
func (l *Layout) TellsApart(field int) bool {
	if l.Numbered && field == 0 {
		return false
	}
	for _, c := range []Column{ColValue, ColCIF, ColFOB, ColNetWeight, ColQuantity} {
		if i, found := l.At[c]; found && i == field {
			return false
		}
	}
	for _, w := range l.Wide {
		if field == w.Index || field == w.Index+l.Marks {
			return false
		}
	}
	if field >= len(l.Header) {
		return true
	}
	name := strings.ToLower(strings.TrimSpace(l.Header[field]))
	if name == "" || strings.HasPrefix(name, "unnamed: ") { // the number of the row, as data frames save it
		return false
	}
	return !measures.MatchString(name) || units.MatchString(name) || slices.Contains(slices.Collect(maps.Values(l.At)), field)
}

// Unit says what one of the file's values is, such as "thousand USD".
func (l *Layout) Unit() string { return l.unit.String() }

// Factor is how many units of the currency one of the file's values is: 1, 1,000 or
// 1,000,000.
func (l *Layout) Factor() int { return l.unit.factor }

// BothSides tells whether each row is an export of the reporter and an import of
// the partner.
func (l *Layout) BothSides() bool { return l.bothSides }

// AllPartners tells whether the file has all partners of its reporters, so that World
// is their sum.
func (l *Layout) AllPartners() bool { return l.allPartners }
