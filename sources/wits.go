package sources

// witsNames are the columns of WITS's downloads, as CSV and as a workbook.
var witsNames = map[string]Column{
	"nomenclature":        ColRevision,
	"reporteriso3":        ColReporter,
	"reporter":            ColReporter,
	"productcode":         ColCode,
	"partneriso3":         ColPartner,
	"partner":             ColPartner,
	"year":                ColYear,
	"tradeflowname":       ColFlow,
	"tradeflow":           ColFlow,
	"tradevaluein1000usd": ColValue,
	"tradevalue1000usd":   ColValue,
}

// wits recognises the World Bank's WITS: thousands of US dollars, areas by ISO-3
// in the CSV and by name in the workbook, which does not say its revision.
func wits(f *format, t Table, p *Prepared, _ Settings) (*Layout, error) {
	at := t.find(f.names)
	if !f.hasHeader(at) {
		return nil, nil
	}
	l := f.layout(t, p, at)
	l.unit = unit{factor: 1000, currency: "USD"}
	l.Areas = "name"
	if t.named("ReporterISO3") >= 0 {
		l.Areas = "iso3"
	}
	l.Read[ColFlow] = []Macro{{Name: "flow_word"}}
	return l, nil
}
