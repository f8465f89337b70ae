package sources

// witsNames are the columns of WITS's downloads, as CSV and as a workbook.
var witsNames = map[string]column{
	"nomenclature":           colRevision,
	"reporteriso3":           colReporter,
	"reporter":               colReporter,
	"productcode":            colCode,
	"partneriso3":            colPartner,
	"partner":                colPartner,
	"year":                   colYear,
	"tradeflowname":          colFlow,
	"tradeflow":              colFlow,
	"tradevalue in 1000 usd": colValue,
	"trade value 1000usd":    colValue,
}

// witsFlows names the flows in words.
const witsFlows = `CASE lower(trim(%[1]s))
	WHEN 'import' THEN 'M' WHEN 'imports' THEN 'M' WHEN 'gross imp.' THEN 'M'
	WHEN 'export' THEN 'X' WHEN 'exports' THEN 'X' WHEN 'gross exp.' THEN 'X'
	WHEN 'reimport' THEN 'RM' WHEN 're-import' THEN 'RM' WHEN 're-imp.' THEN 'RM'
	WHEN 'reexport' THEN 'RX' WHEN 're-export' THEN 'RX' WHEN 're-exp.' THEN 'RX'
	ELSE trim(%[1]s) END`

// wits recognises the World Bank's WITS: thousands of US dollars, areas by ISO-3
// in the CSV and by name in the workbook, which does not say its revision.
func wits(f *format, t table, p *Prepared, _ Settings) (*Layout, error) {
	at := t.find(f.names)
	if !f.hasHeader(at) {
		return nil, nil
	}
	l := f.layout(t, p, at)
	l.unit = unit{factor: 1000, currency: "USD"}
	l.areas = "name"
	if t.index("reporteriso3") >= 0 {
		l.areas = "iso3"
	}
	l.written[colFlow] = witsFlows
	return l, nil
}
