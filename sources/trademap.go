package sources

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"entrepot/schemas"
)

// ITC Trade Map spreads one table over many shapes: years are columns, bilateral
// pages have three blocks of them, and reporter, partner, product and unit stand
// in the lines above the table, or nowhere when it was saved as text. Tables that
// were edited by hand have bare years.

// tradeMap is how a table of ITC Trade Map is laid out.
type tradeMap struct {
	skip        int          // rows before the first data row
	wide        []wideColumn // the columns that hold values in money
	code, label int          // column index of the product code or -1, of the partner/importers/exporters name or -1
	names       string       // what the names in label are: "reporter", "partner", or "" when the file does not tell
	facts       tradeMapFacts
}

// wideColumn is a column whose name says more than what is measured.
type wideColumn struct {
	index             int
	year, month       int    // month is 0 when the value is of a year
	flow              string // "M" or "X", "" when the file does not tell
	reporter, partner string // names as the file has them, "" = the file's
	measure           string // "value", "quantity", ""
	unit              string // text of the unit or ""
}

// tradeMapFacts are what the lines above the table say of all of it, in the
// file's own words; "" is what they don't say.
type tradeMapFacts struct {
	reporter, partner, flow, product, unit, revision, sources string
	mirrored                                                  *bool // whether others than the reporter reported; nil when not said
}

const (
	namesReporter = "reporter"
	namesPartner  = "partner"
)

// recogniseTradeMap looks at the first rows of a table. It returns nil when they
// are not Trade Map's, and a *Refusal when they are but can't be used.
func recogniseTradeMap(rows [][]string) (*tradeMap, error) {
	facts, titled, services := tradeMapTitle(rows)
	head, ok := findTradeMapHead(rows)
	if !ok {
		if services {
			return nil, refuseServices()
		}
		return nil, nil
	}
	if services || head.services {
		return nil, refuseServices()
	}
	columns := head.columns(rows)
	if !titled && !head.named(columns) {
		return nil, nil
	}
	m := &tradeMap{skip: head.last + 1, code: head.code, label: head.label, facts: facts}
	for _, c := range columns {
		if c.measure == "value" && c.year > 0 && !c.quarterly {
			m.wide = append(m.wide, c.wideColumn)
		}
	}
	if len(m.wide) == 0 {
		return nil, uselessTradeMap(columns)
	}
	if m.code < 0 && m.label < 0 {
		return nil, refuse("is an ITC Trade Map table without a column of product codes (Code) or of countries (Importers, Exporters); download it again")
	}
	m.complete(head.labelText)
	return m, nil
}

func refuseServices() error {
	return refuse("is an ITC Trade Map table of trade in services; download trade in goods")
}

func uselessTradeMap(columns []headColumn) error {
	has := func(f func(headColumn) bool) bool { return slices.ContainsFunc(columns, f) }
	switch {
	case has(func(c headColumn) bool { return c.quarterly }):
		return refuse("is an ITC Trade Map table by quarter; download it by year or by month")
	case has(func(c headColumn) bool { return c.measure == "quantity" }):
		return refuse("is an ITC Trade Map table of quantities without values; choose the indicator Values and download it again")
	default:
		return refuse("is an ITC Trade Map table of indicators without values of a year; choose 'Yearly time series' and the indicator Values, and download it again")
	}
}

// complete fills in what one part of the file says for another.
func (m *tradeMap) complete(label string) {
	m.facts.unit = moneyUnit(m.facts.unit)
	for i := range m.wide {
		c := &m.wide[i]
		if c.flow == "" {
			c.flow = m.facts.flow
		}
		if c.unit == "" {
			c.unit = m.facts.unit
		}
	}
	if m.label < 0 {
		return
	}
	// "Importers" are the partners of who exports to them, and reporters of their imports.
	switch flow := m.wide[0].flow; {
	case label == "importers" && flow == "X", label == "exporters" && flow == "M", strings.HasPrefix(label, "partner"):
		m.names = namesPartner
	case label == "importers" && flow == "M", label == "exporters" && flow == "X", strings.HasPrefix(label, "reporter"):
		m.names = namesReporter
	}
}

