package schemas

// Type is the type of a published column, named as DuckDB names it.
type Type string

// The types that published columns have. Money is computed as DECIMAL(18,3) and
// published as DOUBLE, which holds every amount below 9 trillion dollars to the
// tenth of a cent and which every reader can calculate with as it is.
const (
	SmallInt Type = "SMALLINT"
	Integer  Type = "INTEGER"
	Double   Type = "DOUBLE"
	Boolean  Type = "BOOLEAN"
	Text     Type = "VARCHAR"
)

// Column is one column of a published table.
type Column struct {
	Name        string
	Type        Type
	Unit        string // "US dollars", "share of 1", "codes"; "" for a key or a flag
	Description string
	Nullable    bool

	Kind     Kind   // what its codes are of; "" when it has none, or none that are named
	Revision string // of codes of goods: the column that says their HS revision; "" for hs_revision
	NameOf   string // the column whose codes it names; "" for what SQL makes
}

// Columns that several outputs share.
var (
	year            = Column{Name: "year", Type: SmallInt, Unit: "calendar year", Description: "Year of the trade."}
	reporter        = Column{Name: "reporter", Type: SmallInt, Kind: Areas, Description: "M49 code, as Comtrade uses it, of the country whose trade is measured."}
	reportedBy      = Column{Name: "reporter", Type: SmallInt, Kind: Areas, Description: "M49 code, as Comtrade uses it, of the country that reported."}
	flow            = Column{Name: "flow", Type: Text, Description: "M is imports, X is exports."}
	sector          = Column{Name: "sector", Type: Text, Kind: Sectors, Description: "Sector of the list in use."}
	codeSector      = Column{Name: "sector", Type: Text, Kind: Sectors, Nullable: true, Description: "Sector of the list in use; null when no sector lists the code."}
	hsRevision      = Column{Name: "hs_revision", Type: Text, Description: "HS revision in which codes are counted, from " + HS().Span() + "."}
	codeBasis       = Column{Name: "code_basis", Type: Text, Description: "How codes were made comparable: the revision converted to, families or as-reported, and the conversion used."}
	worldMode       = Column{Name: "world", Type: Text, Description: "World exports are 'reported', or 'mirrored': missing reporters are filled in from their partners' imports."}
	valueCover      = Column{Name: "value_coverage", Type: Double, Unit: "share of 1", Description: "Exports of the reporters that are there, over these and what the missing ones exported in the year nearest to this."}
	lowCover        = Column{Name: "low_coverage", Type: Boolean, Description: "value_coverage is below min_coverage: world exports of the year are not comparable with those of other years."}
	mirroredN       = Column{Name: "reporters_mirrored", Type: SmallInt, Unit: "reporters", Description: "Missing reporters that were filled in from their partners' imports."}
	unreached       = codes("codes_unreached", "Of the codes listed, codes that no code of a revision in use comes to in the year; they are out of the denominator (see unreached_codes).")
	partial         = Column{Name: "partial", Type: Boolean, Description: "The files cover less than min_product_coverage of the sector's codes: the figures are those of a part of it. See product_coverage."}
	hs6             = Column{Name: "hs6", Type: Text, Kind: Goods, Description: "Six-digit HS code, with its leading zeros."}
	reported        = Column{Name: "reporter_reported", Type: Boolean, Description: "Whether the reporter has data for the flow or flows and year; when false, the measure is null, not zero."}
	splitUSD        = Column{Name: "split_usd", Type: Double, Unit: "US dollars", Description: "Part of the values in this row that crossed a split of an older HS code into several newer ones, and so is an estimate; split_basis says of what."}
	splitBasis      = Column{Name: "split_basis", Type: Text, Nullable: true, Description: "Whose trade in the newer codes the shares of split codes are made of: 'own' that of the same reporter and flow in years that it reported in the newer revision, 'world' that of all reporters, 'equal' nobody's; several with commas between, null when nothing was split. See revisions.md."}
	reporters       = Column{Name: "reporters", Type: SmallInt, Unit: "reporters", Description: "Reporters with exports to World in the year."}
	mostEver        = Column{Name: "reporters_most", Type: SmallInt, Unit: "reporters", Description: "Reporters with exports to World in the year that has most of them."}
	coverage        = Column{Name: "coverage", Type: Double, Unit: "share of 1", Description: "reporters over reporters_most: how complete the year is."}
	importsReported = Column{Name: "reporter_reported", Type: Boolean, Description: "Whether the reporter has imports of the year, in HS-6 codes or in headings or chapters; when false, the measure is null, not zero."}
	goods           = Column{Name: "sector", Type: Text, Kind: Sectors, Description: "Sector of the list in use, or group of products (products)."}
	isProductGroup  = Column{Name: "is_product_group", Type: Boolean, Description: "Whether it is a group of products, which stands beside the sectors: its codes may be in sectors, too."}
)

