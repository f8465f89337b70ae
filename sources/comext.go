package sources

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// comextNames are the columns of Eurostat's bulk files and of its SDMX-CSV.
var comextNames = map[string]column{
	"declarant_iso":  colReporter,
	"reporter":       colReporter,
	"partner_iso":    colPartner,
	"partner":        colPartner,
	"product_nc":     colCode,
	"product":        colCode,
	"flow":           colFlow,
	"period":         colPeriod,
	"time_period":    colPeriod,
	"value_in_euros": colValue,
	"obs_value":      colValue,
	"quantity_in_kg": colNetWeight,
	"indicators":     colBasis,
	"freq":           colFrequency,
}

const (
	comextFlows = `CASE trim(%[1]s) WHEN '1' THEN 'M' WHEN '2' THEN 'X' ELSE trim(%[1]s) END`
	// The bulk files write the whole year as month 52, SDMX a month as 2020-05.
	comextPeriod = `CASE WHEN trim(%[1]s) LIKE '____52' THEN left(trim(%[1]s), 4) ELSE replace(trim(%[1]s), '-', '') END`
	// The Combined Nomenclature follows the Harmonized System from the first year
	// of each revision on.
	comextRevision = `revision_in(TRY_CAST(left(trim(%[1]s), 4) AS INTEGER))`
	// Eurostat's own codes of areas, beside ISO's: sums over groups of partners, parts
	// of the United Kingdom and of Spain, stores, and what is not specified.
	comextAreas = `CASE
		WHEN upper(trim(%[1]s)) = 'WORLD' THEN '#0'
		WHEN regexp_full_match(upper(trim(%[1]s)), '((EXT|INT)_)?(EU|EA)[0-9V].*') THEN '#97'
		ELSE CASE upper(trim(%[1]s)) WHEN 'EL' THEN 'GR' WHEN 'UK' THEN 'GB' WHEN 'XI' THEN 'GB' WHEN 'XU' THEN 'GB' WHEN 'XS' THEN 'RS' WHEN 'XK' THEN '#412'
			WHEN 'CS' THEN '#891' WHEN 'YU' THEN '#891' WHEN 'AN' THEN '#530' WHEN 'TP' THEN 'TL' WHEN 'ZR' THEN 'CD'
			WHEN 'QQ' THEN '#837' WHEN 'QR' THEN '#837' WHEN 'QS' THEN '#837'
			WHEN 'QP' THEN '#899' WHEN 'QU' THEN '#899' WHEN 'QV' THEN '#899' WHEN 'QW' THEN '#899' WHEN 'QX' THEN '#899' WHEN 'QY' THEN '#899' WHEN 'QZ' THEN '#899'
			WHEN 'XC' THEN '#899' WHEN 'XL' THEN '#899'
			ELSE trim(%[1]s) END END`
	// Quantities stand in rows of their own.
	comextBasis = `CASE WHEN upper(trim(%[1]s)) NOT LIKE 'VALUE%%' THEN 'measure' END`
)

// comextBulk recognises Eurostat's bulk files (.dat). Values are euros, areas ISO-2,
// codes have eight digits and count under their first six.
func comextBulk(f *format, t table, p *Prepared, _ Settings) (*Layout, error) {
	at := comextColumns(f, t)
	if !f.hasHeader(at) || t.index("value_in_euros") < 0 {
		return nil, nil
	}
	delete(at, colFrequency)
	return comextRows(f, t, p, at), nil
}

// comextSDMX recognises the same as SDMX-CSV, which has values and weights in rows of
// their own.
func comextSDMX(f *format, t table, p *Prepared, _ Settings) (*Layout, error) {
	at := comextColumns(f, t)
	if !f.hasHeader(at) || t.index("obs_value") < 0 {
		return nil, nil
	}
	return comextRows(f, t, p, at), nil
}

func comextColumns(f *format, t table) map[column]int {
	at := t.find(f.names)
	for c, name := range map[column]string{colReporter: "declarant_iso", colPartner: "partner_iso"} {
		if i := t.index(name); i >= 0 { // the bulk files have Eurostat's own numbers of areas, too
			at[c] = i
		}
	}
	return at
}

// comextRows is the layout of a table with a row for each value.
func comextRows(f *format, t table, p *Prepared, at map[column]int) *Layout {
	l := comextLayout(f, t, p, at)
	at[colRevision] = at[colPeriod]
	l.written[colPeriod], l.written[colRevision] = comextPeriod, comextRevision
	return l
}

func comextLayout(f *format, t table, p *Prepared, at map[column]int) *Layout {
	l := f.layout(t, p, at)
	l.unit = unit{factor: 1, currency: "EUR"}
	l.areas, l.rollUp, l.parts = "iso2", true, true
	l.written[colFlow], l.written[colBasis] = comextFlows, comextBasis
	l.written[colReporter], l.written[colPartner] = comextAreas, comextAreas
	return l
}

var comextMonth = regexp.MustCompile(`^(\d{4})(?:-(\d{2}))?$`)

// comextPivot recognises Eurostat's TSV: the first field joins the dimensions with
// commas, and each period has a column; ':' is missing, letters behind a value are flags.
func comextPivot(f *format, t table, p *Prepared, _ Settings) (*Layout, error) {
	dimensions, ok := strings.CutSuffix(strings.ToLower(t.header[0]), `\time_period`)
	if !ok || t.delimiter != '\t' {
		return nil, nil
	}
	at := map[column]int{}
	l := comextLayout(f, t, p, at)
	for i, name := range strings.Split(dimensions, ",") {
		if c, ok := f.names[strings.TrimSpace(name)]; ok {
			written := l.written[c]
			if written == "" {
				written = "%[1]s"
			}
			at[c], l.written[c] = 0, fmt.Sprintf(strings.ReplaceAll(written, "%%", "%%%%"), fmt.Sprintf("split_part(%%[1]s, ',', %d)", i+1))
		}
	}
	if !has(at, colReporter, colPartner, colCode, colFlow) {
		return nil, nil
	}
	delete(at, colFrequency)
	for i, h := range t.header[1:] {
		m := comextMonth.FindStringSubmatch(h)
		if m == nil {
			return nil, refuse("looks like Eurostat's TSV, but its column %q is no year or month", h)
		}
		year, _ := strconv.Atoi(m[1])
		month, _ := strconv.Atoi(m[2])
		l.wide = append(l.wide, wideColumn{index: i + 1, year: year, month: month})
	}
	l.wideValue = `nullif(regexp_replace(trim(%[1]s), '[ :a-z]+$', ''), '')`
	l.revisionOf = comextRevision
	return l, nil
}
