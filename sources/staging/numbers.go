package staging

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"entrepot/schemas/sqltext"
)

// value is the SQL of a value in US dollars.
func (l layout) value() string {
	if len(l.Rates) == 0 {
		return scaled("value", l.Factor())
	}
	return "TRY_CAST(coalesce(CAST(TRY_CAST(value AS DECIMAL(18,4)) AS DECIMAL(20,4)), TRY_CAST(value AS DECIMAL(20,4))) * (" + l.rate() + ") AS DECIMAL(18,3))"
}

// rate is the SQL of the US dollars for one of the file's units in a row's period;
// "" when its values are dollars.
func (l layout) rate() string {
	if len(l.Rates) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("CASE ")
	// Months stand before years, so that the closer rate is found first.
	keys := slices.Sorted(maps.Keys(l.Rates))
	slices.SortStableFunc(keys, func(a, b string) int { return len(b) - len(a) })
	for _, period := range keys {
		year, month, _ := strings.Cut(period, "-")
		fmt.Fprintf(&b, "WHEN year_number = %s", year)
		if month != "" {
			fmt.Fprintf(&b, " AND month_number = %s", strings.TrimPrefix(month, "0"))
		}
		fmt.Fprintf(&b, " THEN CAST(CAST(%s AS DECIMAL(12,10)) * %d AS DECIMAL(18,10)) ", sqltext.Literal(l.Rates[period]), l.Factor())
	}
	return b.String() + "END"
}

// room says how many decimals a number has that is read to be multiplied by 1, 1,000
// or 1,000,000, so that the third decimal of the product is right, and below which
// number the product stays within the 18 digits of a short decimal. DuckDB reads longer
// ones forty times slower, and multiplies short ones without room for a longer result.
func room(factor int) (decimals, below int) {
	switch factor {
	case 1000:
		return 6, 1_000_000_000
	case 1_000_000:
		return 9, 1000
	}
	return 3, 1_000_000_000_000_000
}

// scaled is the SQL of a text times 1, 1,000 or 1,000,000, to the third decimal.
func scaled(text string, factor int) string {
	if factor <= 1 {
		return fmt.Sprintf("TRY_CAST(%s AS DECIMAL(18,3))", text)
	}
	decimals, below := room(factor)
	product := func(digits int) string {
		return fmt.Sprintf("TRY_CAST(TRY_CAST(%s AS DECIMAL(%d,%d)) * %d AS DECIMAL(18,3))", text, digits, decimals, factor)
	}
	return fmt.Sprintf("CASE WHEN abs(TRY_CAST(%s AS DECIMAL(18,%d))) < %d THEN %s ELSE %s END", text, decimals, below, product(18), product(29))
}

// times is the SQL of a number that was read with so many decimals, times the factor;
// NULL where there is no room for the product.
func times(number string, factor int) string {
	if factor <= 1 {
		return number
	}
	_, below := room(factor)
	return fmt.Sprintf("CASE WHEN abs(%s) < %d THEN CAST(%[1]s * %[3]d AS DECIMAL(18,3)) END", number, below, factor)
}
