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
func mapped(f *format, t table, p *Prepared, s Settings) (*Layout, error) {
	at := map[column]int{}
	for _, key := range sortedKeys(s.Columns) {
		i := t.index(strings.TrimSpace(s.Columns[key]))
		if i < 0 {
			return nil, nil
		}
		at[column(key)] = i
	}
	l := f.layout(t, p, at)
	l.unit = unit{}
	l.rollUp, l.parts = true, true
	if len(s.Flows) > 0 {
		l.written[colFlow] = caseOf(s.Flows)
	}
	switch {
	case len(s.Areas) > 0:
		l.areas, l.own = cmp.Or(s.AreasAs, ownAreas), s.Areas
	case s.AreasAs != "m49":
		l.areas = s.AreasAs
	}
	l.written[colPeriod] = mappedPeriod
	if s.CodeWidth > 0 {
		l.written[colCode] = fmt.Sprintf(`CASE WHEN regexp_full_match(trim(%%[1]s), '[0-9]+') THEN lpad(trim(%%[1]s), greatest(%d, length(trim(%%[1]s)))::INTEGER, '0') ELSE trim(%%[1]s) END`, s.CodeWidth)
	}
	return l, nil
}

// mappedPeriod makes 202305 of "2023-05", "2023/5", "2023年5月" and of a day in that
// month. What is neither year nor month, such as a quarter, stays as it is, and becomes a
// reject; so does "2023.1", which may be October.
const mappedPeriod = `CASE
	WHEN regexp_full_match(trim(%[1]s), '\d{4}年?|(\d{4}|\d{6})\.0|\d{6}(\d\d)?') THEN left(regexp_extract(trim(%[1]s), '\d+'), 6)
	WHEN regexp_full_match(trim(%[1]s), '\d{4}(\.\d|[-/年M]\d?)\d(月|[-/.月]\d{1,2}(日|[T ].*)?)?') THEN left(trim(%[1]s), 4) || lpad(regexp_extract(trim(%[1]s), '\D(\d{1,2})', 1), 2, '0')
	ELSE trim(%[1]s) END`

// caseOf is SQL that puts a flow for each of the file's words.
func caseOf(words map[string]string) string {
	var b strings.Builder
	b.WriteString("CASE trim(%[1]s) ")
	for _, word := range sortedKeys(words) {
		fmt.Fprintf(&b, "WHEN %s THEN %s ", strings.ReplaceAll(quote(word), "%", "%%"), quote(words[word]))
	}
	return b.String() + "ELSE trim(%[1]s) END"
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
	if decimal == "." && ambiguous == "" && !blanks && !l.hasGroups() {
		return nil // as DuckDB reads them
	}
	// Only a number whose digits stand in groups loses what stands between them.
	separators := `[ \x{00A0}\x{202F}''’,]`
	if decimal == "," {
		separators = `[ \x{00A0}\x{202F}''’.]`
	}
	grouped := fmt.Sprintf(`'\s*[-+]?\d{1,3}(%[1]s\d{2,3})*%[1]s\d{3}([%[2]s]\d*)?\s*'`, separators, decimal)
	l.numbers = "replace(CASE WHEN regexp_full_match(%[1]s, " + grouped + ") THEN regexp_replace(%[1]s, '" + separators + "', '', 'g') ELSE %[1]s END, '" + decimal + "', '.')"
	return nil
}

// numberTexts are the values in the first rows.
func (l *Layout) numberTexts() []string {
	at := []int{}
	for _, w := range l.wide {
		at = append(at, w.index)
	}
	if i, ok := l.at[colValue]; ok && len(l.wide) == 0 {
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
