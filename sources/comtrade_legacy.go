package sources

import (
	"strings"

	"entrepot/sources/decode"
)

// legacyNames maps the names of UN Comtrade's CSV before 2023, in lower case,
// onto ours. Its rows have no detail by procedure, transport or second partner,
// or leave these columns empty.
var legacyNames = map[string]column{
	"classification":         colRevision,
	"year":                   colYear,
	"period":                 colPeriod,
	"aggregate level":        colLevel,
	"trade flow":             colFlow,
	"reporter code":          colReporter,
	"partner code":           colPartner,
	"2nd partner code":       colPartner2,
	"customs proc. code":     colCustoms,
	"mode of transport code": colTransport,
	"commodity code":         colCode,
	"qty unit code":          colQuantityUnit,
	"qty":                    colQuantity,
	"netweight (kg)":         colNetWeight,
	"trade value (us$)":      colValue,
	"cif trade value (us$)":  colCIF,
	"fob trade value (us$)":  colFOB,
}

// legacyFlows names the flows in words. What is not among them stays as it is,
// and becomes a reject.
const legacyFlows = `CASE lower(trim(%[1]s))
	WHEN 'import' THEN 'M' WHEN 'imports' THEN 'M'
	WHEN 'export' THEN 'X' WHEN 'exports' THEN 'X'
	WHEN 're-import' THEN 'RM' WHEN 're-imports' THEN 'RM'
	WHEN 're-export' THEN 'RX' WHEN 're-exports' THEN 'RX'
	ELSE trim(%[1]s) END`

// legacyComtrade recognises the CSV of UN Comtrade's site before 2023. It is the
// same source as today's, so a newer download of a cell replaces it.
func legacyComtrade(f *format, t table, p *Prepared, _ Settings) (*Layout, error) {
	at := t.find(f.names)
	if !f.hasHeader(at) {
		return nil, nil
	}
	if len(t.rows) > 0 && strings.HasPrefix(t.rows[0][0], "No data matches your query") {
		return nil, refuse("is an empty answer of UN Comtrade (%q); ask for less at once", decode.Abbreviate(t.rows[0][0], 60))
	}
	l := f.layout(t, p, at)
	l.written[colFlow], l.plain = legacyFlows, true
	return l, nil
}

// legacyBulkNames are the columns of the bulk files before 2023.
var legacyBulkNames = map[string]column{
	"year":                   colYear,
	"reporter code":          colReporter,
	"trade flow code":        colFlow,
	"partner code":           colPartner,
	"classification":         colRevision,
	"commodity code":         colCode,
	"quantity unit code":     colQuantityUnit,
	"supplementary quantity": colQuantity,
	"netweight (kg)":         colNetWeight,
	"value":                  colValue,
}

// legacyFlowCodes are the numbers of the flows before 2023.
const legacyFlowCodes = `CASE trim(%[1]s) WHEN '1' THEN 'M' WHEN '2' THEN 'X' WHEN '3' THEN 'RX' WHEN '4' THEN 'RM' ELSE trim(%[1]s) END`

// legacyBulk recognises UN Comtrade's bulk files before 2023.
func legacyBulk(f *format, t table, p *Prepared, _ Settings) (*Layout, error) {
	at := t.find(f.names)
	if !f.hasHeader(at) {
		return nil, nil
	}
	l := f.layout(t, p, at)
	l.written[colFlow], l.plain = legacyFlowCodes, true
	return l, nil
}

// legacyJSONNames are the fields of the API before 2023.
var legacyJSONNames = map[string]column{
	"pfcode":        colRevision,
	"yr":            colYear,
	"period":        colPeriod,
	"aggrlevel":     colLevel,
	"rgcode":        colFlow,
	"rtcode":        colReporter,
	"ptcode":        colPartner,
	"ptcode2":       colPartner2,
	"cstcode":       colCustoms,
	"motcode":       colTransport,
	"cmdcode":       colCode,
	"qtcode":        colQuantityUnit,
	"tradequantity": colQuantity,
	"netweight":     colNetWeight,
	"tradevalue":    colValue,
	"cifvalue":      colCIF,
	"fobvalue":      colFOB,
}

// legacyJSON recognises the rows of UN Comtrade's API before 2023.
func legacyJSON(f *format, t table, p *Prepared, _ Settings) (*Layout, error) {
	at := t.find(f.names)
	if !f.hasHeader(at) {
		return nil, nil
	}
	l := f.layout(t, p, at)
	l.written[colFlow] = legacyFlowCodes
	return l, nil
}
