package schemas

import "slices"

// Measured tells whether each row is of one of the reporters whose trade is measured.
func (o Output) Measured() bool {
	c, found := o.Column(reporter.Name)
	return found && c == reporter
}

// OfOne is the output as people see it where the trade of one reporter is measured: its
// key does not name the reporter.
func (o Output) OfOne() Output {
	if o.Measured() && len(o.SortBy) > 1 {
		o.SortBy = slices.DeleteFunc(slices.Clone(o.SortBy), func(column string) bool { return column == reporter.Name })
	}
	return o
}
