package sources

import (
	"strings"

	"entrepot/sources/decode"
)

// legacyNames maps the names of UN Comtrade's CSV before 2023 onto ours. Its rows have
// no detail by procedure, transport or second partner, or leave these columns empty.
var legacyNames = map[string]Column{
	"classification":      ColRevision,
	"year":                ColYear,
	"period":              ColPeriod,
	"aggregatelevel":      ColLevel,
	"tradeflow":           ColFlow,
	"reportercode":        ColReporter,
	"partnercode":         ColPartner,
	"2ndpartnercode":      ColPartner2,
	"customsproccode":     ColCustoms,
	"modeoftransportcode": ColTransport,
	"commoditycode":       ColCode,
	"qtyunitcode":         ColQuantityUnit,
	"qty":                 ColQuantity,
	"netweightkg":         ColNetWeight,
	"tradevalueus":        ColValue,
	"ciftradevalueus":     ColCIF,
	"fobtradevalueus":     ColFOB,
}

// legacyComtrade recognises the CSV of UN Comtrade's site before 2023. It is the
// same source as today's, so a newer download of a cell replaces it.
func legacyComtrade(f *format, t Table, p *Prepared, _ Settings) (*Layout, error) {
	at := t.find(f.names)
	if !f.hasHeader(at) {
		return nil, nil
	}
	if len(t.rows) > 0 && strings.HasPrefix(t.rows[0][0], "No data matches your query") {
		return nil, refuse("is an empty answer of UN Comtrade (%q); ask for less at once", decode.Abbreviate(t.rows[0][0], 60))
	}
	l := f.layout(t, p, at)
	l.Read[ColFlow], l.Plain = []Macro{{Name: "flow_word"}}, true
	return l, nil
}

// legacyBulkNames are the columns of the bulk files before 2023.
var legacyBulkNames = map[string]Column{
	"year":                  ColYear,
	"reportercode":          ColReporter,
	"tradeflowcode":         ColFlow,
	"partnercode":           ColPartner,
	"classification":        ColRevision,
	"commoditycode":         ColCode,
	"quantityunitcode":      ColQuantityUnit,
	"supplementaryquantity": ColQuantity,
	"netweightkg":           ColNetWeight,
	"value":                 ColValue,
}

// legacyBulk recognises UN Comtrade's bulk files before 2023.
func legacyBulk(f *format, t Table, p *Prepared, _ Settings) (*Layout, error) {
	at := t.find(f.names)
	if !f.hasHeader(at) {
		return nil, nil
	}
	l := f.layout(t, p, at)
	l.Read[ColFlow], l.Plain = []Macro{{Name: "comtrade_flow_number"}}, true
	return l, nil
}

// legacyJSONNames are the fields of the API before 2023.
var legacyJSONNames = map[string]Column{
	"pfcode":        ColRevision,
	"yr":            ColYear,
	"period":        ColPeriod,
	"aggrlevel":     ColLevel,
	"rgcode":        ColFlow,
	"rtcode":        ColReporter,
	"ptcode":        ColPartner,
	"ptcode2":       ColPartner2,
	"cstcode":       ColCustoms,
	"motcode":       ColTransport,
	"cmdcode":       ColCode,
	"qtcode":        ColQuantityUnit,
	"tradequantity": ColQuantity,
	"netweight":     ColNetWeight,
	"tradevalue":    ColValue,
	"cifvalue":      ColCIF,
	"fobvalue":      ColFOB,
}

// legacyJSON recognises the rows of UN Comtrade's API before 2023.
func legacyJSON(f *format, t Table, p *Prepared, _ Settings) (*Layout, error) {
	at := t.find(f.names)
	if !f.hasHeader(at) {
		return nil, nil
	}
	l := f.layout(t, p, at)
	l.Read[ColFlow] = []Macro{{Name: "comtrade_flow_number"}}
	return l, nil
}
