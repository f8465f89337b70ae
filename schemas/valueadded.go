package schemas

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ValueAdded is the part of an area's final demand for an industry's products in a year
// that is value added of an industry of another area, or of a group of areas.
type ValueAdded struct {
	SourceArea, SourceActivity string // codes of the OECD: ISO-3 or groups, ISIC Rev. 4 or groups
	DemandArea, DemandActivity string
	Year                       int16
	USD                        string // a decimal number with three decimals
}

// The columns of the OECD's Trade in Value Added that are read, by their codes. What stands
// beside them, and in which order, is of no concern.
const (
	tivaMeasure        = "MEASURE"
	tivaSourceArea     = "VALUE_ADDED_SOURCE_AREA"
	tivaSourceActivity = "VALUE_ADDED_SOURCE_ACTIVITY"
	tivaDemandArea     = "FINAL_DEMAND_AREA"
	tivaDemandActivity = "FINAL_DEMAND_ACTIVITY"
	tivaUnit           = "UNIT_MEASURE"
	tivaPeriod         = "TIME_PERIOD"
	tivaValue          = "OBS_VALUE"
	tivaMultiplier     = "UNIT_MULT"
	tivaFrequency      = "FREQ" // may be missing: all series are of years
)

var tivaColumns = []string{tivaMeasure, tivaSourceArea, tivaSourceActivity, tivaDemandArea, tivaDemandActivity, tivaUnit, tivaPeriod, tivaValue, tivaMultiplier}

// loadValueAdded reads a table of the OECD's Trade in Value Added, as SDMX-CSV with or
// without labels. Without a file there is none.
func (r *Reference) loadValueAdded(file string) error {
	sum := newRowSum()
	defer func() { r.hashes["value_added"] = sum.text() }()
	if file == "" {
		return nil
	}
	shown, content, err := r.base.open("value_added", file)
	if err != nil {
		return err
	}
	t := tivaTable{reference: r, sum: sum, seen: map[ValueAdded]bool{}}
	return eachRowUnder(t.header, strings.Join(tivaColumns, ","), shown, content, t.add)
}

// tivaTable is a table that is being read.
type tivaTable struct {
	reference *Reference
	sum       *rowSum
	columns   map[string]int // the place of each
	labels    map[string]int // the place of what an activity is called
	measure   string         // of the rows so far: values of two measures are no parts of one whole
	seen      map[ValueAdded]bool
}

func (t *tivaTable) header(first []string) (columns []string, isHeader bool, err error) {
	t.columns, t.labels = map[string]int{}, map[string]int{}
	for i, name := range first {
		if _, twice := t.columns[name]; twice && slices.Contains(tivaColumns, name) {
			return nil, false, fmt.Errorf("the column %s stands twice", name)
		}
		t.columns[name] = i
	}
	var missing []string
	for _, name := range tivaColumns {
		if _, has := t.columns[name]; !has {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, false, fmt.Errorf("no column %s: value_added is the SDMX-CSV of the OECD's Trade in Value Added, origin of value added in final demand (DF_FDVA)",
			strings.Join(missing, ", "))
	}
	for _, name := range []string{tivaSourceActivity, tivaDemandActivity} {
		if at := t.columns[name] + 1; at < len(first) && strings.ToUpper(first[at]) != first[at] { // "Value added source activity"
			t.labels[name] = at
		}
	}
	return first, true, nil
}

func (t *tivaTable) add(row []string) error {
	cell := func(name string) string { return row[t.columns[name]] }
	if at, has := t.columns[tivaFrequency]; has && row[at] != "A" {
		return fmt.Errorf("%s %q: it must be A, annual", tivaFrequency, row[at])
	}
	if cell(tivaValue) == "" {
		return nil // the OECD has none: it stays missing
	}
	if unit := cell(tivaUnit); !strings.HasPrefix(unit, "USD") {
		return fmt.Errorf("%s %q: it must be US dollars (USD): download values, not shares", tivaUnit, unit)
	}
	switch measure := cell(tivaMeasure); t.measure {
	case "", measure:
		t.measure = measure
	default:
		return fmt.Errorf("%s %q: rows above are of %q; download one measure", tivaMeasure, measure, t.measure)
	}
	v := ValueAdded{SourceArea: cell(tivaSourceArea), SourceActivity: cell(tivaSourceActivity), DemandArea: cell(tivaDemandArea), DemandActivity: cell(tivaDemandActivity)}
	if slices.Contains([]string{v.SourceArea, v.SourceActivity, v.DemandArea, v.DemandActivity}, "") {
		return errors.New("an area or an activity is empty")
	}
	var err error
	if v.Year, err = smallint(tivaPeriod, cell(tivaPeriod)); err != nil || v.Year < 1962 || v.Year > 2100 {
		return fmt.Errorf("%s %q: it must be a year from 1962 to 2100", tivaPeriod, cell(tivaPeriod))
	}
	if t.seen[v] {
		return fmt.Errorf("%s of %s in %s of %s in %d stands twice", v.SourceActivity, v.SourceArea, v.DemandActivity, v.DemandArea, v.Year)
	}
	t.seen[v] = true
	if v.USD, err = scaled(cell(tivaValue), cell(tivaMultiplier)); err != nil {
		return err
	}
	t.sum.add([]string{v.SourceArea, v.SourceActivity, v.DemandArea, v.DemandActivity, strconv.Itoa(int(v.Year)), v.USD})
	t.name(v.SourceActivity, tivaSourceActivity, row)
	t.name(v.DemandActivity, tivaDemandActivity, row)
	t.reference.ValueAdded = append(t.reference.ValueAdded, v)
	return nil
}

// name notes what an activity is called, if the table says so.
func (t *tivaTable) name(activity, column string, row []string) {
	at, has := t.labels[column]
	if !has || row[at] == "" || t.reference.Activities[activity] != "" {
		return
	}
	t.reference.Activities[activity] = row[at]
	t.sum.add([]string{activity, row[at]})
}

var tivaNumber = regexp.MustCompile(`^-?\d{1,15}(\.\d{1,20})?([eE][+-]?\d{1,2})?$`)

// scaled is a number times a power of ten, exact and then rounded to tenths of a cent.
func scaled(number, power string) (string, error) {
	if !tivaNumber.MatchString(number) {
		return "", fmt.Errorf("%s %q: it must be a number", tivaValue, number)
	}
	exponent, err := strconv.Atoi(power)
	if err != nil || exponent < 0 || exponent > 12 {
		return "", fmt.Errorf("%s %q: it must be a power of ten from 0 to 12, such as 6 for millions", tivaMultiplier, power)
	}
	value, ok := new(big.Rat).SetString(number)
	if !ok {
		return "", fmt.Errorf("%s %q: it must be a number", tivaValue, number)
	}
	value.Mul(value, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(exponent)), nil)))
	if limit := big.NewRat(1e15, 1); new(big.Rat).Abs(value).Cmp(limit) >= 0 {
		return "", fmt.Errorf("%s %q times ten to the power of %s is more than a thousand trillion dollars", tivaValue, number, power)
	}
	return value.FloatString(3), nil
}