// headColumn is what the lines of the header say of one column.
type headColumn struct {
	wideColumn
	quarterly bool
	bare      bool // only a period, without "value in"
	other     bool // an indicator that is neither value nor quantity
}

// tradeMapHead is where the header stands.
type tradeMapHead struct {
	first, last int // rows
	code, label int
	labelText   string
	product     bool // has a column "Product label" or one of countries
	services    bool
}

var (
	codeNames    = []string{"code", "product code", "hs code", "hscode", "hs product code", "hs6", "hs4", "hs2"}
	countryNames = []string{"importers", "exporters", "importer", "exporter", "partners", "partner", "partner countries", "partner country", "reporters", "reporter"}
)

const headRows = 40

// findTradeMapHead finds the row that names the column of codes or of countries,
// and the rows of the header above and below it.
func findTradeMapHead(rows [][]string) (tradeMapHead, bool) {
	for i, row := range rows[:min(headRows, len(rows))] {
		head := tradeMapHead{first: i, last: i, code: -1, label: -1}
		for c, cell := range row {
			switch name := headText(cell); {
			case head.code < 0 && slices.Contains(codeNames, name):
				head.code = c
			case head.label < 0 && slices.Contains(countryNames, name):
				head.label, head.labelText = c, strings.TrimSuffix(name, "s")+"s"
			case name == "product label":
				head.product = true
			case name == "service label":
				head.services = true
			}
		}
		if head.code < 0 && head.label < 0 && !head.product && !head.services {
			continue
		}
		if i > 0 && head.extends(row, rows[i-1]) {
			head.first--
		}
		if i+1 < len(rows) && head.extends(row, rows[i+1]) {
			head.last++
		}
		if len(head.columns(rows)) > 0 {
			return head, true
		}
	}
	return tradeMapHead{}, false
}

// extends tells whether the row above or below the names belongs to the header:
// most of its cells name a block, a period or a measure, and none stands over or
// under a code or name, where titles begin and data have their own.
func (h tradeMapHead) extends(names, row []string) bool {
	for _, i := range []int{h.code, h.label} {
		if text := headText(cellAt(row, i)); text != "" && text != headText(names[i]) {
			return false
		}
	}
	named, filled := 0, 0
	for i, cell := range row {
		text := headText(cell)
		if text == "" || i == h.code || i == h.label {
			continue
		}
		filled++
		var c headColumn
		if c.read(cell) || text == "select your indicators" {
			named++
		}
	}
	return named > 0 && named*2 > filled
}

// headText is a cell of the header in lower case with single blanks.
func headText(cell string) string {
	return strings.ToLower(oneLine(cell))
}

func oneLine(cell string) string {
	return strings.Join(strings.Fields(strings.TrimPrefix(cell, "\ufeff")), " ")
}

// columns reads what the header says of each column. A block's name stands over
// its first column only, so it holds up to the next one; a column without a text
// in the last row is a spacer.
func (h tradeMapHead) columns(rows [][]string) []headColumn {
	var columns []headColumn
	width := 0
	for _, row := range rows[h.first : h.last+1] {
		width = max(width, len(row))
	}
	carried := make([]string, h.last-h.first+1)
	for i := range width {
		if i == h.code || i == h.label {
			continue
		}
		c := headColumn{wideColumn: wideColumn{index: i}}
		known := false
		for r := h.first; r <= h.last; r++ {
			cell := cellAt(rows[r], i)
			if text := oneLine(cell); text != "" {
				carried[r-h.first] = text
			} else if r < h.last && cellAt(rows[h.last], i) != "" {
				cell = carried[r-h.first]
			}
			known = c.read(cell) || known
		}
		if h.last > h.first && oneLine(cellAt(rows[h.last], i)) == "" {
			known = known && oneLine(cellAt(rows[h.first], i)) != "" && h.spans(rows, i)
		}
		if !known {
			continue
		}
		if c.measure == "" && !c.other { // a bare year counts values
			c.measure, c.bare = "value", true
		}
		columns = append(columns, c)
	}
	return columns
}

