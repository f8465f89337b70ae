package sources

import (
	"regexp"
	"strings"

	"entrepot/sources/decode"
)

// comtradeNames maps the names that UN Comtrade's current files give to their
// columns onto ours. The web download, the API, the bulk files and the packages that
// ask the API spell them differently ("CIFValue", "cifvalue", "cif_value") and order
// them differently, so columns are found by name.
var comtradeNames = map[string]Column{
	"typecode":                 ColType,
	"freqcode":                 ColFrequency,
	"refyear":                  ColYear,
	"refmonth":                 ColMonth,
	"period":                   ColPeriod,
	"reportercode":             ColReporter,
	"flowcode":                 ColFlow,
	"partnercode":              ColPartner,
	"partner2code":             ColPartner2,
	"classificationcode":       ColRevision,
	"isoriginalclassification": ColOriginal,
	"cmdcode":                  ColCode,
	"aggrlevel":                ColLevel,
	"customscode":              ColCustoms,
	"moscode":                  ColSupply,
	"motcode":                  ColTransport,
	"qtyunitcode":              ColQuantityUnit,
	"qty":                      ColQuantity,
	"netwgt":                   ColNetWeight,
	"isnetwgtestimated":        ColWeightGuess,
	"isqtyestimated":           ColUnitsGuess,
	"cifvalue":                 ColCIF,
	"fobvalue":                 ColFOB,
	"primaryvalue":             ColValue,
}

var eightDigits = regexp.MustCompile(`^\d{8}$`)

// comtrade recognises UN Comtrade's current layout: the web download (a comma
// ends each row but not the header, windows-1252) as CSV or workbook, the API's
// rows as JSON or saved as CSV, and the bulk files (tabs, 0 and 1 for booleans, no
// descriptions).
func comtrade(f *format, t Table, p *Prepared, _ Settings) (*Layout, error) {
	at := t.find(f.names)
	if !f.hasHeader(at) {
		return nil, nearestComtrade(f, t, at)
	}
	if err := shiftedColumns(t); err != nil {
		return nil, err
	}
	if kinds := t.values(at, ColType); len(kinds) == 1 && kinds[0] == "S" {
		return nil, refuse("holds trade in services (typeCode S), not in goods; download typeCode C")
	}
	if services := t.values(at, ColRevision); len(services) == 1 && strings.HasPrefix(services[0], "EB") {
		return nil, refuse("holds trade in services (classificationCode %s), not in goods; download an HS classification", services[0])
	}
	if !has(at, ColYear) && !has(at, ColPeriod) {
		return nil, refuse("looks like UN Comtrade, but has neither refYear nor period: the year is unknown; download it again with all columns")
	}
	l := f.layout(t, p, at)
	l.Plain = true
	return l, nil
}

// nearestComtrade explains a header that has Comtrade's names, but not those
// that count. It is nil for any other header.
func nearestComtrade(f *format, t Table, at map[Column]int) error {
	if len(at) < 4 {
		return nil
	}
	if err := shiftedColumns(t); err != nil {
		return err
	}
	return nearly{refuse("looks like UN Comtrade, but has no column %s; download it again with all columns", strings.Join(f.missing(at), ", "))}
}

// shiftedColumns detects a web download that was read by a program that took the
// first of 48 fields for a row label, because the header has 47, and was then
// saved again: every value stands under the name to its left, so typeCode holds
// a frequency and freqCode a date.
func shiftedColumns(t Table) error {
	kind, frequency := t.named("typeCode"), t.named("freqCode")
	if kind < 0 || frequency < 0 || len(t.rows) == 0 {
		return nil
	}
	for _, row := range t.rows {
		if kind >= len(row) || frequency >= len(row) || !strings.Contains("AM", row[kind]) || !eightDigits.MatchString(row[frequency]) {
			return nil
		}
	}
	return refuse("has its values one column to the left of their names (typeCode holds %q, freqCode %q): "+
		"another program read the download wrongly and saved it; download it again", t.rows[0][kind], t.rows[0][frequency])
}

// comtradeAnswers is what UN Comtrade's API sends, today's and that before 2023.
var comtradeAnswers = decode.Answers{
	API:    "UN Comtrade",
	Lists:  []string{"data", "dataset"},
	Count:  "count",
	Faults: []string{"error", "message", "errormessage", "errorobject", "exceptionmessage", "validation"},
	Others: []string{"elapsedtime", "statuscode", "status", "code", "activityid"},
	CutAt:  []int64{500, 100_000, 250_000},
}
