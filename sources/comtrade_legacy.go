package sources

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
func legacyComtrade(t table) *Layout {
	at := t.find(legacyNames)
	if !has(at, colRevision, colPeriod, colFlow, colReporter, colPartner, colCode, colValue) {
		return nil
	}
	return &Layout{Format: "comtrade-legacy-csv", Source: "comtrade", table: t, at: at, written: map[column]string{colFlow: legacyFlows}}
}