// spans tells whether a column's text stands above the last row because the cell
// spans the rows, and not because it names a block: it has a period of its own.
func (h tradeMapHead) spans(rows [][]string, column int) bool {
	for r := h.first; r < h.last; r++ {
		var c headColumn
		if c.read(cellAt(rows[r], column)); c.year > 0 && c.measure != "" {
			return true
		}
	}
	return false
}

func cellAt(row []string, i int) string {
	if i >= 0 && i < len(row) {
		return row[i]
	}
	return ""
}

// named tells a table of Trade Map from any other that has codes and years: its
// columns are called as Trade Map calls them.
func (h tradeMapHead) named(columns []headColumn) bool {
	own := h.product && h.code >= 0 || h.labelText == "importers" || h.labelText == "exporters"
	return slices.ContainsFunc(columns, func(c headColumn) bool {
		if c.bare {
			return own
		}
		return !c.other && (c.year > 0 || c.flow != "")
	})
}

var (
	blockName  = regexp.MustCompile(`(?i)^(.+?)(?:['’]s|['’])\s+(imports|exports)\s+(?:from|to)\s+(.+)$`)
	indicators = regexp.MustCompile(`(?i)^select your indicators\s*-?\s*`)
	measured   = regexp.MustCompile(`(?i)^(?:(imported|exported)\s+)?(value|quantity)(?:\s+(imported|exported))?\b\s*(?:in\s+(.+?))?\s*$`)
	period     = regexp.MustCompile(`(?i)^((?:19|20)\d\d)(?:\.0)?(?:\s*-?\s*(?:M(0?[1-9]|1[0-2])|Q([1-4])))?$`)
	otherNames = regexp.MustCompile(`(?i)^(trade balance|balance in|annual growth|growth in|share in|ranking|average distance|concentration|average tariff|unit value|quantity unit|number of)`)
)

// read adds what one cell of the header says of its column; false when it is none
// of Trade Map's texts.
func (c *headColumn) read(cell string) bool {
	text := indicators.ReplaceAllString(oneLine(cell), "")
	if m := blockName.FindStringSubmatch(text); m != nil {
		partner, rest, joined := cutJoined(m[3])
		c.reporter, c.flow, c.partner = strings.TrimSpace(m[1]), flowOf(m[2]), partner
		if joined {
			c.read(rest)
		}
		return true
	}
	if otherNames.MatchString(text) {
		c.other = true
		return true
	}
	if c.readPeriod(text) {
		return true
	}
	name, unit := cutUnit(text)
	m := measured.FindStringSubmatch(name)
	if m == nil || m[4] != "" && !c.readPeriod(m[4]) {
		return false
	}
	c.measure = strings.ToLower(m[2])
	if flow := flowOf(m[1] + m[3]); flow != "" {
		c.flow = flow
	}
	if unit != "" {
		c.unit = moneyUnit(unit)
	}
	return true
}

// cutJoined splits "Indonesia-Value in 2019", as text downloads write a block's
// name and a column's.
func cutJoined(text string) (block, column string, ok bool) {
	for i, r := range text {
		if r == '-' {
			rest := strings.TrimSpace(text[i+1:])
			if name, _ := cutUnit(rest); measured.MatchString(name) {
				return strings.TrimSpace(text[:i]), rest, true
			}
		}
	}
	return strings.TrimSpace(text), "", false
}

func (c *headColumn) readPeriod(text string) bool {
	m := period.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return false
	}
	c.year, _ = strconv.Atoi(m[1])
	c.month, _ = strconv.Atoi(m[2])
	c.quarterly = m[3] != ""
	return true
}

// cutUnit takes the unit off: "Value in 2019, USD thousand", "Value exported in 2024 (USD thousand)".
func cutUnit(text string) (name, unit string) {
	if open := strings.LastIndexByte(text, '('); open > 0 && strings.HasSuffix(text, ")") {
		return strings.TrimSpace(text[:open]), strings.TrimSpace(text[open+1 : len(text)-1])
	}
	name, unit, _ = strings.Cut(text, ",")
	return strings.TrimSpace(name), strings.TrimSpace(unit)
}

