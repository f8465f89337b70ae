package schemas

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Deflator is the price level of a flow in a year, as an index: the prices of its base are 100.
type Deflator struct {
	Flow  string // "M" or "X"
	Year  int16
	Index string // a decimal number, as text so that it stays exact
}

var indexForm = regexp.MustCompile(`^\d{1,9}(\.\d{1,6})?$`)

// loadDeflator reads a price index of both flows, or with a column flow one for each. Without
// a file there is none.
func (r *Reference) loadDeflator(file string) error {
	sum := newRowSum()
	defer func() { r.hashes["deflator"] = sum.text() }()
	if file == "" {
		return nil
	}
	shown, content, err := r.base.open("deflator", file)
	if err != nil {
		return err
	}
	const columns = "year,index"
	byFlow := false
	return eachRowUnder(withOptional("flow", columns, &byFlow), columns, shown, content, func(row []string) error {
		flows := []string{"M", "X"}
		if byFlow {
			if !slices.Contains(flows, row[0]) {
				return fmt.Errorf("flow %q: it must be M (imports) or X (exports)", row[0])
			}
			flows, row = row[:1], row[1:]
		}
		for _, flow := range flows {
			if err := r.addDeflator(flow, row); err != nil {
				return err
			}
			sum.add([]string{flow, row[0], row[1]})
		}
		return nil
	})
}

func (r *Reference) addDeflator(flow string, row []string) error {
	year, err := yearOf(row[0])
	if err != nil {
		return err
	}
	if index := row[1]; !indexForm.MatchString(index) || strings.Trim(index, "0.") == "" {
		return fmt.Errorf("index %q: it must be a number above 0 such as 112.34, of at most six decimals", index)
	}
	if slices.ContainsFunc(r.Deflators, func(d Deflator) bool { return d.Flow == flow && d.Year == year }) {
		return errors.New("year " + row[0] + " stands twice")
	}
	r.Deflators = append(r.Deflators, Deflator{Flow: flow, Year: year, Index: row[1]})
	return nil
}
