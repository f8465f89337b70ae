package schemas

import (
	"fmt"
	"strings"
)

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
}

// Output is one published Parquet table.
type Output struct {
	Name        string // of the transform that makes it, and of the file
	Title       string
	Description string
	Figure      string // the published figure behind which it stands, or ""
	Columns     []Column
	SortBy      []string // the key; unique together
}

// Lookup returns the output of that name.
func Lookup(name string) (Output, error) {
	for _, o := range Outputs() {
		if o.Name == name {
			return o, nil
		}
	}
	return Output{}, fmt.Errorf("no output is called %q", name)
}

// Columns that several outputs share.
var (
	year       = Column{Name: "year", Type: SmallInt, Unit: "calendar year", Description: "Year of the trade."}
	reporter   = Column{Name: "reporter", Type: SmallInt, Description: "M49 code, as Comtrade uses it, of the country whose trade is measured."}
	sector     = Column{Name: "sector", Type: Text, Description: "Sector of the list in use."}
	codeSector = Column{Name: "sector", Type: Text, Nullable: true, Description: "Sector of the list in use; null when no sector lists the code."}
	hsRevision = Column{Name: "hs_revision", Type: Text, Description: "HS revision in which codes are counted: " + HS().Listed().sentence() + "."}
	codeBasis  = Column{Name: "code_basis", Type: Text, Description: "How codes were made comparable: the revision converted to, families or as-reported, and the conversion used."}
	worldMode  = Column{Name: "world", Type: Text, Description: "World exports are 'reported', or 'mirrored': missing reporters are filled in from their partners' imports."}
	valueCover = Column{Name: "value_coverage", Type: Double, Unit: "share of 1", Description: "Exports of the reporters that are there, over these and what the missing ones exported in the year nearest to this."}
	lowCover   = Column{Name: "low_coverage", Type: Boolean, Description: "coverage or value_coverage is below min_coverage: world exports of the year are not comparable with those of other years."}
	mirroredN  = Column{Name: "reporters_mirrored", Type: SmallInt, Unit: "reporters", Description: "Missing reporters that were filled in from their partners' imports."}
	unreached  = codes("codes_unreached", "Of the codes listed, codes that no code of a revision in use comes to in the year; they are out of the denominator (see unreached_codes).")
	hs6        = Column{Name: "hs6", Type: Text, Description: "Six-digit HS code, with its leading zeros."}
	reported   = Column{Name: "reporter_reported", Type: Boolean, Description: "Whether the reporter has data for the flow or flows and year; when false, the measure is null, not zero."}
	splitUSD   = Column{Name: "split_usd", Type: Double, Unit: "US dollars", Description: "Part of the values in this row that crossed a split of an older HS code into several newer ones, and so rests on the rule of equal shares."}
	reporters  = Column{Name: "reporters", Type: SmallInt, Unit: "reporters", Description: "Reporters with exports to World in the year."}
	mostEver   = Column{Name: "reporters_most", Type: SmallInt, Unit: "reporters", Description: "Reporters with exports to World in the year that has most of them."}
	coverage   = Column{Name: "coverage", Type: Double, Unit: "share of 1", Description: "reporters over reporters_most: how complete the year is."}
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

// orAll is the column of a sector, or of a sum over sectors; no sector may be called
// as the sum.
func orAll(description string) Column {
	return Column{Name: "sector", Type: Text, Description: description}
}

func flag(name, description string) Column {
	return Column{Name: name, Type: Boolean, Nullable: true, Description: description}
}

// Outputs lists the published tables, in the order in which the docs describe them.
func Outputs() []Output {
	return []Output{
		{
			Name: "import_dependence", Figure: "Figure 14",
			Title:       "Import dependence by sector and year",
			Description: "Share of a sector's traded codes of which the reporter imports at least ratio times as much as it exports.",
			SortBy:      []string{"sector", "year"},
			Columns: []Column{
				sector, year, hsRevision, codeBasis, reporter, reported,
				codes("codes_listed", "Codes that the sector lists."), unreached,
				codesOrNull("codes_traded", "Of these, codes that the reporter imports or exports: the denominator."),
				codesOrNull("codes_dependent", "Of these, codes with imports at least ratio times exports: the numerator."),
				share("dependent_share", "codes_dependent over codes_traded."),
				usdOrNull("imports_usd", "Imports from World of the sector's codes."),
				usdOrNull("exports_usd", "Exports to World of the sector's codes."),
				splitUSD,
			},
		},
		{
			Name: "import_dependence_hs6", Figure: "Figure 14",
			Title:       "Import dependence by HS-6 code and year",
			Description: "The evidence under import_dependence: one row for each code that a sector lists or the reporter trades.",
			SortBy:      []string{"year", "hs_revision", "hs6"},
			Columns: []Column{
				year, hs6, codeSector, hsRevision, reporter,
				usd("imports_usd", "Imports from World; 0 when the reporter reported the year and no imports of the code."),
				usd("exports_usd", "Exports to World; 0 when the reporter reported the year and no exports of the code."),
				{Name: "import_export_ratio", Type: Double, Unit: "ratio", Nullable: true, Description: "imports_usd over exports_usd; null when exports are 0."},
				flag("ratio_is_infinite", "True when there are imports and no exports."),
				flag("traded", "Imports or exports are above 0."),
				flag("dependent", "Imports are above 0 and at least ratio times exports."),
				splitUSD,
			},
		},
		{
			Name: "dominance", Figure: "Figure 27",
			Title:       "Dominance by sector and year",
			Description: "Share of a sector's codes with world exports of which the reporter's exports exceed the threshold of world exports.",
			SortBy:      []string{"sector", "year"},
			Columns: []Column{
				sector, year, hsRevision, codeBasis, reporter, reported,
				codes("codes_listed", "Codes that the sector lists."), unreached,
				codes("codes_exported", "Of the codes listed, codes with world exports and within reach: the denominator."),
				codesOrNull("codes_dominated", "Of these, codes of which the reporter's share of world exports exceeds the threshold: the numerator."),
				share("dominated_share", "codes_dominated over codes_exported."),
				worldMode, reporters, mostEver, coverage, valueCover, lowCover, mirroredN,
				share("mirrored_share", "Part of the sector's world exports that is filled in."),
				splitUSD,
			},
		},
		{
			Name: "dominance_hs6", Figure: "Figure 27",
			Title:       "Dominance by HS-6 code and year",
			Description: "The evidence under dominance: one row for each code with world exports.",
			SortBy:      []string{"year", "hs_revision", "hs6"},
			Columns: []Column{
				year, hs6, codeSector, hsRevision, reporter,
				usdOrNull("exports_usd", "The reporter's exports to World; null when it has not reported the year."),
				usd("world_exports_usd", "Sum over reporters of exports to World."),
				share("export_share", "exports_usd over world_exports_usd."),
				flag("dominated", "export_share exceeds the threshold; null for a code that is not reached."),
				reached,
				{Name: "exporters", Type: SmallInt, Unit: "reporters", Description: "Reporters with exports of the code above 0."},
				mirroredUSD, otherUSD, splitUSD, lowCover,
			},
		},
		{
			Name: "export_share", Figure: "Figure 26",
			Title:       "Share of world exports by sector and year",
			Description: "The reporter's exports of a sector over world exports of it, in values, beside two comparators.",
			SortBy:      []string{"sector", "year"},
			Columns: []Column{
				sector, year, hsRevision, codeBasis, reporter, reported,
				usdOrNull("exports_usd", "The reporter's exports to World of the sector's codes."),
				usd("world_exports_usd", "Sum over reporters of exports to World of the sector's codes."),
				share("export_share", "exports_usd over world_exports_usd."),
				share("manufactures_export_share", "The same share over all manufactured goods: SITC sections 5 to 8 without division 68."),
				share("unlisted_manufactures_export_share", "The same share over manufactured goods that no sector lists."),
				worldMode, reporters, mostEver, coverage, valueCover, lowCover, mirroredN,
				share("mirrored_share", "Part of the sector's world exports that is filled in."),
				splitUSD,
			},
		},
		{
			Name: "export_share_hs6", Figure: "Figure 26",
			Title:       "Share of world exports by HS-6 code and year",
			Description: "The evidence under export_share: one row for each code with world exports.",
			SortBy:      []string{"year", "hs_revision", "hs6"},
			Columns: []Column{
				year, hs6, codeSector, hsRevision, reporter,
				{Name: "manufactured", Type: Boolean, Description: "Whether the code is a manufactured good: SITC sections 5 to 8 without division 68."},
				usdOrNull("exports_usd", "The reporter's exports to World; null when it has not reported the year."),
				usd("world_exports_usd", "Sum over reporters of exports to World."),
				share("export_share", "exports_usd over world_exports_usd."),
				mirroredUSD, otherUSD, splitUSD, reached, lowCover,
			},
		},
		{
			Name: "partner_group_share", Figure: "Table 7",
			Title:       "Partner group's share of imports by sector and year",
			Description: "Imports from the members of the partner group over imports from World.",
			SortBy:      []string{"sector", "year"},
			Columns: append([]Column{sector, year, hsRevision, codeBasis, reporter,
				{Name: "partner_group", Type: Text, Description: "The group of partners, such as OECD."},
				{Name: "group_members", Type: SmallInt, Unit: "areas", Description: "Members of the group in the year, one for each country."},
				reported}, groupShareColumns()...),
		},
		{
			Name: "partner_group_share_hs6", Figure: "Table 7",
			Title:       "Partner group's share of imports by HS-6 code and year",
			Description: "The evidence under partner_group_share: one row for each code that the reporter imports.",
			SortBy:      []string{"year", "hs_revision", "hs6"},
			Columns: append([]Column{year, hs6, codeSector, hsRevision, reporter,
				{Name: "partner_group", Type: Text, Description: "The group of partners, such as OECD."}}, groupShareColumns()...),
		},
		{
			Name: "import_dependence_sensitivity", Figure: "Figure 14",
			Title:       "Import dependence over a grid of ratios",
			Description: "Import dependence at the ratios 1, 1.5, 2, 3 and 5 and at the one in use, counted and weighted by imports.",
			SortBy:      []string{"sector", "year", "ratio"},
			Columns: []Column{
				sector, year, hsRevision, codeBasis, reporter,
				{Name: "ratio", Type: Double, Unit: "ratio", Description: "A code is dependent when its imports are at least so many times its exports."},
				{Name: "in_use", Type: Boolean, Description: "Whether this is the ratio of import_dependence (dependence_ratio)."},
				reported,
				codesOrNull("codes_traded", "Codes of the sector that the reporter imports or exports."),
				codesOrNull("codes_dependent", "Of these, codes that are dependent at this ratio."),
				share("dependent_share", "codes_dependent over codes_traded."),
				usdOrNull("imports_usd", "Imports from World of the sector's codes."),
				usdOrNull("dependent_imports_usd", "Imports from World of the dependent codes."),
				share("dependent_imports_share", "dependent_imports_usd over imports_usd: import dependence weighted by value."),
				codesOrNull("codes_near", "Codes with imports and exports whose ratio is from 0.95 to 1.05 times this one: they would change sides if values changed by a little."),
				splitUSD,
			},
		},
		{
			Name: "dominance_sensitivity", Figure: "Figure 27",
			Title:       "Dominance over a grid of shares",
			Description: "Dominance at the shares 20, 30, 40 and 50 % and at the one in use, counted and weighted by world exports.",
			SortBy:      []string{"sector", "year", "share"},
			Columns: []Column{
				sector, year, hsRevision, codeBasis, reporter,
				{Name: "share", Type: Double, Unit: "share of 1", Description: "A code is dominated when the reporter's share of world exports exceeds it."},
				{Name: "in_use", Type: Boolean, Description: "Whether this is the share of dominance (dominance_share)."},
				reported,
				codes("codes_exported", "Codes of the sector with world exports and within reach."),
				codesOrNull("codes_dominated", "Of these, codes that are dominated at this share."),
				share("dominated_share", "codes_dominated over codes_exported."),
				usd("world_exports_usd", "World exports of the codes that codes_exported counts."),
				usdOrNull("dominated_world_exports_usd", "World exports of the dominated codes."),
				share("dominated_world_exports_share", "dominated_world_exports_usd over world_exports_usd: dominance weighted by the size of the codes' markets."),
				codesOrNull("codes_near", "Codes whose share of world exports is from 0.95 to 1.05 times this one: they would change sides if values changed by a little."),
				lowCover, splitUSD,
			},
		},
		{
			Name: "vulnerabilities", Figure: "Table 7",
			Title:       "Vulnerabilities by HS-4 heading",
			Description: "One row for each HS-4 heading that the reporter trades: imports against exports and the partner group's share of imports in the last year, the change of imports since the first, and a class. Headings are sums of HS-6 codes in the code set in use; the classes' thresholds are entrepot's own.",
			SortBy:      []string{"hs4"},
			Columns: []Column{
				{Name: "hs4", Type: Text, Description: "Four-digit HS heading, with its leading zeros: the first digits of the codes that it adds up."},
				hsRevision, codeBasis, reporter,
				{Name: "partner_group", Type: Text, Description: "The group of partners, such as OECD."},
				{Name: "sectors", Type: Text, Nullable: true, Description: "Sectors that list codes of the heading; null when none does."},
				codes("codes_listed", "Codes of the heading that sectors list."),
				{Name: "first_year", Type: SmallInt, Unit: "calendar year", Description: "First of the years in use in which the reporter has imports."},
				{Name: "year", Type: SmallInt, Unit: "calendar year", Description: "Last of the years in use in which the reporter has imports and exports: the year of all values but first_imports_usd."},
				usd("first_imports_usd", "Imports from World in the first year."),
				usd("imports_usd", "Imports from World in the last year."),
				usd("exports_usd", "Exports to World in the last year."),
				usd("listed_imports_usd", "Part of imports_usd in codes that sectors list."),
				{Name: "import_export_ratio", Type: Double, Unit: "ratio", Nullable: true, Description: "imports_usd over exports_usd; null when exports are 0."},
				flag("ratio_is_infinite", "True when there are imports and no exports."),
				usdOrNull("partner_imports_usd", "Imports from all partners that the files list one by one; null when they list none."),
				usdOrNull("group_imports_usd", "Imports from the members of the group; null when the files list no partners."),
				share("group_share", "group_imports_usd over imports_usd."),
				share("partner_coverage", "partner_imports_usd over imports_usd: below 1, group_share is a lower bound."),
				share("imports_change", "imports_usd less first_imports_usd, over first_imports_usd: 0.5 is half as much again; null when the first year has none, or is the last."),
				{Name: "class", Type: Text, Nullable: true, Description: "severe, high, easing or none, by the settings vulnerability_…; null when the ratio is high and the group's share is not known."},
				codes("codes_unreached", "Codes of the heading that no code of the revision comes to that the reporter used in the first or the last year: their trade is under other headings."),
				splitUSD,
			},
		},
		{
			Name: "ratings", Figure: "Tables 5 and 10",
			Title:       "Ratings by sector and year",
			Description: "Each sector's import dependence and global competitiveness as strong, mixed or weak.",
			SortBy:      []string{"sector", "year"},
			Columns: []Column{
				sector, year, hsRevision, codeBasis, reporter,
				share("dependent_share", "Share of the sector's traded codes that are import-dependent; see import_dependence."),
				{Name: "dependence_rating", Type: Text, Nullable: true, Description: "strong below 10 %, weak above 30 %, mixed from the one to the other (rating_strong_dependence, rating_weak_dependence); null without data."},
				share("export_share", "The reporter's share of world exports of the sector, in values; see export_share."),
				share("dominated_share", "Share of the sector's codes that the reporter dominates; see dominance."),
				{Name: "top_ten_firms", Type: SmallInt, Unit: "firms", Nullable: true, Description: "Firms of the reporter among the world's ten largest by revenue or capacity, as the table 'firms' says; null when it does not."},
				{Name: "competitiveness_rating", Type: Text, Nullable: true, Description: "strong when export_share exceeds 20 % and top_ten_firms is 1 or more; weak when export_share and dominated_share are below 10 %; else mixed; unknown when export_share exceeds 20 % and top_ten_firms is null; null without data."},
				lowCover,
			},
		},
		{
			Name: "partner_trend", Figure: "Figure 7",
			Title:       "Imports from one partner by sector and year",
			Description: "The reporter's imports from one partner beside its imports from World: by sector, for all codes that a sector lists (all_sectors) and for all codes (all_codes).",
			SortBy:      []string{"sector", "year"},
			Columns: []Column{
				orAll("Sector of the list in use; all_sectors is every code that a sector lists, all_codes every code."), year, hsRevision, codeBasis, reporter,
				{Name: "partner", Type: SmallInt, Description: "M49 code, as Comtrade uses it, of the partner."},
				reported,
				{Name: "partner_reported", Type: Boolean, Description: "Whether the files have imports of the year from the partner; when false, imports from it are null, not zero."},
				usdOrNull("from_partner_usd", "Imports from the partner."),
				usdOrNull("imports_usd", "Imports from World."),
				share("partner_share", "from_partner_usd over imports_usd."),
				splitUSD,
			},
		},
		{
			Name: "high_tech_monthly", Figure: "Figure 15",
			Title:       "High-tech imports and exports by month",
			Description: "The reporter's trade with World in high-tech sectors, from monthly files alone. Months that the files do not have are no rows.",
			SortBy:      []string{"sector", "year", "month"},
			Columns: []Column{
				orAll("Sector of the list in use (high_tech_sectors); all_sectors is the sum of these."), year,
				{Name: "month", Type: SmallInt, Unit: "calendar month", Description: "Month of the trade, from 1 to 12."},
				hsRevision, codeBasis, reporter,
				{Name: "months_reported", Type: SmallInt, Unit: "months", Description: "Months of the year that the files have: below 12, sums of months are no year."},
				usdOrNull("imports_usd", "Imports from World; null when the month has no imports of any code."),
				usdOrNull("exports_usd", "Exports to World; null when the month has no exports of any code."),
				usdOrNull("balance_usd", "exports_usd less imports_usd."),
				splitUSD,
			},
		},
		{
			Name: "market_share", Figure: "Figures 17 and 18",
			Title:       "Imports as a share of the market by sector and year",
			Description: "The reporter's imports of a sector over the size of its market there, for the sectors and years of the table 'markets'.",
			SortBy:      []string{"sector", "year"},
			Columns: []Column{
				sector, year,
				{Name: "hs_revision", Type: Text, Nullable: true, Description: "HS revision in which codes are counted; null in a year that the data do not have."},
				codeBasis, reporter, reported,
				usdOrNull("imports_usd", "Imports from World of the sector's codes."),
				usd("market_usd", "Size of the market, as the table 'markets' says."),
				share("import_share", "imports_usd over market_usd; above 1 when imports are for more than the market, such as for re-export."),
				{Name: "source", Type: Text, Description: "Where the size of the market is from, as the table says."},
				splitUSD,
			},
		},
		{
			Name: "group_exports", Figure: "Figure 33",
			Title:       "Exports of several exporters by sector and year",
			Description: "Exports to World of a sector's codes from the exporters asked for. A group such as the EU is one exporter, without the trade between its members.",
			SortBy:      []string{"sector", "year", "exporter"},
			Columns: []Column{
				sector, year, codeBasis,
				{Name: "exporter", Type: Text, Description: "ISO-3 code of the country, or the name of the group."},
				{Name: "exporter_name", Type: Text, Description: "Name of the country or the group."},
				{Name: "is_group", Type: Boolean, Description: "Whether the exporter is a group of countries."},
				{Name: "members", Type: SmallInt, Unit: "areas", Description: "Members of the group in the year, one for each country; 1 for a country."},
				{Name: "members_reported", Type: SmallInt, Unit: "areas", Description: "Of these, members with exports to World in the year."},
				{Name: "members_with_partners", Type: SmallInt, Unit: "areas", Nullable: true, Description: "Of these, members whose exports of the sector the files list by partner, too, or that export none: the trade with other members is known. Null for a country."},
				usdOrNull("gross_exports_usd", "Exports to World of the members that reported, with the trade between members; null when none did."),
				usdOrNull("internal_usd", "Exports of members_with_partners to members of the group; null when there are none."),
				usdOrNull("exports_usd", "gross_exports_usd less internal_usd; null when members_with_partners is below members_reported, because the trade between members is not known."),
				share("partner_coverage", "Exports that the files list by partner over gross_exports_usd: below 1, exports_usd is an upper bound. Null for a country."),
				splitUSD,
			},
		},
		{
			Name:        "coverage",
			Title:       "Coverage of world exports by year",
			Description: "How many reporters are there, which large ones are missing, and how much of world exports is filled in.",
			SortBy:      []string{"year"},
			Columns: []Column{
				year, reporters, mostEver, coverage,
				{Name: "reporters_missing", Type: SmallInt, Unit: "reporters", Description: "Reporters with exports in another year that are missing in this one; see missing_reporters."},
				valueCover,
				{Name: "largest_missing", Type: SmallInt, Unit: "reporters", Description: "Of these, reporters among the twenty largest exporters."},
				{Name: "largest_missing_share", Type: Double, Unit: "share of 1", Description: "Sum of the shares of world exports that they had in the year nearest to this."},
				{Name: "largest_missing_names", Type: Text, Description: "Their names, each with its share and the year of it."},
				lowCover, worldMode, mirroredN,
				share("mirrored_share", "Part of world exports that is filled in."),
				usd("world_exports_usd", "World exports of all codes that the files have, as the measures use them."),
				{Name: "eu_internal", Type: Text, Description: "Whether the trade between members of the EU is 'in' world exports or 'out'."},
				usd("eu_internal_usd", "Exports between members of the EU that were taken off."),
			},
		},
		{
			Name:        "missing_reporters",
			Title:       "Missing reporters by year",
			Description: "One row for each reporter that has exports in another year and none in this one.",
			SortBy:      []string{"year", "missing_reporter"},
			Columns: []Column{
				year,
				{Name: "missing_reporter", Type: SmallInt, Description: "M49 code of the reporter that is missing."},
				{Name: "iso3", Type: Text, Description: "Its ISO-3 code; empty for what has none."},
				{Name: "name", Type: Text, Description: "Its name."},
				{Name: "nearest_year", Type: SmallInt, Unit: "calendar year", Description: "The last year before in which it reported exports, or else the first one after."},
				usd("nearest_exports_usd", "Its exports to World in that year."),
				{Name: "nearest_export_share", Type: Double, Unit: "share of 1", Description: "Its share of reported world exports in that year."},
				{Name: "size_rank", Type: SmallInt, Description: "Its place among the exporters that are there and the missing ones; 1 is the largest."},
			},
		},
		{
			Name:        "families",
			Title:       "Families of HS codes",
			Description: "Codes that the conversion links connect over the revisions of the years in use; harmonize: families counts each as one code. A code that stays as it is through all of them is a family of its own and is not listed.",
			SortBy:      []string{"family"},
			Columns: []Column{
				{Name: "family", Type: Text, Description: "The family's code of the oldest revision in use, to which all others come."},
				hsRevision,
				{Name: "sector", Type: Text, Nullable: true, Description: "The sector that lists more than half of members_judged, and at least half of them in each revision; null when none does."},
				codes("members", "Codes of all revisions in use that belong to it, one for each revision and code."),
				{Name: "revisions", Type: SmallInt, Unit: "revisions", Description: "Revisions that have a member."},
				codes("members_judged", "Members in revisions that the sector list has."),
				codes("members_listed", "Of these, members that a sector lists."),
				{Name: "members_by_sector", Type: Text, Description: "The sectors that list members, each with how many."},
				{Name: "straddles", Type: Boolean, Description: "Some members are listed, but not all in one sector: the family's sector is a decision by majority."},
				{Name: "codes", Type: Text, Description: "The members."},
			},
		},
		{
			Name:        "unreached_codes",
			Title:       "Codes with zeros that are not zeros of trade",
			Description: "Codes that no code of a revision in use in the year comes to; they leave that year's denominators.",
			SortBy:      []string{"year", "hs6", "from_revision"},
			Columns: []Column{
				year, hs6, hsRevision,
				{Name: "from_revision", Type: Text, Description: "The revision in which data came and of which no code comes to this one."},
				{Name: "from_reporters", Type: SmallInt, Unit: "reporters", Description: "Reporters that used that revision in the year."},
				{Name: "own", Type: Boolean, Description: "The reporter whose trade is measured is one of them."},
			},
		},
		{
			Name:        "checks",
			Title:       "Quality checks",
			Description: "One row for each check that is on. A check that examined nothing has nothing to say.",
			SortBy:      []string{"check_name"},
			Columns: []Column{
				checkName, severity,
				{Name: "examined", Type: Integer, Unit: "cells", Description: "Sums, rows or years that were compared."},
				{Name: "findings", Type: Integer, Unit: "cells", Description: "Of these, the ones that the check found fault with."},
				{Name: "passed", Type: Boolean, Description: "findings is 0."},
				usdOrNull("largest_difference_usd", "The largest difference between the two values compared; null when the check compares none."),
			},
		},
		{
			Name:        "check_findings",
			Title:       "Findings of the quality checks",
			Description: "What each check found fault with, the largest differences first, at most a thousand of each check.",
			SortBy:      []string{"check_name", "finding"},
			Columns: []Column{
				checkName,
				{Name: "finding", Type: Integer, Unit: "rank", Description: "Its place among the check's findings; 1 has the largest difference."},
				severity,
				{Name: "year", Type: SmallInt, Unit: "calendar year", Nullable: true, Description: "Year of the trade."},
				{Name: "reporter", Type: SmallInt, Nullable: true, Description: "M49 code of the reporter."},
				{Name: "partner", Type: SmallInt, Nullable: true, Description: "M49 code of the partner; 0 is World."},
				{Name: "flow", Type: Text, Nullable: true, Description: "M is imports, X is exports."},
				{Name: "hs_revision", Type: Text, Nullable: true, Description: "HS revision of the code."},
				{Name: "code", Type: Text, Nullable: true, Description: "HS code, or TOTAL."},
				usdOrNull("value_usd", "The value that is checked."),
				usdOrNull("compared_usd", "The value that it is compared with."),
				{Name: "file", Type: Text, Nullable: true, Description: "The input file, where the finding has one."},
				{Name: "line", Type: Integer, Unit: "line number", Nullable: true, Description: "Its line."},
				{Name: "note", Type: Text, Description: "What is wrong."},
			},
		},
		{
			Name:        "lines",
			Title:       "Input lines behind the figures",
			Description: "The input file and line of every value behind the sectors' codes: the reporter's trade with World, its imports by partner, and everybody's exports to World.",
			SortBy:      []string{"year", "hs6", "flow", "reporter", "partner", "reported_revision", "reported_hs6", "file", "line"},
			Columns: []Column{
				year, hs6,
				{Name: "flow", Type: Text, Description: "M is imports, X is exports."},
				{Name: "reporter", Type: SmallInt, Description: "M49 code, as Comtrade uses it, of the country that reported the line."},
				{Name: "partner", Type: SmallInt, Description: "M49 code of the partner; 0 is World."},
				{Name: "reported_revision", Type: Text, Description: "HS revision of the line."},
				{Name: "reported_hs6", Type: Text, Description: "Code of the line in that revision."},
				usd("value_usd", "Value of the line."),
				usd("used_usd", "The part of it that counts under hs6; less than value_usd when reported_hs6 was split."),
				{Name: "file", Type: Text, Description: "Input file, relative to the data folder; a member of an archive stands behind an exclamation mark."},
				{Name: "line", Type: Integer, Unit: "line number", Description: "Line of the file on which the row begins; the header is line 1."},
			},
		},
	}
}

func groupShareColumns() []Column {
	return []Column{
		usdOrNull("imports_usd", "Imports from World."),
		usdOrNull("partner_imports_usd", "Imports from all partners that the files list one by one; null when they list none."),
		usdOrNull("group_imports_usd", "Imports from the members of the group; null when the files list no partners."),
		share("group_share", "group_imports_usd over imports_usd."),
		share("partner_coverage", "partner_imports_usd over imports_usd: below 1, group_share is a lower bound."),
		splitUSD,
	}
}

// FigureKey is how a figure is written on the command line: "figure14" for "Figure 14".
func FigureKey(figure string) string {
	return strings.ToLower(strings.Join(strings.Fields(figure), ""))
}