func flowOf(word string) string {
	switch word = strings.ToLower(word); {
	case strings.HasPrefix(word, "import"):
		return "M"
	case strings.HasPrefix(word, "export"):
		return "X"
	}
	return ""
}

var dollars = regexp.MustCompile(`(?i)^(?:in\s+)?(?:(thousands?|millions?)\s+(?:of\s+)?)?(?:US\s*Dollars?|USD|US\$)(?:\s+(thousands?|millions?))?$`)

// moneyUnit writes a unit of US dollars in one way; others stay as they are.
func moneyUnit(text string) string {
	m := dollars.FindStringSubmatch(oneLine(text))
	if m == nil {
		return text
	}
	scale := strings.ToLower(m[1] + m[2])
	switch {
	case strings.HasPrefix(scale, "thousand") && (m[1] == "" || m[2] == ""):
		return "thousand US dollars"
	case strings.HasPrefix(scale, "million") && (m[1] == "" || m[2] == ""):
		return "million US dollars"
	case scale == "":
		return "US dollars"
	}
	return text
}

var (
	titleProducts  = regexp.MustCompile(`(?i)^list of products (imported|exported) by (.+)$`)
	titleMarkets   = regexp.MustCompile(`(?i)^list of (?:importing|supplying) markets for (?:a|the) product (imported|exported) by (.+)$`)
	titleCountries = regexp.MustCompile(`(?i)^list of (importers|exporters) for the selected products?\b`)
	titleBilateral = regexp.MustCompile(`(?i)^bilateral trade between (.+)$`)
	titleServices  = regexp.MustCompile(`(?i)^(?:list of services\b|service\s*:)`)
	titleProduct   = regexp.MustCompile(`(?i)^(?:product|detailed products in the following category)\s*:\s*(.+)$`)
	titleUnit      = regexp.MustCompile(`(?i)^unit\s*:\s*(.*)$`)
	titleSources   = regexp.MustCompile(`(?i)^sources?\s*:\s*(.+)$`)
	titleRevision  = regexp.MustCompile(`(?i)\b(?:HS|harmoni[sz]ed system)\s*(?:rev(?:ision|\.)?\s*)?\(?((?:19|20)\d\d)\)?`)
	titleReported  = regexp.MustCompile(`(?i)^(.+?) (?:have|has) been reported by (.+?)\.?$`)
	titleMirror    = regexp.MustCompile(`(?i)\bmirror (?:data|statistics)\b`)
	titleSuffix    = regexp.MustCompile(`(?i)\s+in (?:19|20)\d\d(?:-[MQ]\d\d?)?$`)
)

// tradeMapTitle reads the lines above the table. It tells whether there is any
// that only Trade Map has, and whether it is of services.
func tradeMapTitle(rows [][]string) (facts tradeMapFacts, titled, services bool) {
	var reported [][]string
	for _, row := range rows[:min(headRows, len(rows))] {
		text := onlyText(row)
		if text == "" {
			continue
		}
		place := func(name string) string { return titleSuffix.ReplaceAllString(name, "") }
		if m := titleProducts.FindStringSubmatch(text); m != nil {
			titled, facts.flow, facts.reporter = true, flowOf(m[1]), place(m[2])
		} else if m := titleMarkets.FindStringSubmatch(text); m != nil {
			titled, facts.flow, facts.reporter = true, flowOf(m[1]), place(m[2])
		} else if m := titleCountries.FindStringSubmatch(text); m != nil {
			titled, facts.flow = true, flowOf(m[1])
		} else if m := titleBilateral.FindStringSubmatch(text); m != nil {
			titled = true
			facts.reporter, facts.partner = bilateralPair(place(m[1]))
		} else if titleServices.MatchString(text) {
			services = true
		} else if m := titleProduct.FindStringSubmatch(text); m != nil && facts.product == "" {
			facts.product = m[1]
		} else if m := titleUnit.FindStringSubmatch(text); m != nil {
			facts.unit = strings.TrimSpace(m[1])
		} else if m := titleSources.FindStringSubmatch(text); m != nil {
			facts.sources = m[1]
			titled = titled || strings.Contains(m[1], "ITC calculations")
		} else if m := titleReported.FindStringSubmatch(text); m != nil {
			reported = append(reported, m[1:])
		} else if titleMirror.MatchString(text) && !perCell(text) {
			yes := true
			facts.mirrored = &yes
		}
		if m := titleRevision.FindStringSubmatch(text); m != nil && facts.revision == "" {
			facts.revision = revisionNamed(m[1])
		}
	}
	if facts.mirrored == nil {
		facts.mirrored = facts.reportedByOthers(reported)
	}
	return facts, titled, services
}

