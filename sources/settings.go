package sources

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"entrepot/schemas"
)

// Settings says of a file what the file does not say itself, and how to read one
// that is in no known format. The zero value says nothing.
type Settings struct {
	Match     string            // the files that this is about: their name below the data folder, or a pattern such as "gacc/*.csv"
	Source    string            // such as "gacc": two sources of one cell never add up
	Reporter  string            // a number, a code or a name of schemas.Reference.Area
	Partner   string            // the same
	Flow      string            // "M" or "X"
	Year      string            // "2019", or a month, "2019-05"
	Unit      string            // such as "USD", "thousand USD", "million CNY"
	Rates     map[string]string // US dollars for one unit of the currency, by year or month
	Revision  string            // "H5"
	Revisions map[string]string // instead, by year: each from that year on
	Code      string            // the HS code of all rows, as in a list of markets: "854231"
	Data      string            // "direct" or "mirrored"
	World     string            // "sum": the file has all partners, so their sum is World
	Encoding  string            // "utf-8", "utf-16", "windows-1252" or "gb18030"
	Decimal   string            // "." or ","
	Columns   map[string]string // a mapping: the shared column, and the file's name for it
	Flows     map[string]string // the file's word for a flow, and "M" or "X"
	Areas     map[string]string // the file's code or name of an area, and one of schemas.Reference.Area
	AreasAs   string            // how areas are written: "m49", "iso3", "iso2" or "name"
	CodeWidth int               // digits that a code has when no leading zero is lost: 8 or 10; 0 when it varies
	Whole     []string          // "all": the file has all HS-6 codes that were traded; else the codes, chapters and headings of which it has all
	Repeated  string            // what rows of one cell are that no column tells apart: "sum", "largest", "first" or "last"
}

// WholeAll is what Whole says of a file that has all codes.
const WholeAll = "all"

// SettingsFor returns what is said of the file of that name: the first settings
// whose Match fits. A pattern without a slash fits the last part of the name.
func SettingsFor(all []Settings, name string) Settings {
	archive, _, _ := strings.Cut(name, "!")
	for _, s := range all {
		if matches(s.Match, name) || matches(s.Match, archive) {
			return s
		}
	}
	return Settings{}
}

// matches tells whether a pattern fits a name below the data folder; one without a slash
// need fit the last part only.
func matches(pattern, name string) bool {
	if !strings.Contains(pattern, "/") {
		name = path.Base(name)
	}
	ok, err := path.Match(pattern, name)
	return err == nil && ok || pattern == name
}

var (
	codeForm   = regexp.MustCompile(`^(TOTAL|\d{2}|\d{4}|\d{6}|\d{8}|\d{10})$`)
	yearForm   = regexp.MustCompile(`^\d{4}$`)
	periodForm = regexp.MustCompile(`^\d{4}(-(0[1-9]|1[0-2]))?$`)
	wholeForm  = regexp.MustCompile(`^(\d{2}){1,3}$`)
	rateForm   = regexp.MustCompile(`^\d{1,2}(\.\d{1,10})?$`) // what a DECIMAL(12,10) holds
)

// MappedColumns lists the names that Columns may have as keys.
func MappedColumns() []string {
	var names []string
	for _, c := range Columns() {
		if c != ColSurplus && c != ColBasis {
			names = append(names, string(c))
		}
	}
	return names
}

