package untables

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"entrepot/schemas"
)

// besideHS marks codes in the lists that are no codes of the HS, such as 271011 of HS 1996.
const besideHS = "NON-WCO CODE"

// Change is a code that has another number in a neighbouring revision.
type Change struct {
	From, FromCode string
	To, ToCode     string
}

// Name is what a code is called in English, at any level.
type Name struct {
	Revisions []string // in which the code has this name, oldest first
	Code      string   // of two, four or six digits
	Text      string
}

// Tables are the reference tables that follow from the UN's own: its workbooks of
// conversions and its lists of codes.
type Tables struct {
	Codes      []schemas.Code
	Changes    []Change // of the conversion, from newer to older; all other codes keep their number
	Successors []Change // from older to newer, of the codes that no newer one is converted to
	Names      []Name
}

// Derive makes the reference tables. tables has the workbook of each two neighbouring
// revisions under the ID of the newer one, lists the text of each code by its
// revision, and manufactured which codes of the newest revisions are manufactured
// goods: what those of the others are follows through the conversion.
func Derive(tables map[string]*schemas.Table, lists map[string]map[string]string, manufactured map[schemas.Code]bool) (*Tables, error) {
	d := &derivation{tables: tables, names: lists, made: manufactured, codes: map[string][]string{}}
	for _, r := range schemas.HS() {
		if err := d.list(r.ID); err != nil {
			return nil, err
		}
	}
	out := &Tables{Names: d.allNames()}
	for _, r := range slices.Backward(schemas.HS()) {
		for _, code := range d.codes[r.ID] {
			key := schemas.Code{Revision: r.ID, HS6: code}
			made, err := d.manufactured(key)
			if err != nil {
				return nil, err
			}
			d.made[key] = made
			out.Codes = append(out.Codes, schemas.Code{Revision: r.ID, HS6: code, Manufactured: made})
		}
		if table := tables[r.ID]; table != nil {
			out.Changes = append(out.Changes, changes(table)...)
			out.Successors = append(out.Successors, d.successors(table)...)
		}
	}
	slices.SortFunc(out.Codes, func(a, b schemas.Code) int {
		return cmp.Or(cmp.Compare(a.Revision, b.Revision), cmp.Compare(a.HS6, b.HS6))
	})
	return out, nil
}

type derivation struct {
	tables map[string]*schemas.Table
	names  map[string]map[string]string
	made   map[schemas.Code]bool // by revision and code
	codes  map[string][]string   // of six digits, by revision
}

// list notes the six-digit codes of a revision: those of its list and, as the list of
// HS 2002 lacks one, those of the workbooks.
func (d *derivation) list(revision string) error {
	names := d.names[revision]
	if len(names) == 0 {
		return fmt.Errorf("there is no list of the codes of %s", revision)
	}
	codes := map[string]bool{}
	for code := range names {
		if len(code) == 6 {
			codes[code] = true
		}
	}
	for _, t := range d.tables {
		for newer, older := range t.Conversion {
			switch revision {
			case t.From:
				codes[newer] = true
			case t.To:
				codes[older] = true
			}
		}
	}
	for code := range codes {
		d.codes[revision] = append(d.codes[revision], code)
		if names[code] == "" {
			names[code] = names[code[:4]]
		}
	}
	slices.Sort(d.codes[revision])
	return nil
}

// manufactured tells what a code is by the newer codes that are converted to it or,
// without any, overlap with it; or else by those of its heading, or of its chapter.
// More than half decide and, when they are even, the code of the same number.
func (d *derivation) manufactured(key schemas.Code) (bool, error) {
	if made, known := d.made[key]; known {
		return made, nil
	}
	newer := schemas.HS().Step(key.Revision, 1)
	table := d.tables[newer]
	if table == nil {
		return false, fmt.Errorf("nothing tells whether %s of %s is a manufactured good: there is no table from the next newer revision", key.HS6, key.Revision)
	}
	related := [][]string{nil, nil, nil, nil}
	for _, code := range d.codes[newer] {
		if older(table, code) == key.HS6 {
			related[0] = append(related[0], code)
		}
		for i, digits := range []int{4, 2} {
			if code[:digits] == key.HS6[:digits] {
				related[2+i] = append(related[2+i], code)
			}
		}
	}
	for _, pair := range table.Correlation {
		if pair[1] == key.HS6 {
			related[1] = append(related[1], pair[0])
		}
	}
	for _, codes := range related {
		made := 0
		for _, code := range codes {
			if d.made[schemas.Code{Revision: newer, HS6: code}] {
				made++
			}
		}
		if len(codes) > 0 {
			even := 2*made == len(codes)
			return 2*made > len(codes) || even && d.made[schemas.Code{Revision: newer, HS6: key.HS6}], nil
		}
	}
	return false, fmt.Errorf("nothing tells whether %s of %s is a manufactured good: %s has no code of its chapter", key.HS6, key.Revision, newer)
}