// revisionNamed is the HS revision of a year: "H5" for 2017. Of a year without one it
// is the name, so that the rows are rejected under what the file says.
func revisionNamed(year string) string {
	if revision, ok := schemas.HS().Find(year); ok {
		return revision.ID
	}
	return "HS " + year
}

// perCell tells a line that explains a colour from one that speaks of all values.
func perCell(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "shown in") || strings.Contains(text, "mirror and direct") || strings.Contains(text, "colour") || strings.Contains(text, "color")
}

// reportedByOthers judges by lines such as "Bilateral trade data have been
// reported by China". Lines that name another country's trade don't count.
func (f *tradeMapFacts) reportedByOthers(lines [][]string) *bool {
	for _, line := range lines {
		subject, by := line[0], oneLine(line[1])
		own := strings.HasPrefix(strings.ToLower(subject), "bilateral trade")
		if m := blockOwner.FindStringSubmatch(subject); m != nil {
			own = f.reporter != "" && strings.EqualFold(m[1], f.reporter)
		}
		if own && f.reporter != "" {
			others := !strings.EqualFold(by, f.reporter)
			return &others
		}
	}
	return nil
}

var blockOwner = regexp.MustCompile(`(?i)^(.+?)(?:['’]s|['’])\s+(?:imports|exports)$`)

// bilateralPair splits "Bosnia and Herzegovina and Serbia" where both sides are
// names of countries; nothing when that is at no place or at two.
func bilateralPair(text string) (reporter, partner string) {
	found := 0
	for i := 0; ; {
		next := strings.Index(text[i:], " and ")
		if next < 0 {
			break
		}
		i += next
		left, right := text[:i], text[i+len(" and "):]
		if _, ok := areaNamed(left); ok {
			if _, ok := areaNamed(right); ok {
				reporter, partner = strings.TrimSpace(left), strings.TrimSpace(right)
				found++
			}
		}
		i += len(" and ")
	}
	if found != 1 {
		return "", ""
	}
	return reporter, partner
}

// onlyText is the text of a row that has one cell of text, as titles have.
func onlyText(row []string) string {
	text := ""
	for _, cell := range row {
		if one := oneLine(cell); one != "" {
			if text != "" {
				return ""
			}
			text = one
		}
	}
	return text
}

