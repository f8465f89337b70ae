package schemas

import (
	"errors"
	"fmt"
	"slices"
)

// AffiliateSales is what the affiliates of the partner's firms sell in the reporter's
// country in a year, beside what it imports from there (Figure 7).
type AffiliateSales struct {
	Reporter int16 // 0 where the table does not say
	Year     int16
	USD      string // a decimal number, as text so that it stays exact
	Source   string
}

func (r *Reference) addAffiliateSales(reporter int16, row []string) error {
	a := AffiliateSales{Reporter: reporter, USD: row[1], Source: row[2]}
	var err error
	if a.Year, err = yearOf(row[0]); err != nil {
		return err
	}
	if !amountForm.MatchString(a.USD) {
		return fmt.Errorf("sales_usd %q: it must be an amount of US dollars, such as 250000000 or 1250.5, without separators", a.USD)
	}
	if a.Source == "" {
		return errors.New(`source "": it must say where the sales are from, such as the US Bureau of Economic Analysis and the table`)
	}
	if slices.ContainsFunc(r.Affiliates, func(o AffiliateSales) bool { return o.Reporter == a.Reporter && o.Year == a.Year }) {
		return fmt.Errorf("year %d stands twice", a.Year)
	}
	r.Affiliates = append(r.Affiliates, a)
	return nil
}
