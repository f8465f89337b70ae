package sources

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"entrepot/sources/decode"
)

// mapped recognises a file of which the settings say which column is what.
func mapped(f *format, t Table, p *Prepared, s Settings) (*Layout, error) {
	at := map[Column]int{}
	for _, key := range sortedKeys(s.Columns) {
		i := t.index(strings.TrimSpace(s.Columns[key]))
		if i < 0 {
			return nil, nil
		}
		at[Column(key)] = i
	}
	l := f.layout(t, p, at)
	l.unit = unit{}
	l.RollUp, l.Parts = true, true
	if l.Read[ColFlow] = []Macro{{Name: "flow_word"}}; len(s.Flows) > 0 {
		l.Read[ColFlow] = []Macro{translated(s.Flows), {Name: "flow_word"}}
	}
	switch {
	case len(s.Areas) > 0:
		l.Areas, l.AreaKeys = cmp.Or(s.AreasAs, OwnAreas), s.Areas
	case s.AreasAs != "m49":
		l.Areas = s.AreasAs
	}
	l.Read[ColPeriod], l.Months = []Macro{{Name: "mapped_period"}}, true
	if s.CodeWidth > 0 {
		l.Read[ColCode] = []Macro{{Name: "padded_code", Args: []any{s.CodeWidth}}}
	}
	return l, nil
}

// translated puts a flow for each of the file's words.
func translated(words map[string]string) Macro {
	keys := sortedKeys(words)
	var meanings []string
	for _, word := range keys {
		meanings = append(meanings, words[word])
	}
	return Macro{Name: "translated", Args: []any{keys, meanings}}
}

// unmapped refuses a file that lacks columns which the settings name.
func unmapped(records [][]string, s Settings) error {
	best, missing := -1, []string(nil)
	for _, record := range records[:min(len(records), maxTitles)] {
		var lacks []string
		for _, key := range sortedKeys(s.Columns) {
			name := strings.TrimSpace(s.Columns[key])
			if !slices.ContainsFunc(record, func(h string) bool { return strings.EqualFold(h, name) }) {
				lacks = append(lacks, fmt.Sprintf("%q (%s)", name, key))
			}
		}
		if found := len(s.Columns) - len(lacks); found > best {
			best, missing = found, lacks
		}
	}
	return refuse("has no column %s, which 'columns:' in entrepot.yaml names for it; its header begins with %q",
		strings.Join(missing, ", "), decode.Abbreviate(strings.Join(records[0], ","), 80))
}

// Numbers as people and spreadsheets write them.
var (
	groupedByComma = regexp.MustCompile(`^-?\d{1,3}(,\d{2,3})*,\d{3}(\.\d+)?$`)
	groupedByPoint = regexp.MustCompile(`^-?\d{1,3}(\.\d{2,3})*\.\d{3}(,\d+)?$`)
	groupedByBlank = regexp.MustCompile("^-?\\d{1,3}([  \u00a0\u202f']\\d{3})+([.,]\\d+)?$")
	commaDecimal   = regexp.MustCompile(`^-?\d+,\d+$`)
	pointDecimal   = regexp.MustCompile(`^-?\d+\.\d+$`)
)

// setNumbers finds out how the file writes numbers, by its values, and lets the
// cells be read accordingly. A file whose numbers could mean two things is refused:
// "1,234" is a thousand or one and a bit.
func (l *Layout) setNumbers(s Settings) error {
	decimal := s.Decimal
	ambiguous, blanks := "", false
	var comma, point int // values that can only be read with this before the decimals
	count := func(n *int, is bool) {
		if is {
			*n++
		}
	}
	for _, text := range l.numberTexts() {
		text = strings.TrimSpace(text)
		switch {
		case groupedByBlank.MatchString(text):
			blanks = true
			count(&comma, strings.Contains(text, ","))
			count(&point, strings.Contains(text, "."))
		case groupedByComma.MatchString(text):
			if strings.Contains(text, ".") || strings.Count(text, ",") > 1 {
				point++
			} else if ambiguous == "" {
				ambiguous = text
			}
		case groupedByPoint.MatchString(text) && (strings.Contains(text, ",") || strings.Count(text, ".") > 1), commaDecimal.MatchString(text):
			comma++
		case pointDecimal.MatchString(text) && !groupedByPoint.MatchString(text):
			point++
		}
	}
	switch {
	case decimal != "":
	case min(comma, point)*10 > max(comma, point): // a few are slips, and become rejects
		return refuse("writes its numbers in two ways, with decimal points and with decimal commas; mend it, or say which is meant with 'decimal:' under files: in entrepot.yaml")
	case comma > point:
		decimal = ","
	case point > 0:
		decimal = "."
	case ambiguous != "":
		return refuse("has numbers such as %q, of which nothing tells whether the comma stands before decimals or thousands: say it with 'decimal: \",\"' or 'decimal: \".\"' under files: in entrepot.yaml", ambiguous)
	default:
		decimal = "."
	}
	if s.Decimal == "" && decimal == "." && point == 0 && (len(s.Columns) > 0 || l.Delimiter == ';') {
		l.Points = max(l.Points, BeforeEither)
	}
	if s.Decimal != "" {
		l.Points = BeforeDecimals
	}
	if decimal == "." && ambiguous == "" && !blanks && !l.hasGroups() {
		return nil // as DuckDB reads them
	}
	l.Numbers = Macro{Name: "number_with_points"}
	if decimal == "," {
		l.Numbers = Macro{Name: "number_with_commas"}
	}
	return nil
}

// numberTexts are the values in the first rows.
func (l *Layout) numberTexts() []string {
	at := []int{}
	for _, w := range l.Wide {
		at = append(at, w.Index)
	}
	if i, ok := l.At[ColValue]; ok && len(l.Wide) == 0 {
		at = append(at, i)
	}
	var texts []string
	for _, row := range l.rows {
		for _, i := range at {
			if i < len(row) {
				texts = append(texts, row[i])
			}
		}
	}
	return texts
}

func (l *Layout) hasGroups() bool {
	return slices.ContainsFunc(l.numberTexts(), func(text string) bool { return groupedByComma.MatchString(strings.TrimSpace(text)) })
}
