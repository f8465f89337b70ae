package schemas

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// reservedSectors are names that stand in a column of sectors for sums, or in a
// setting for every sector.
var reservedSectors = []string{"all", "all_sectors", "all_codes"}

// sectorColumns are the columns that a sector list may have. hs6 is another name of code.
var sectorColumns = []string{"sector", "hs_revision", "code", "hs6", "reason", "label"}

// listedWithout is the HS revision of codes beside which a sector list has none: that of
// the built-in list.
const listedWithout = "H4"

// loadSectors reads the sector list. A code of two or four digits stands for all six-digit
// codes of its revision that begin with it.
func (r *Reference) loadSectors(file string) error {
	shown, content, err := r.base.open("sectors", file)
	if err != nil {
		return err
	}
	sum, check := newRowSum(), newSectorCheck(r)
	var columns []string
	header := func(first []string) (names []string, isHeader bool, err error) {
		columns, isHeader, err = sectorHeader(first)
		return columns, isHeader, err
	}
	err = eachRowUnder(header, "sector,code", shown, content, func(row []string) error {
		cells := map[string]string{}
		for i, name := range columns {
			cells[name] = row[i]
		}
		s := SectorCode{cells["sector"], cmp.Or(cells["hs_revision"], listedWithout), cells["code"] + cells["hs6"], cells["reason"]}
		hashed := []string{s.Sector, s.Revision, s.HS6, s.Reason}
		if label := cells["label"]; label != "" {
			hashed = append(hashed, label)
		}
		sum.add(hashed)
		codes, err := check.add(s)
		if err != nil && cells["hs_revision"] == "" {
			return fmt.Errorf("%w (codes without hs_revision are those of %s)", err, listedWithout)
		}
		if err != nil {
			return err
		}
		r.Sectors = append(r.Sectors, codes...)
		return r.addLabel(s.Sector, cells["label"])
	})
	if err != nil {
		return err
	}
	if len(r.Sectors) == 0 {
		return fmt.Errorf("%s: the sector list is empty: give it rows of sector,hs_revision,code,reason", file)
	}
	r.hashes["sectors"] = sum.text()
	return nil
}

var codeForm = regexp.MustCompile(`^([0-9]{2}|[0-9]{4}|[0-9]{6})$`)

// sectorHeader finds the columns of a sector list in its first row. A list without a
// header has the columns sector and code.
func sectorHeader(first []string) (columns []string, isHeader bool, err error) {
	if len(first) == 2 && codeForm.MatchString(first[1]) {
		return []string{"sector", "code"}, false, nil
	}
	unknown := slices.ContainsFunc(first, func(name string) bool { return !slices.Contains(sectorColumns, name) })
	sorted := slices.Sorted(slices.Values(first))
	repeated := len(slices.Compact(sorted)) < len(first)
	codes := slices.Contains(first, "code") != slices.Contains(first, "hs6")
	if unknown || repeated || !codes || !slices.Contains(first, "sector") {
		return nil, false, fmt.Errorf("the header is %q: it must be %q; hs_revision, reason and a column label may be missing",
			strings.Join(first, ","), "sector,hs_revision,code,reason")
	}
	return first, true, nil
}

// addLabel notes what a sector is called. It is enough that one of its rows says so.
func (r *Reference) addLabel(sector, label string) error {
	if label == "" {
		return nil
	}
	if was := r.Labels[sector]; was != "" && was != label {
		return fmt.Errorf("label %q: sector %s has the label %q already", label, sector, was)
	}
	r.Labels[sector] = label
	return nil
}

// sectorCheck finds what is wrong with a sector list as its rows come in.
type sectorCheck struct {
	revisions Revisions
	codes     []Code
	known     map[[2]string]bool
	sector    map[[2]string]string
}

func newSectorCheck(r *Reference) *sectorCheck {
	return &sectorCheck{revisions: r.Revisions, codes: r.Codes, known: r.known(), sector: map[[2]string]string{}}
}

// add returns the six-digit codes of a row.
func (c *sectorCheck) add(s SectorCode) ([]SectorCode, error) {
	switch {
	case s.Sector == "":
		return nil, errors.New("sector is empty")
	case slices.Contains(reservedSectors, s.Sector):
		return nil, fmt.Errorf("sector %q: outputs use this name for a sum; choose another", s.Sector)
	case !c.revisions.Has(s.Revision):
		return nil, fmt.Errorf("hs_revision %q: it must be one of %s", s.Revision, c.revisions)
	case s.HS6 == "":
		return nil, fmt.Errorf("sector %s has a row without a code", s.Sector)
	}
	codes := c.below(s.Revision, s.HS6)
	if len(codes) == 0 {
		return nil, fmt.Errorf("hs6 %q: %s has no such code%s", s.HS6, s.Revision, c.elsewhere(s.HS6))
	}
	var all []SectorCode
	for _, code := range codes {
		key := [2]string{s.Revision, code}
		if was := c.sector[key]; was != "" {
			return nil, fmt.Errorf("hs6 %s%s is in sector %s already: a code counts in one sector", code, of(s.HS6, code), was)
		}
		c.sector[key] = s.Sector
		all = append(all, SectorCode{s.Sector, s.Revision, code, s.Reason})
	}
	return all, nil
}

// of says to which heading or chapter of the list a code belongs.
func of(listed, code string) string {
	if listed == code {
		return ""
	}
	return " of " + listed
}

// below lists the six-digit codes of a revision that begin with a code.
func (c *sectorCheck) below(revision, code string) []string {
	switch len(code) {
	case 6:
		if c.known[[2]string{revision, code}] {
			return []string{code}
		}
	case 2, 4:
		var codes []string
		for _, k := range c.codes {
			if k.Revision == revision && strings.HasPrefix(k.HS6, code) {
				codes = append(codes, k.HS6)
			}
		}
		return codes
	}
	return nil
}

func (c *sectorCheck) elsewhere(code string) string {
	var in []string
	for _, revision := range c.revisions.IDs() {
		if len(c.below(revision, code)) > 0 {
			in = append(in, revision)
		}
	}
	if len(in) == 0 {
		return ""
	}
	return "; " + strings.Join(in, " and ") + " has"
}