// Check returns an error that names the wrong value and what is allowed.
func (s Settings) Check() error {
	if s.Match == "" {
		return errors.New(`match is missing: name the files that this is about, such as "gacc/*.csv"`)
	}
	if _, err := path.Match(s.Match, ""); err != nil {
		return fmt.Errorf("match %q is no pattern: %w", s.Match, err)
	}
	for _, c := range []struct {
		key, value string
		allowed    []string
	}{
		{"flow", s.Flow, []string{"M", "X"}},
		{"revision", s.Revision, schemas.HS().IDs()},
		{"data", s.Data, []string{"direct", "mirrored"}},
		{"world", s.World, []string{"sum"}},
		{"encoding", s.Encoding, []string{"utf-8", "utf-16", "windows-1252", "gb18030"}},
		{"decimal", s.Decimal, []string{".", ","}},
		{"areas_as", s.AreasAs, []string{"m49", "iso3", "iso2", "name"}},
		{"repeated", s.Repeated, []string{"sum", "largest", "first", "last"}},
	} {
		if c.value != "" && !slices.Contains(c.allowed, c.value) {
			return fmt.Errorf("%s %q is not allowed: it must be %s", c.key, c.value, strings.Join(c.allowed, ", "))
		}
	}
	if s.Unit != "" {
		if _, err := parseUnit(s.Unit); err != nil {
			return err
		}
	}
	for _, key := range sortedKeys(s.Columns) {
		if !slices.Contains(MappedColumns(), key) {
			return fmt.Errorf("columns: there is no column %q; there are %s", key, strings.Join(MappedColumns(), ", "))
		}
	}
	for _, word := range sortedKeys(s.Flows) {
		if flow := s.Flows[word]; !slices.Contains([]string{"M", "X", "RM", "RX"}, flow) {
			return fmt.Errorf("flows: %q is not allowed for %q: it must be M, X, RM, RX", flow, word)
		}
	}
	if s.Code != "" && !codeForm.MatchString(s.Code) {
		return fmt.Errorf("code %q is not allowed: it must be an HS code of 2, 4 or 6 digits, a national one of 8 or 10, or TOTAL", s.Code)
	}
	if s.Year != "" && !periodForm.MatchString(s.Year) {
		return fmt.Errorf("year %q is not allowed: it must be a year such as 2023, or a month such as 2023-05", s.Year)
	}
	if err := s.checkRevisions(); err != nil {
		return err
	}
	for _, period := range sortedKeys(s.Rates) {
		if !periodForm.MatchString(period) {
			return fmt.Errorf("rates: %q is not allowed: it must be a year such as 2023, or a month such as 2023-05", period)
		}
		if rate := s.Rates[period]; !rateForm.MatchString(rate) || strings.Trim(rate, "0.") == "" {
			return fmt.Errorf("rates: %q is not allowed for %s: it must be the US dollars for one unit of the currency, such as 1.1827", s.Rates[period], period)
		}
	}
	for _, codes := range s.Whole {
		if !wholeForm.MatchString(codes) && !(codes == WholeAll && len(s.Whole) == 1) {
			return fmt.Errorf("whole: %q is not allowed: it must be all, or a list of HS codes of two, four or six digits", codes)
		}
	}
	if s.CodeWidth != 0 && s.CodeWidth != 6 && s.CodeWidth != 8 && s.CodeWidth != 10 {
		return fmt.Errorf("code_width %d is not allowed: it must be 6, 8, 10", s.CodeWidth)
	}
	return nil
}

func (s Settings) checkRevisions() error {
	known, last := schemas.HS(), ""
	for _, year := range sortedKeys(s.Revisions) {
		revision := s.Revisions[year]
		switch {
		case !yearForm.MatchString(year):
			return fmt.Errorf("revision: %q is not allowed: it must be the year from which on a revision counts, such as 2017", year)
		case !known.Has(revision):
			return fmt.Errorf("revision %q is not allowed for %s: it must be %s", revision, year, strings.Join(known.IDs(), ", "))
		case last != "" && known.Index(revision) < known.Index(s.Revisions[last]):
			return fmt.Errorf("revision: %s from %s on is older than %s from %s on: nobody goes back to an older revision", revision, year, s.Revisions[last], last)
		}
		last = year
	}
	return nil
}

// byYear are the revisions in the order of their years.
func (s Settings) byYear() []YearRevision {
	var revisions []YearRevision
	for _, year := range sortedKeys(s.Revisions) {
		from, _ := strconv.Atoi(year) // Check has looked at it
		revisions = append(revisions, YearRevision{from, s.Revisions[year]})
	}
	return revisions
}

func sortedKeys(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Text is the settings in one unambiguous line, for fingerprints.
func (s Settings) Text() string { return fmt.Sprintf("%q", fmt.Sprintf("%#v", s)) }

// unit is what one of a file's value is in a currency.
type unit struct {
	factor   int    // 1, 1000 or 1000000
	currency string // "USD"
}

var factors = map[string]int{"": 1, "thousand": 1000, "thousands": 1000, "million": 1_000_000, "millions": 1_000_000}

// parseUnit reads "USD", "thousand USD", "USD thousand", "US Dollar thousand", "million CNY".
func parseUnit(text string) (unit, error) {
	words := strings.Fields(strings.ToLower(strings.NewReplacer("us dollars", "usd", "us dollar", "usd", " of ", " ", ",", " ").Replace(strings.ToLower(text))))
	u := unit{factor: 1}
	for _, word := range words {
		if f, ok := factors[word]; ok {
			u.factor = f
		} else if word = strings.ToUpper(strings.TrimSuffix(word, "s")); len(word) == 3 && u.currency == "" {
			u.currency = word
		} else {
			return unit{}, unitError(text)
		}
	}
	if u.currency == "" {
		return unit{}, unitError(text)
	}
	return u, nil
}

func unitError(text string) error {
	return fmt.Errorf("unit %q is not allowed: it must be a currency, with thousand or million before it, such as USD or thousand USD", text)
}

func (u unit) String() string {
	switch u.factor {
	case 1000:
		return "thousand " + u.currency
	case 1_000_000:
		return "million " + u.currency
	}
	return cmp.Or(u.currency, "unknown")
}
