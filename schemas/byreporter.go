package schemas

import (
	"fmt"
	"slices"
	"strings"
)

// loadByReporter reads a table of the user's that may have a column reporter before the
// others. Without it the rows are of the one reporter whose trade is measured; see GiveTo.
func (r *Reference) loadByReporter(name, file, columns string, add func(reporter int16, row []string) error) error {
	shown, content, err := r.base.open(name, file)
	if err != nil {
		return err
	}
	named := false
	sum := newRowSum()
	err = eachRowUnder(withOptional("reporter", columns, &named), columns, shown, content, func(row []string) error {
		sum.add(row)
		if !named {
			r.unnamed[name] = shown
			return add(0, row)
		}
		area, err := r.ReportingArea(row[0])
		if err != nil {
			return fmt.Errorf("reporter %q: %w", row[0], err)
		}
		return add(area.Code, row[1:])
	})
	r.hashes[name] = sum.text()
	return err
}

// withOptional reads the header of a table that may have one more column before the others,
// and notes whether it has.
func withOptional(column, others string, has *bool) func(first []string) ([]string, bool, error) {
	plain := strings.Split(others, ",")
	return func(first []string) ([]string, bool, error) {
		*has = len(first) > 0 && first[0] == column && slices.Equal(first[1:], plain)
		if *has || slices.Equal(first, plain) {
			return first, true, nil
		}
		return nil, false, fmt.Errorf("the header is %q: it must be %q, or %q", strings.Join(first, ","), others, column+","+others)
	}
}

// GiveTo makes a reporter the one of all rows of the user's tables that name none, and
// returns such a table's file, or "".
func (r *Reference) GiveTo(reporter int16) (file string) {
	for _, name := range []string{"top_ten_firms", "markets", "affiliate_sales"} {
		if shown := r.unnamed[name]; shown != "" {
			file = shown
			r.hashes[name] = hashText(fmt.Sprint(r.hashes[name], reporter))
		}
	}
	for i := range r.Firms {
		if r.Firms[i].Reporter == 0 {
			r.Firms[i].Reporter = reporter
		}
	}
	for i := range r.Markets {
		if r.Markets[i].Reporter == 0 {
			r.Markets[i].Reporter = reporter
		}
	}
	for i := range r.Affiliates {
		if r.Affiliates[i].Reporter == 0 {
			r.Affiliates[i].Reporter = reporter
		}
	}
	return file
}
