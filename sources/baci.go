package sources

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"entrepot/schemas"
)

var baciNames = map[string]Column{"t": ColYear, "i": ColReporter, "j": ColPartner, "k": ColCode, "v": ColValue, "q": ColNetWeight}

// baciName is how CEPII names a year of BACI: BACI_HS12_Y2019_V202501.csv.
var baciName = regexp.MustCompile(`BACI_HS(\d\d)_Y\d{4}_V\d{6}`)

// baciRevision is the HS revision in BACI's own name of a file.
func baciRevision(name string, revisions schemas.Revisions) (revision string, ok bool) {
	m := baciName.FindStringSubmatch(name)
	if m == nil {
		return "", false
	}
	found, ok := revisions.Find(m[1])
	return found.ID, ok
}

// baci recognises CEPII's reconciled trade: t year, i exporter, j importer, k
// HS-6 code, v thousands of US dollars, q metric tons. The HS revision stands in the
// file's name only.
//
// Each row is an export of i. A file under its own name has all partners of every
// country, so World is their sum, and what j imports from i is the same value.
func baci(f *format, t Table, p *Prepared, s Settings) (*Layout, error) {
	at := t.find(f.names)
	if !f.hasHeader(at) || len(at) < len(t.names())-1 {
		return nil, nil
	}
	l := f.layout(t, p, at)
	l.unit = unit{factor: 1000, currency: "USD"}
	l.Fixed[ColFlow], l.Fixed[ColType], l.Kilos, l.Plain, l.bothSides, l.OneRevision = "X", "C", 1000, true, true, true
	at[ColFOB] = at[ColValue] // BACI is free on board
	l.Absent = paddedNA(p.Head, t.Delimiter)
	if revision, ok := baciRevision(p.Name, schemas.HS()); ok {
		l.Fixed[ColRevision], l.allPartners = revision, true
	} else if s.World != "sum" {
		l.Notes = append(l.Notes, "its name is not BACI's own, so nothing tells that it has all partners: there is no World in it; "+
			"'world: sum' under files: in entrepot.yaml says that it has them")
	}
	return l, nil
}

// paddedNA lists how the file writes NA: behind as many blanks as its column is wide.
func paddedNA(head []byte, delimiter rune) []string {
	var found []string
	for _, field := range bytes.FieldsFunc(head, func(r rune) bool { return r == delimiter || r == '\n' || r == '\r' }) {
		if text := string(field); strings.TrimLeft(text, " ") == "NA" && !slices.Contains(found, text) {
			found = append(found, text)
		}
	}
	slices.Sort(found)
	return found
}

// names are the header's names that are not empty.
func (t Table) names() []string {
	var names []string
	for _, h := range t.Header {
		if h != "" {
			names = append(names, strings.ToLower(h))
		}
	}
	return names
}

// baciCountries recognises BACI's list of countries. It is no trade; what it says stands
// in the reference tables.
func baciCountries(f *format, t Table, p *Prepared, _ Settings) (*Layout, error) {
	if !strings.HasPrefix(strings.Join(t.names(), ","), "country_code,country_name") {
		return nil, nil
	}
	return codeList(f, t, p), nil
}

// baciProducts recognises BACI's list of products, which is no trade either.
func baciProducts(f *format, t Table, p *Prepared, _ Settings) (*Layout, error) {
	if strings.Join(t.names(), ",") != "code,description" {
		return nil, nil
	}
	return codeList(f, t, p), nil
}

func codeList(f *format, t Table, p *Prepared) *Layout {
	l := f.layout(t, p, map[Column]int{ColCode: 0})
	l.CodeList = true
	return l
}

// Named is what readers take from a file's name, beside its vintage: two files of one
// content and different names become the same rows only when it is the same.
func Named(name string) string {
	if m := baciName.FindString(name); m != "" {
		return m
	}
	return "-"
}