// tradeMapTable recognises ITC Trade Map in any of its forms. What the lines above
// the table do not say, the settings have to.
func tradeMapTable(f *format, p *Prepared, records [][]string, delimiter rune, s Settings) (*Layout, error) {
	rows, shift := records, 0
	if p.Numbered {
		rows, shift = make([][]string, len(records)), 1
		for i, r := range records {
			rows[i] = r[1:]
		}
	}
	m, err := recogniseTradeMap(rows)
	if m == nil && err == nil {
		err = inOtherLanguage(rows)
	}
	if m == nil || err != nil {
		return nil, err
	}
	t := tableAt(p, records, delimiter, max(m.skip, 1)-1)
	at := map[Column]int{}
	if m.code >= 0 {
		at[ColCode] = m.code + shift
	}
	l := f.layout(t, p, at)
	l.Points = BeforeThousands // its values are whole thousands
	l.Areas, l.RollUp, l.Parts = "name", true, true
	l.Read[ColCode] = []Macro{{Name: "trademap_code"}}
	for _, w := range m.wide {
		l.Wide = append(l.Wide, WideColumn{Index: w.index + shift, Year: w.year, Month: w.month, Flow: w.flow, Reporter: w.reporter, Partner: w.partner})
	}
	if err := l.tradeMapFacts(m, shift, p, s); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *Layout) tradeMapFacts(m *tradeMap, shift int, p *Prepared, s Settings) error {
	for c, name := range map[Column]string{ColReporter: m.facts.reporter, ColPartner: m.facts.partner} {
		if name != "" {
			l.Fixed[c] = name
		}
	}
	switch m.names {
	case namesReporter:
		l.At[ColReporter] = m.label + shift
	case namesPartner:
		l.At[ColPartner] = m.label + shift
	default:
		if _, named := l.Fixed[ColPartner]; !named && m.label < 0 {
			l.Fixed[ColPartner] = FixedArea + "0" // a list of products is that of trade with the World
		}
	}
	if m.facts.flow != "" {
		l.Fixed[ColFlow] = m.facts.flow
	}
	if m.facts.revision != "" {
		l.Fixed[ColRevision] = m.facts.revision
	}
	if code, _, _ := strings.Cut(m.facts.product, " "); m.code < 0 && code != "" { // a list of markets
		l.Fixed[ColCode] = code
	}
	if m.facts.mirrored != nil && *m.facts.mirrored {
		l.Fixed[ColBasis] = "mirrored"
		l.Notes = append(l.Notes, "the lines above the table say that its data are mirror data: reported by the partners")
	} else if m.facts.mirrored == nil && s.Data == "" && p.Kind == "csv" {
		l.Notes = append(l.Notes, "nothing in it tells direct from mirror data; it is taken for direct ('data: mirrored' under files: in entrepot.yaml says otherwise)")
	}
	units := map[string]bool{}
	for _, w := range append([]wideColumn{{unit: m.facts.unit}}, m.wide...) {
		if w.unit != "" {
			units[w.unit] = true
		}
	}
	if len(units) > 1 {
		return refuse("has values in more than one unit: %s", strings.Join(sortedSet(units), ", "))
	}
	l.unit = unit{}
	for text := range units {
		u, err := parseUnit(text)
		if err != nil {
			return refuse("has values in the unit %q, which is no unit of money", text)
		}
		l.unit = u
	}
	return nil
}

func sortedSet(set map[string]bool) []string {
	m := map[string]string{}
	for k := range set {
		m[k] = ""
	}
	return sortedKeys(m)
}

// ITC Trade Map tells where a value comes from only by the tooltip and colour of
// its cell: values of the column basis.
const (
	cellMirror    = "mirror"    // what the partner reported
	cellMixed     = "mixed"     // a group's sum of own and partners' reports
	cellEstimated = "estimated" // by UNCTAD and WTO
	cellPartial   = "partial"   // a group's sum without the members that did not report
)

// cellBasis reads where a value comes from off its cell's tooltip or, when that
// says nothing, its colour.
func cellBasis(title, style string) string {
	title = strings.ToLower(title)
	switch {
	case strings.Contains(title, "mirror and direct"), strings.Contains(title, "direct and mirror"):
		return cellMixed
	case strings.Contains(title, "mirror"):
		return cellMirror
	case strings.Contains(title, "estimated"):
		return cellEstimated
	case strings.Contains(title, "members that did not report"):
		return cellPartial
	case strings.Contains(title, "direct data"):
		return ""
	}
	for declaration := range strings.SplitSeq(strings.ToLower(style), ";") {
		name, colour, _ := strings.Cut(declaration, ":")
		if strings.TrimSpace(name) != "color" {
			continue
		}
		switch strings.TrimSpace(colour) {
		case "goldenrod", "#daa520":
			return cellMirror
		case "blueviolet", "#8a2be2":
			return cellMixed
		case "mediumseagreen", "#3cb371":
			return cellEstimated
		case "orangered", "#ff4500":
			return cellPartial
		}
	}
	return ""
}