// older is the code that a newer one is converted to: of those that the workbook
// lacks, such as 999999, the one of the same number.
func older(t *schemas.Table, newer string) string {
	if code, ok := t.Conversion[newer]; ok {
		return code
	}
	return newer
}

func changes(t *schemas.Table) []Change {
	var all []Change
	for newer, older := range t.Conversion {
		if newer != older {
			all = append(all, Change{t.From, newer, t.To, older})
		}
	}
	sortChanges(all)
	return all
}

// successors are the newer codes for each older one that no newer code is converted
// to: those that overlap with it; if only hubs do, the one of the same number; and for a
// code that Comtrade had beside those of the HS, those that the others of its heading
// go to. A code that has none of these has no successor.
func (d *derivation) successors(t *schemas.Table) []Change {
	from := map[string][]string{} // the newer codes that are converted to an older one
	for _, code := range d.codes[t.From] {
		from[older(t, code)] = append(from[older(t, code)], code)
	}
	hubs := map[string]int{}
	for _, pair := range t.Correlation {
		hubs[pair[0]]++
	}
	overlap, inHubs := map[string][]string{}, map[string]bool{}
	for _, pair := range t.Correlation {
		if hubs[pair[0]] < schemas.Hub {
			overlap[pair[1]] = append(overlap[pair[1]], pair[0])
		} else {
			inHubs[pair[1]] = true
		}
	}
	var all []Change
	for _, code := range d.codes[t.To] {
		if len(from[code]) > 0 {
			continue
		}
		newer := overlap[code]
		switch {
		case len(newer) > 0:
		case inHubs[code] && slices.Contains(d.codes[t.From], code):
			newer = []string{code}
		case strings.Contains(d.names[t.To][code], besideHS):
			for _, other := range d.codes[t.To] {
				if other[:4] == code[:4] {
					newer = append(newer, from[other]...)
				}
			}
		}
		for _, n := range newer {
			all = append(all, Change{t.To, code, t.From, n})
		}
	}
	sortChanges(all)
	return slices.Compact(all)
}

func sortChanges(all []Change) {
	slices.SortFunc(all, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.FromCode, b.FromCode), cmp.Compare(a.ToCode, b.ToCode))
	})
}

// allNames has each name of a code once, with the revisions that have it.
func (d *derivation) allNames() []Name {
	type name struct{ code, text string }
	revisions := map[name][]string{}
	for _, r := range schemas.HS() {
		for code, text := range d.names[r.ID] {
			revisions[name{code, text}] = append(revisions[name{code, text}], r.ID)
		}
	}
	var all []Name
	for n, in := range revisions {
		all = append(all, Name{in, n.code, n.text})
	}
	slices.SortFunc(all, func(a, b Name) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), slices.Compare(a.Revisions, b.Revisions))
	})
	return all
}

// ReadList reads a list of codes as UN Comtrade publishes it: the name of each code,
// which stands behind the code itself. Entries that are no code are passed over, such
// as AG6, and 9999AA, which no data have.
func ReadList(content []byte) (map[string]string, error) {
	var list struct {
		Results []struct{ ID, Text string }
	}
	if err := json.Unmarshal(content, &list); err != nil {
		return nil, fmt.Errorf("read list of codes: %w", err)
	}
	names := map[string]string{}
	for _, entry := range list.Results {
		if strings.Trim(entry.ID, "0123456789") != "" || !slices.Contains([]int{2, 4, 6}, len(entry.ID)) {
			continue
		}
		text, ok := strings.CutPrefix(entry.Text, entry.ID+" - ")
		if !ok {
			return nil, fmt.Errorf("read list of codes: the text of %s is %q: it must begin with the code", entry.ID, entry.Text)
		}
		names[entry.ID] = strings.Join(strings.Fields(text), " ")
	}
	return names, nil
}
