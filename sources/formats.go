package sources

import (
	"slices"
	"strings"

	"entrepot/sources/decode"
)

// A Source is who publishes files. Two sources of one cell never add up.
type Source struct {
	Key       string // as settings and tables name it
	Publisher string // as captions and messages name it
	trust     int    // 1 is believed first, unless the setting source_order says otherwise; 0 comes after all others
	terms     Terms
}

var (
	unComtrade = Source{Key: "comtrade", Publisher: "UN Comtrade", trust: 1, terms: comtradeTerms}
	worldBank  = Source{Key: "wits", Publisher: "World Bank WITS", trust: 2, terms: witsTerms}
	itc        = Source{Key: "itc", Publisher: "ITC Trade Map", trust: 3, terms: itcTerms}
	cepii      = Source{Key: "baci", Publisher: "CEPII BACI", trust: 4, terms: cepiiTerms}
	eurostat   = Source{Key: "comext", Publisher: "Eurostat Comext", trust: 5, terms: eurostatTerms}
	described  = Source{Key: "mapping", Publisher: "files described by hand", terms: unknownTerms}
)

// A format is one way in which a source writes its tables. Everything that differs
// between formats hangs here: how a file is recognised, what it is called, who is
// named under a figure, what is told of a file that is nearly one, and what
// docs/sources.md says. To add a format is to add a row and its reader.
type format struct {
	name   string // the name of a file's format: the kind of file follows, as in "comtrade-csv"
	whole  bool   // nothing follows the name
	source Source
	title  string // of such files, as messages name them

	// names are the columns, by their names as decode.PlainName has them. header are those
	// without which a table is not of the format, as the publisher spells them; a file
	// that has some of them only is told what is missing.
	names  map[string]Column
	header []string
	record string // a field that only such records of an API have; "" for no API
	isJSON bool   // no other file is of the format

	// One of the two: read tries a row of the table as the header, readAll all rows.
	// Both return nil for a table of another format, and a *Refusal for one that is of
	// this format and of no use, or so near to it that the difference can be named.
	read    func(f *format, t Table, p *Prepared, s Settings) (*Layout, error)
	readAll func(f *format, p *Prepared, records [][]string, delimiter rune, s Settings) (*Layout, error)

	about about
}

// about is what docs/sources.md says of a format.
type about struct {
	files, unit string
	recognised  string // "" for the header
	lacks       string // what the file does not say
}

// formats stand in the order in which they are tried.
var formats = []*format{
	{
		name: "comtrade-legacy", source: unComtrade, title: "the JSON of UN Comtrade's API before 2023",
		names: legacyJSONNames, header: []string{"pfCode", "period", "rgCode", "rtCode", "ptCode", "cmdCode", "TradeValue"},
		record: "tradevalue", isJSON: true, read: legacyJSON,
		about: about{files: "before 2023: the API's JSON", unit: "US dollars", lacks: "nothing"},
	},
	{
		name: "comtrade", source: unComtrade, title: "UN Comtrade's CSV",
		names: comtradeNames, header: []string{"reporterCode", "flowCode", "partnerCode", "cmdCode", "primaryValue"},
		record: "primaryvalue", read: comtrade,
		about: about{files: "today: the site's CSV and workbook, the API's JSON, the API's rows saved as CSV, the bulk files", unit: "US dollars",
			lacks: "nothing; a CSV without `classificationCode` needs `revision`"},
	},
	{
		name: "comtrade-legacy", source: unComtrade, title: "UN Comtrade's CSV before 2023",
		names: legacyNames, header: []string{"Classification", "Period", "Trade Flow", "Reporter Code", "Partner Code", "Commodity Code", "Trade Value (US$)"},
		read:  legacyComtrade,
		about: about{files: "before 2023: the site's CSV", unit: "US dollars", lacks: "nothing"},
	},
	{
		name: "comtrade-legacy-bulk", source: unComtrade, title: "UN Comtrade's bulk file before 2023",
		names: legacyBulkNames, header: []string{"Year", "Trade Flow Code", "Reporter Code", "Partner Code", "Classification", "Commodity Code", "Value"},
		read:  legacyBulk,
		about: about{files: "before 2023: the bulk files", unit: "US dollars", lacks: "nothing"},
	},
	{
		name: "baci-countries", whole: true, source: cepii, read: baciCountries,
		about: about{files: "the list of countries", unit: "none", recognised: "`country_code`, `country_name` at the beginning", lacks: "nothing; it is no trade"},
	},
	{
		name: "baci-products", whole: true, source: cepii, read: baciProducts,
		about: about{files: "the list of products", unit: "none", recognised: "`code`, `description` and no other column", lacks: "nothing; it is no trade"},
	},
	{
		name: "baci", source: cepii, title: "CEPII BACI",
		names: baciNames, header: []string{"t", "i", "j", "k", "v"}, read: baci,
		about: about{files: "a year of one HS revision", unit: "thousand US dollars",
			lacks: "the HS revision and that all partners are there, unless it has BACI's own name"},
	},
	{
		name: "wits", source: worldBank, title: "World Bank WITS",
		names: witsNames, header: []string{"ReporterISO3", "ProductCode", "PartnerISO3", "Year", "TradeFlowName", "TradeValue in 1000 USD"}, read: wits,
		about: about{files: "CSV and workbook", unit: "thousand US dollars", recognised: "`TradeValue in 1000 USD`, `Trade Value 1000USD`",
			lacks: "the workbook: the HS revision"},
	},
	{
		name: "comext", source: eurostat, title: "Eurostat Comext",
		names: comextNames, header: []string{"DECLARANT_ISO", "PARTNER_ISO", "PRODUCT_NC", "FLOW", "PERIOD", "VALUE_IN_EUROS"}, read: comextBulk,
		about: about{files: "bulk files (`full202001.dat`)", unit: "euros", recognised: "`VALUE_IN_EUROS`", lacks: "the rates of exchange"},
	},
	{
		name: "comext", source: eurostat, title: "Eurostat Comext of today",
		names: comextNames, header: []string{"REPORTER", "PARTNER", "PRODUCT_NC", "FLOW", "PERIOD", "VALUE_EUR"}, read: comextBulk,
		about: about{files: "bulk files of today (`full_v2_202352.dat`)", unit: "euros", recognised: "`VALUE_EUR`", lacks: "the rates of exchange"},
	},
	{
		name: "comext", source: eurostat, title: "Eurostat's SDMX-CSV",
		names: comextNames, header: []string{"reporter", "partner", "product", "flow", "TIME_PERIOD", "indicators", "OBS_VALUE"}, read: comextSDMX,
		about: about{files: "SDMX-CSV", unit: "euros", recognised: "`OBS_VALUE` and `indicators`", lacks: "the rates of exchange"},
	},
	{
		name: "comext-tsv", whole: true, source: eurostat, names: comextNames, read: comextPivot,
		about: about{files: "TSV", unit: "euros", recognised: "`…\\TIME_PERIOD`", lacks: "the rates of exchange"},
	},
	{
		name: "itc", source: itc, title: "ITC Trade Map",
		header: []string{"Code", "Product label", "Imported value in 2023"}, readAll: tradeMapTable,
		about: about{files: "pages named `.xls`, text, workbooks", unit: "as the lines above the table say",
			recognised: "`Code` or `Product code`, and columns such as `Imported value in 2019`",
			lacks:      "text and edited tables: reporter, flow, unit; all: the HS revision, where the codes fit several"},
	},
}

