package sources

import (
	"regexp"
	"strings"
)

// comtradeNames maps the names that UN Comtrade's current files give to their
// columns, in lower case, onto ours. The web download, the API and the bulk
// files spell them differently ("CIFValue", "cifvalue", "Cifvalue") and order
// them differently, so columns are found by name.
var comtradeNames = map[string]column{
	"typecode":                 colType,
	"freqcode":                 colFrequency,
	"refyear":                  colYear,
	"refmonth":                 colMonth,
	"period":                   colPeriod,
	"reportercode":             colReporter,
	"flowcode":                 colFlow,
	"partnercode":              colPartner,
	"partner2code":             colPartner2,
	"classificationcode":       colRevision,
	"isoriginalclassification": colOriginal,
	"cmdcode":                  colCode,
	"aggrlevel":                colLevel,
	"customscode":              colCustoms,
	"moscode":                  colSupply,
	"motcode":                  colTransport,
	"qtyunitcode":              colQuantityUnit,
	"qty":                      colQuantity,
	"netwgt":                   colNetWeight,
	"cifvalue":                 colCIF,
	"fobvalue":                 colFOB,
	"primaryvalue":             colValue,
}

var eightDigits = regexp.MustCompile(`^\d{8}$`)

// comtrade recognises UN Comtrade's current layout: the web download (a comma
// ends each row but not the header, windows-1252), the API's rows saved as CSV,
// and the bulk files (tabs, 0 and 1 for booleans, no descriptions).
func comtrade(t table) (*Layout, error) {
	at := t.find(comtradeNames)
	if !has(at, colReporter, colFlow, colPartner, colCode, colValue) {
		return nil, nearestComtrade(t, at)
	}
	if err := shiftedColumns(t); err != nil {
		return nil, err
	}
	if kinds := t.values(at, colType); len(kinds) == 1 && kinds[0] == "S" {
		return nil, refuse("holds trade in services (typeCode S), not in goods; download typeCode C")
	}
	switch {
	case !has(at, colYear) && !has(at, colPeriod):
		return nil, refuse("looks like UN Comtrade, but has neither refYear nor period: the year is unknown; download it again with all columns")
	case !has(at, colRevision):
		return nil, refuse("looks like UN Comtrade, but has no classificationCode: the HS revision of its codes is unknown; download it again with all columns")
	}
	return &Layout{Format: "comtrade-csv", Source: "comtrade", table: t, at: at}, nil
}

// nearestComtrade explains a header that has Comtrade's names, but not those
// that count. It is nil for any other header.
func nearestComtrade(t table, at map[column]int) error {
	if len(at) < 4 {
		return nil
	}
	if err := shiftedColumns(t); err != nil {
		return err
	}
	var missing []string
	for _, name := range []string{"reporterCode", "flowCode", "partnerCode", "cmdCode", "primaryValue"} {
		if !has(at, comtradeNames[strings.ToLower(name)]) {
			missing = append(missing, name)
		}
	}
	return refuse("looks like UN Comtrade, but has no column %s; download it again with all columns", strings.Join(missing, ", "))
}

// shiftedColumns detects a web download that was read by a program that took the
// first of 48 fields for a row label, because the header has 47, and was then
// saved again: every value stands under the name to its left, so typeCode holds
// a frequency and freqCode a date.
func shiftedColumns(t table) error {
	kind, frequency := t.index("typecode"), t.index("freqcode")
	if kind < 0 || frequency < 0 || len(t.rows) == 0 {
		return nil
	}
	for _, row := range t.rows {
		if kind >= len(row) || frequency >= len(row) || !strings.Contains("AM", row[kind]) || !eightDigits.MatchString(row[frequency]) {
			return nil
		}
	}
	return refuse("its values stand one column to the left of their names (typeCode holds %q, freqCode %q): "+
		"another program read the download wrongly and saved it; download it again", t.rows[0][kind], t.rows[0][frequency])
}