var (
	bothCovered      = coveredCodes("imports and exports both")
	headingsCovered  = coveredCodes("imports, in their own rows or in the row of their heading or chapter,")
	headingsPartial  = Column{Name: "partial", Type: Boolean, Description: "The files cover less than min_product_coverage of the sector's codes, by their own rows or by those of headings or chapters: the figures are those of a part of it."}
	levelOfSector    = Column{Name: "level", Type: SmallInt, Unit: "digits", Description: "6 when the values are sums of HS-6 codes; 4 or 2 when the file's own row of a heading or chapter gives all or some of them."}
	exportsCovered   = coveredCodes("the reporter's exports")
	monthCovered     = coveredCodes("the flows that the month has")
	codeCovered      = Column{Name: "covered", Type: Boolean, Description: "False when the reporter reported the year and its files do not tell whether it exports the code, which then counts nowhere."}
	counted          = Column{Name: "reached", Type: Boolean, Description: "False when the code counts nowhere: a part of the year's data was converted from a revision of which no code comes to this one, or the code is not covered."}
	exportersUnknown = Column{Name: "exporters_unknown", Type: SmallInt, Unit: "reporters", Nullable: true, Description: "Reporters with exports of the year whose files do not cover the code: their exports of it are missing in world exports. Null for a code that no sector lists."}
	reportersCovered = Column{Name: "reporters_covered", Type: SmallInt, Unit: "reporters", Description: "Of reporters, those whose files cover at least min_product_coverage of the sector's codes; with too few of them the row is partial."}
)

var (
	checkName   = Column{Name: "check_name", Type: Text, Description: "The check, as the setting 'checks' names it."}
	severity    = Column{Name: "severity", Type: Text, Description: "warn or fail: with fail, a finding keeps the release from being published."}
	mirroredUSD = usd("mirrored_usd", "Part of world_exports_usd that is filled in from partners' imports.")
	otherUSD    = usd("other_revision_usd", "Part of world_exports_usd that was reported in another HS revision than the row's; 0 unless codes are counted as reported.")
	reached     = Column{Name: "reached", Type: Boolean, Description: "False when a part of the year's data was converted from a revision of which no code comes to this one: its world exports are not whole."}
)

func usd(name, description string) Column {
	return Column{Name: name, Type: Double, Unit: "US dollars", Description: description}
}

func usdOrNull(name, description string) Column {
	c := usd(name, description)
	c.Nullable = true
	return c
}

func share(name, description string) Column {
	return Column{Name: name, Type: Double, Unit: "share of 1", Nullable: true, Description: description}
}

func codes(name, description string) Column {
	return Column{Name: name, Type: Integer, Unit: "codes", Description: description}
}

func codesOrNull(name, description string) Column {
	c := codes(name, description)
	c.Nullable = true
	return c
}

// coveredCodes are the columns that say how many of a sector's codes its figures are made of.
func coveredCodes(flows string) []Column {
	return []Column{
		codes("codes_covered", "Of the codes listed, codes that the files cover: "+flows+" are known, be they zero."),
		codes("codes_unknown", "Codes that they do not cover: no row, and nothing that shows them to be zero."),
	}
}

// orAll is the column of a sector, or of a sum over sectors; no sector may be called
// as the sum.
func orAll(description string) Column {
	return Column{Name: "sector", Type: Text, Kind: Sectors, Description: description}
}

func flag(name, description string) Column {
	return Column{Name: name, Type: Boolean, Nullable: true, Description: description}
}

func groupShareColumns() []Column {
	return []Column{
		usdOrNull("imports_usd", "Imports from World."),
		usdOrNull("partner_imports_usd", "Imports from all partners that the files list one by one; null when they list none."),
		usdOrNull("group_imports_usd", "Imports from the members of the group; null when the files list no partners."),
		share("group_share", "group_imports_usd over imports_usd."),
		share("partner_coverage", "partner_imports_usd over imports_usd: below 1, group_share is a lower bound."),
		splitUSD, splitBasis,
	}
}

// sharedColumns are those that need no description where a user's measure has them.
func sharedColumns() []Column {
	return []Column{year, reporter, flow, sector, hs6, hsRevision, codeBasis, reported, worldMode, valueCover, lowCover, partial, splitUSD, splitBasis}
}

// Shared is a column that has the same meaning in every table that has it.
func Shared(name string) (Column, bool) {
	for _, c := range sharedColumns() {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// SharedNames lists the columns of which Shared knows the meaning.
func SharedNames() []string {
	var all []string
	for _, c := range sharedColumns() {
		all = append(all, c.Name)
	}
	return all
}
