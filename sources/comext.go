package sources

import (
	"regexp"
	"strconv"
	"strings"

	"entrepot/sources/decode"
)

// comextNames are the columns of Eurostat's bulk files, of its older ones and of its
// SDMX-CSV.
var comextNames = map[string]Column{
	"declarantiso": ColReporter,
	"reporter":     ColReporter,
	"partneriso":   ColPartner,
	"partner":      ColPartner,
	"productnc":    ColCode,
	"product":      ColCode,
	"flow":         ColFlow,
	"period":       ColPeriod,
	"timeperiod":   ColPeriod,
	"valueineuros": ColValue,
	"valueeur":     ColValue,
	"obsvalue":     ColValue,
	"quantityinkg": ColNetWeight,
	"quantitykg":   ColNetWeight,
	"indicators":   ColBasis,
	"freq":         ColFrequency,
}

// comextBulk recognises Eurostat's bulk files (.dat): full_v2_202352.dat, and those
// before them, full202352.dat. Values are euros, areas ISO-2, codes have eight digits and
// count under their first six.
func comextBulk(f *format, t Table, p *Prepared, _ Settings) (*Layout, error) {
	at := comextColumns(f, t)
	if !f.hasHeader(at) || t.named(f.header[len(f.header)-1]) < 0 {
		return nil, nil
	}
	delete(at, ColFrequency)
	return comextRows(f, t, p, at), nil
}

// comextSDMX recognises the same as SDMX-CSV, which has values and weights in rows of
// their own.
func comextSDMX(f *format, t Table, p *Prepared, _ Settings) (*Layout, error) {
	at := comextColumns(f, t)
	if !f.hasHeader(at) || t.named("OBS_VALUE") < 0 {
		return nil, nil
	}
	return comextRows(f, t, p, at), nil
}

func comextColumns(f *format, t Table) map[Column]int {
	at := t.find(f.names)
	for c, name := range map[Column]string{ColReporter: "DECLARANT_ISO", ColPartner: "PARTNER_ISO"} {
		if i := t.named(name); i >= 0 { // the bulk files have Eurostat's own numbers of areas, too
			at[c] = i
		}
	}
	return at
}

// comextRows is the layout of a table with a row for each value.
func comextRows(f *format, t Table, p *Prepared, at map[Column]int) *Layout {
	l := comextLayout(f, t, p, at)
	at[ColRevision] = at[ColPeriod]
	l.Read[ColPeriod], l.Read[ColRevision] = []Macro{{Name: "comext_period"}}, []Macro{{Name: "comext_revision"}}
	return l
}

func comextLayout(f *format, t Table, p *Prepared, at map[Column]int) *Layout {
	l := f.layout(t, p, at)
	l.unit = unit{factor: 1, currency: "EUR"}
	l.Areas, l.RollUp, l.Parts = "iso2", true, true
	l.Read[ColFlow], l.Read[ColBasis] = []Macro{{Name: "comext_flow"}}, []Macro{{Name: "comext_basis"}}
	l.Read[ColReporter], l.Read[ColPartner] = []Macro{{Name: "comext_area"}}, []Macro{{Name: "comext_area"}}
	return l
}

var comextMonth = regexp.MustCompile(`^(\d{4})(?:-(\d{2}))?$`)

// comextPivot recognises Eurostat's TSV: the first field joins the dimensions with
// commas, and each period has a column; ':' is missing, letters behind a value are flags.
func comextPivot(f *format, t Table, p *Prepared, _ Settings) (*Layout, error) {
	dimensions, ok := strings.CutSuffix(strings.ToLower(t.Header[0]), `\time_period`)
	if !ok || t.Delimiter != '\t' {
		return nil, nil
	}
	at := map[Column]int{}
	l := comextLayout(f, t, p, at)
	for i, name := range strings.Split(dimensions, ",") {
		if c, ok := f.names[decode.PlainName(name)]; ok {
			at[c], l.Read[c] = 0, append([]Macro{{Name: "comext_dimension", Args: []any{i + 1}}}, l.Read[c]...)
		}
	}
	if !has(at, ColReporter, ColPartner, ColCode, ColFlow) {
		return nil, nil
	}
	delete(at, ColFrequency)
	for i, h := range t.Header[1:] {
		m := comextMonth.FindStringSubmatch(h)
		if m == nil {
			return nil, refuse("looks like Eurostat's TSV, but its column %q is no year or month", h)
		}
		year, _ := strconv.Atoi(m[1])
		month, _ := strconv.Atoi(m[2])
		l.Wide = append(l.Wide, WideColumn{Index: i + 1, Year: year, Month: month})
	}
	l.WideValue, l.RevisionOfYear = Macro{Name: "comext_value"}, Macro{Name: "comext_revision"}
	return l, nil
}