// mapping is the format of a file of which the settings say which column is what. Such
// a file is tried as nothing else.
var mapping = &format{
	name: "mapping", source: described, read: mapped,
	about: about{files: "anything with a row for each value", unit: "as you say", recognised: "the columns that you name", lacks: "what has no column"},
}

// of is the name of the format of a file of that kind.
func (f *format) of(kind string) string {
	if f.whole {
		return f.name
	}
	return f.name + "-" + kind
}

// layout begins a layout of a table of the format.
func (f *format) layout(t Table, p *Prepared, at map[Column]int) *Layout {
	return &Layout{Format: f.of(p.Kind), Source: f.source.Key, Table: t, At: at, unit: unit{factor: 1, currency: "USD"},
		Read: map[Column][]Macro{}, Fixed: map[Column]string{}}
}

// hasHeader tells whether all columns of the header were found.
func (f *format) hasHeader(at map[Column]int) bool {
	return len(f.missing(at)) == 0
}

// missing lists the names of the header whose columns were not found.
func (f *format) missing(at map[Column]int) []string {
	var missing []string
	for _, name := range f.header {
		if !has(at, f.names[decode.PlainName(name)]) {
			missing = append(missing, name)
		}
	}
	return missing
}

// DefaultOrder lists the sources by trust, the most trusted first. Sources that are not
// in it come after it.
func DefaultOrder() []string {
	var known []Source
	for _, f := range formats {
		if f.source.trust > 0 && !slices.Contains(known, f.source) {
			known = append(known, f.source)
		}
	}
	slices.SortFunc(known, func(a, b Source) int { return a.trust - b.trust })
	var keys []string
	for _, s := range known {
		keys = append(keys, s.Key)
	}
	return keys
}

// Publisher names who published files of a format, such as "wits-csv", for captions;
// an unknown format stands for itself.
func Publisher(name string) string {
	if f := formatOf(name); f != nil {
		return f.source.Publisher
	}
	return name
}

// formatOf is the format of files of that name; nil when it is none of today.
func formatOf(name string) *format {
	for _, f := range append(slices.Clone(formats), mapping) {
		if name == f.name || strings.HasPrefix(name, f.name+"-") {
			return f
		}
	}
	return nil
}

// answers is what the answers of APIs look like.
func answers() *decode.Answers {
	a := comtradeAnswers
	for _, f := range formats {
		if f.record == "" {
			continue
		}
		form := decode.RecordForm{Sign: f.record}
		for name := range f.names {
			form.Fields = append(form.Fields, name)
		}
		a.Records = append(slices.Clip(a.Records), form)
	}
	return &a
}

// nearest names the format whose header a row has most of, and the first name that it
// lacks. found is how many it has.
func nearest(record []string, isJSON bool) (title, lacks string, found int) {
	for _, f := range formats {
		if f.isJSON && !isJSON {
			continue
		}
		n, missing := 0, ""
		for _, name := range f.header {
			if slices.ContainsFunc(record, func(h string) bool { return decode.PlainName(h) == decode.PlainName(name) }) {
				n++
			} else if missing == "" {
				missing = name
			}
		}
		if n > found {
			title, lacks, found = f.title, missing, n
		}
	}
	return title, lacks, found
}
