package schemas

// Columns on which rows of two outputs are about the same.
var (
	codesOfASector  = []string{"sector", "year", "hs_revision", "reporter"}
	cellsOfASector  = []string{"sector", "year", "reporter"}
	bySectorAndYear = Pivot{Rows: "sector", Columns: "year"}
)

// The lines behind a code and year of an output, by what it measures.
const (
	ownTrade     = "l.year = e.year AND l.hs6 = e.hs6 AND l.reporter = e.reporter AND l.partner = 0"
	ownImports   = "l.year = e.year AND l.hs6 = e.hs6 AND l.reporter = e.reporter AND l.flow = 'M'"
	worldExports = "l.year = e.year AND l.hs6 = e.hs6 AND l.flow = 'X' AND l.partner = 0"
)

// Whether a code counts at the cut-off of a row of the sensitivity tables. The tests are
// those of the transforms …_sensitivity.sql, in decimals as there.
const (
	dependentAtRatio = `(e.imports_usd > 0 AND e.imports_usd::DECIMAL(38,3)
		+ CASE WHEN e.split_usd > 0 THEN 0.001 * (1 + r.ratio::DECIMAL(9,4)) ELSE 0 END >= r.ratio::DECIMAL(9,4) * e.exports_usd::DECIMAL(38,3))::INT`
	dominatedAtShare = `(e.world_exports_usd > 0 AND e.reached AND e.exports_usd::DECIMAL(38,3)
		> r.share::DECIMAL(9,6) * e.world_exports_usd::DECIMAL(38,3) + CASE WHEN e.split_usd > 0 THEN 0.001 * (1 + e.exporters) ELSE 0 END)::INT`
	worldExported = "(e.world_exports_usd > 0 AND e.reached)::INT"
)

// ownKnown tells of a code of world exports that the reporter's are known, or are in no
// figure. It asks for no column that releases of older versions lack.
const ownKnown = "(e.exports_usd IS NOT NULL OR NOT r.reporter_reported)"

// inBrackets is what the pictures of the sensitivity tables say of their cells.
const inBrackets = "in brackets, codes that count, and how many are within 5% of the cut-off"

// dependentCodes are the codes behind a cell of import dependence, with what each adds
// to the codes that count.
func dependentCodes(part string) []Evidence {
	return []Evidence{{
		Output: "import_dependence_hs6", On: codesOfASector, Columns: []string{"imports_usd", "exports_usd", "import_export_ratio", "traded", "dependent"},
		Order: "e.dependent DESC, e.imports_usd DESC", Idle: "traded", IdleIs: "code of the sector that the reporter does not trade",
		Part: part, Of: "(e.traded AND e.imports_usd IS NOT NULL AND e.exports_usd IS NOT NULL)::INT",
	}}
}

// dominatedCodes are the codes behind a cell of dominance.
func dominatedCodes(part string) []Evidence {
	return []Evidence{{
		Output: "dominance_hs6", On: codesOfASector, Columns: []string{"exports_usd", "world_exports_usd", "export_share", "exporters", "dominated"},
		Order: "e.dominated DESC, e.export_share DESC", Part: part, Of: worldExported,
	}}
}

// Measures is the table of measures: all that the program knows of each, beside its SQL
// in transforms/measures. docs/extending.md adds one.
func Measures() []Output {
	return []Output{
		{
			Name: "import_dependence", Figure: "Figure 14",
			Title:       "Import dependence by sector and year",
			Description: "Share of a sector's traded codes of which the reporter imports at least ratio times as much as it exports.",
			SortBy:      []string{"reporter", "sector", "year"},
			Ratio:       Ratio{Share: "dependent_share", Part: "codes_dependent", Of: "codes_traded", Partial: "partial"},
			Terminal:    bySectorAndYear,
			Picture: Picture{ID: "figure14", Caption: "Products of which {reporter} imports at least {dependence_ratio} it exports",
				Subtitle: "Share of each sector's HS-6 codes that are traded; in brackets, codes that count and codes traded"},
			Behind: dependentCodes("e.dependent::INT"),
			Columns: []Column{
				sector, year, hsRevision, codeBasis, reporter, reported,
				codes("codes_listed", "Codes that the sector lists."), unreached,
				bothCovered[0], bothCovered[1], partial,
				codesOrNull("codes_traded", "Of these, codes that the reporter imports or exports: the denominator."),
				codesOrNull("codes_dependent", "Of these, codes with imports at least ratio times exports: the numerator."),
				share("dependent_share", "codes_dependent over codes_traded."),
				usdOrNull("imports_usd", "Imports from World of the sector's codes."),
				usdOrNull("exports_usd", "Exports to World of the sector's codes."),
				splitUSD, splitBasis,
			},
		},
		{
			Name: "import_dependence_hs6", Figure: "Figure 14",
			Title:       "Import dependence by HS-6 code and year",
			Description: "The evidence under import_dependence: one row for each code that a sector lists or the reporter trades.",
			SortBy:      []string{"reporter", "year", "hs_revision", "hs6"},
			Lines:       ownTrade,
			Columns: []Column{
				year, hs6, codeSector, hsRevision, reporter,
				usdOrNull("imports_usd", "Imports from World; 0 when the files cover the code and have none, null when they do not cover it."),
				usdOrNull("exports_usd", "Exports to World; 0 when the files cover the code and have none, null when they do not cover it."),
				{Name: "import_export_ratio", Type: Double, Unit: "ratio", Nullable: true, Description: "imports_usd over exports_usd; null when exports are 0."},
				flag("ratio_is_infinite", "True when there are imports and no exports."),
				flag("traded", "Imports or exports are above 0; null when that is not known."),
				flag("dependent", "Imports are above 0 and at least ratio times exports; null when one of them is not known."),
				{Name: "covered", Type: Boolean, Description: "Imports and exports are both known: the code counts in its sector."},
				splitUSD, splitBasis,
			},
		},
		{
			Name: "dominance", Figure: "Figure 27",
			Title:       "Dominance by sector and year",
			Description: "Share of a sector's codes with world exports of which the reporter's exports exceed the threshold of world exports.",
			SortBy:      []string{"reporter", "sector", "year"},
			Ratio:       Ratio{Share: "dominated_share", Part: "codes_dominated", Of: "codes_exported", Low: "low_coverage", Partial: "partial"},
			Terminal:    bySectorAndYear,
			Picture: Picture{ID: "figure27", Caption: "Products of which {reporter} has more than {dominance_share} of world exports",
				Subtitle: "Share of each sector's HS-6 codes with world exports; in brackets, codes that count and codes with exports"},
			Behind: dominatedCodes("e.dominated::INT"),
			Columns: []Column{
				sector, year, hsRevision, codeBasis, reporter, reported,
				codes("codes_listed", "Codes that the sector lists."), unreached,
				exportsCovered[0], exportsCovered[1], reportersCovered, partial,
				codes("codes_exported", "Of the codes listed, codes with world exports, within reach and covered: the denominator."),
				codesOrNull("codes_dominated", "Of these, codes of which the reporter's share of world exports exceeds the threshold: the numerator."),
				share("dominated_share", "codes_dominated over codes_exported."),
				worldMode, reporters, mostEver, coverage, valueCover, lowCover, mirroredN,
				share("mirrored_share", "Part of the sector's world exports that is filled in."),
				splitUSD, splitBasis,
			},
		},
		{
			Name: "dominance_hs6", Figure: "Figure 27",
			Title:       "Dominance by HS-6 code and year",
			Description: "The evidence under dominance: one row for each code with world exports that a sector lists or the reporter exports.",
			SortBy:      []string{"reporter", "year", "hs_revision", "hs6"},
			Lines:       worldExports,
			Columns: []Column{
				year, hs6, codeSector, hsRevision, reporter, codeCovered,
				usdOrNull("exports_usd", "The reporter's exports to World; null when it has not reported the year, or its files do not cover the code."),
				usd("world_exports_usd", "Sum over reporters of exports to World."),
				share("export_share", "exports_usd over world_exports_usd."),
				flag("dominated", "export_share exceeds the threshold; null for a code that is not reached or not covered."),
				counted,
				{Name: "exporters", Type: SmallInt, Unit: "reporters", Description: "Reporters with exports of the code above 0."},
				exportersUnknown,
				mirroredUSD, otherUSD, splitUSD, splitBasis, lowCover,
			},
		},
		{
			Name: "export_share", Figure: "Figure 26",
			Title:       "Share of world exports by sector and year",
			Description: "The reporter's exports of a sector over world exports of it, in values, beside two comparators.",
			SortBy:      []string{"reporter", "sector", "year"},
			Ratio:       Ratio{Share: "export_share", Part: "exports_usd", Of: "world_exports_usd", Low: "low_coverage", Partial: "partial"},
			Picture: Picture{ID: "figure26", Caption: "{reporter}'s share of world exports",
				Subtitle: "By sector, in values, beside all manufactured goods and those that no sector lists"},
			Behind: []Evidence{{
				Output: "export_share_hs6", On: codesOfASector, Columns: []string{"exports_usd", "world_exports_usd", "export_share"},
				Order: "e.exports_usd DESC", Part: "e.exports_usd", Of: "CASE WHEN " + ownKnown + " THEN e.world_exports_usd END",
			}},
			Columns: []Column{
				sector, year, hsRevision, codeBasis, reporter, reported,
				exportsCovered[0], exportsCovered[1], reportersCovered, partial,
				usdOrNull("exports_usd", "The reporter's exports to World of the sector's codes that are covered."),
				usdOrNull("world_exports_usd", "Sum over reporters of exports to World of the same codes; null when the files cover none of them."),
				share("export_share", "exports_usd over world_exports_usd."),
				share("manufactures_export_share", "The same share over all manufactured goods: SITC sections 5 to 8 without division 68; null unless the files cover them, of the reporter and of the other exporters."),
				share("unlisted_manufactures_export_share", "The same share over manufactured goods that no sector lists; null as that."),
				worldMode, reporters, mostEver, coverage, valueCover, lowCover, mirroredN,
				share("mirrored_share", "Part of the sector's world exports that is filled in."),
				splitUSD, splitBasis,
			},
		},
		{
			Name: "export_share_hs6", Figure: "Figure 26",
			Title:       "Share of world exports by HS-6 code and year",
			Description: "The evidence under export_share: one row for each code with world exports that a sector lists or the reporter exports.",
			SortBy:      []string{"reporter", "year", "hs_revision", "hs6"},
			Lines:       worldExports,
			Columns: []Column{
				year, hs6, codeSector, hsRevision, reporter,
				{Name: "manufactured", Type: Boolean, Description: "Whether the code is a manufactured good: SITC sections 5 to 8 without division 68."},
				codeCovered,
				usdOrNull("exports_usd", "The reporter's exports to World; null when it has not reported the year, or its files do not cover the code."),
				usd("world_exports_usd", "Sum over reporters of exports to World."),
				share("export_share", "exports_usd over world_exports_usd."),
				exportersUnknown,
				mirroredUSD, otherUSD, splitUSD, splitBasis, reached, lowCover,
			},
		},
		{
			Name: "partner_group_share", Figure: "After Table 7",
			Title:       "Partner group's share of imports by sector and year",
			Description: "Imports from the members of the partner group over imports from World.",
			SortBy:      []string{"reporter", "sector", "year"},
			Ratio:       Ratio{Share: "group_share", Part: "group_imports_usd", Of: "imports_usd", Low: "coalesce(partner_coverage < 0.95, false)", Partial: "partial"},
			Picture: Picture{ID: "table7-partner-share", Caption: "Share of {reporter}'s imports that comes from the {partner_group}",
				Subtitle: "Imports from members of the {partner_group} over imports from the world, in values"},
			Behind: []Evidence{{
				Output: "partner_group_share_hs6", On: codesOfASector, Columns: []string{"imports_usd", "group_imports_usd", "group_share", "partner_coverage"},
				Order: "e.imports_usd DESC", Part: "e.group_imports_usd", Of: "e.imports_usd",
			}},
			Columns: append([]Column{sector, year, hsRevision, codeBasis, reporter,
				{Name: "partner_group", Type: Text, Description: "The group of partners, such as OECD."},
				{Name: "group_members", Type: SmallInt, Unit: "areas", Description: "Members of the group in the year, one for each country."},
				importsReported, headingsCovered[0], headingsCovered[1], headingsPartial, levelOfSector}, groupShareColumns()...),
		},
		{
			Name: "partner_group_share_hs6", Figure: "After Table 7",
			Title:       "Partner group's share of imports by HS-6 code and year",
			Description: "The evidence under partner_group_share: one row for each code that the reporter imports, and for each heading or chapter that the files have in the place of codes below it.",
			SortBy:      []string{"reporter", "year", "hs_revision", "hs6"},
			Lines:       ownImports,
			Columns: append([]Column{year,
				{Name: "hs6", Type: Text, Kind: Goods, Description: "Six-digit HS code, with its leading zeros; of a heading's row its four digits, of a chapter's its two."},
				codeSector, hsRevision, reporter,
				{Name: "partner_group", Type: Text, Description: "The group of partners, such as OECD."},
				{Name: "level", Type: SmallInt, Unit: "digits", Description: "6; 4 or 2 for the file's own row of a heading or chapter, which no row below it stands beside: of its codes the files do not cover all."},
			}, groupShareColumns()...),
		},
		{
			Name: "import_dependence_sensitivity", Figure: "Figure 14",
			Title:       "Import dependence over a grid of ratios",
			Description: "Import dependence at the ratios 1, 1.5, 2, 3 and 5 and at the one in use, counted and weighted by imports.",
			SortBy:      []string{"reporter", "sector", "year", "ratio"},
			Ratio:       Ratio{Share: "dependent_share", Part: "codes_dependent", Of: "codes_traded", Partial: "partial"},
			Picture: Picture{ID: "sensitivity-figure14", Caption: "Import dependence under other cut-offs",
				Subtitle: "Share of codes whose imports are at least so many times exports, {year}; " + inBrackets},
			Behind: dependentCodes(dependentAtRatio),
			Columns: []Column{
				sector, year, hsRevision, codeBasis, reporter,
				{Name: "ratio", Type: Double, Unit: "ratio", Description: "A code is dependent when its imports are at least so many times its exports."},
				{Name: "in_use", Type: Boolean, Description: "Whether this is the ratio of import_dependence (dependence_ratio)."},
				reported, partial,
				codesOrNull("codes_traded", "Codes of the sector that the reporter imports or exports."),
				codesOrNull("codes_dependent", "Of these, codes that are dependent at this ratio."),
				share("dependent_share", "codes_dependent over codes_traded."),
				usdOrNull("imports_usd", "Imports from World of the sector's codes."),
				usdOrNull("dependent_imports_usd", "Imports from World of the dependent codes."),
				share("dependent_imports_share", "dependent_imports_usd over imports_usd: import dependence weighted by value."),
				codesOrNull("codes_near", "Codes with imports and exports whose ratio is from 0.95 to 1.05 times this one: they would change sides if values changed by a little."),
				splitUSD, splitBasis,
			},
		},
		{
			Name: "dominance_sensitivity", Figure: "Figure 27",
			Title:       "Dominance over a grid of shares",
			Description: "Dominance at the shares 20, 30, 40 and 50 % and at the one in use, counted and weighted by world exports.",
			SortBy:      []string{"reporter", "sector", "year", "share"},
			Ratio:       Ratio{Share: "dominated_share", Part: "codes_dominated", Of: "codes_exported", Low: "low_coverage", Partial: "partial"},
			Picture: Picture{ID: "sensitivity-figure27", Caption: "Dominance under other cut-offs",
				Subtitle: "Share of codes of which {reporter} has more than so much of world exports, {year}; " + inBrackets},
			Behind: dominatedCodes(dominatedAtShare),
			Columns: []Column{
				sector, year, hsRevision, codeBasis, reporter,
				{Name: "share", Type: Double, Unit: "share of 1", Description: "A code is dominated when the reporter's share of world exports exceeds it."},
				{Name: "in_use", Type: Boolean, Description: "Whether this is the share of dominance (dominance_share)."},
				reported, partial,
				codes("codes_exported", "Codes of the sector with world exports and within reach."),
				codesOrNull("codes_dominated", "Of these, codes that are dominated at this share."),
				share("dominated_share", "codes_dominated over codes_exported."),
				usd("world_exports_usd", "World exports of the codes that codes_exported counts."),
				usdOrNull("dominated_world_exports_usd", "World exports of the dominated codes."),
				share("dominated_world_exports_share", "dominated_world_exports_usd over world_exports_usd: dominance weighted by the size of the codes' markets."),
				codesOrNull("codes_near", "Codes whose share of world exports is from 0.95 to 1.05 times this one: they would change sides if values changed by a little."),
				lowCover, splitUSD, splitBasis,
			},
		},
		{
			Name: "vulnerabilities", Figure: "After Table 7",
			Title:       "Vulnerabilities by HS-4 heading",
			Description: "One row for each HS-4 heading that the reporter trades: imports against exports and the partner group's share of imports in the last year, the change of imports since the first, and a class. Headings are sums of HS-6 codes in the code set in use, or the file's own HS-4 rows where it lacks some of these codes; the classes' thresholds are entrepot's own.",
			SortBy:      []string{"reporter", "hs4"},
			Picture: Picture{ID: "table7-vulnerabilities", Caption: "Goods that {reporter} imports from the {partner_group} and exports little of",
				Subtitle: "HS-4 headings in {year}, the gravest first, then by imports; change of imports since {first_year}"},
			Behind: []Evidence{
				{
					Output: "import_dependence_hs6", On: []string{"year", "hs_revision", "reporter"}, Where: "left(e.hs6, 4) = r.hs4",
					Columns: []string{"sector", "imports_usd", "exports_usd", "import_export_ratio"}, Order: "e.imports_usd DESC",
				},
				{
					Output: "partner_group_share_hs6", On: []string{"reporter", "partner_group"}, Where: "left(e.hs6, 4) = r.hs4 AND e.year IN (r.first_year, r.year)",
					Columns: []string{"imports_usd", "group_imports_usd", "group_share", "partner_coverage"}, Order: "e.year DESC, e.imports_usd DESC",
				},
			},
			Columns: []Column{
				{Name: "hs4", Type: Text, Kind: Goods, Description: "Four-digit HS heading, with its leading zeros: the first digits of the codes that it adds up."},
				hsRevision, codeBasis, reporter,
				{Name: "partner_group", Type: Text, Description: "The group of partners, such as OECD."},
				{Name: "sectors", Type: Text, Nullable: true, Description: "Sectors that list codes of the heading; null when none does."},
				codes("codes_listed", "Codes of the heading that sectors list."),
				{Name: "first_year", Type: SmallInt, Unit: "calendar year", Description: "First of the years in use in which the reporter has imports."},
				{Name: "year", Type: SmallInt, Unit: "calendar year", Description: "Last of the years in use in which the reporter has imports and exports: the year of all values but first_imports_usd."},
				{Name: "level", Type: SmallInt, Unit: "digits", Description: "6 when all values are sums of HS-6 codes, which the files cover; 4 when one is the file's own HS-4 row, or null because there is none either."},
				usdOrNull("first_imports_usd", "Imports from World in the first year; null when the files do not cover the heading."),
				usdOrNull("imports_usd", "Imports from World in the last year; null when the files do not cover the heading."),
				usdOrNull("exports_usd", "Exports to World in the last year; null when the files do not cover the heading."),
				usdOrNull("listed_imports_usd", "Part of imports_usd in codes that sectors list; null when imports_usd is no sum of HS-6 codes."),
				{Name: "import_export_ratio", Type: Double, Unit: "ratio", Nullable: true, Description: "imports_usd over exports_usd; null when exports are 0."},
				flag("ratio_is_infinite", "True when there are imports and no exports."),
				usdOrNull("partner_imports_usd", "Imports from all partners that the files list one by one; null when they list none."),
				usdOrNull("group_imports_usd", "Imports from the members of the group; null when the files list no partners."),
				share("group_share", "group_imports_usd over imports_usd."),
				share("partner_coverage", "partner_imports_usd over imports_usd: below 1, group_share is a lower bound."),
				share("imports_change", "imports_usd less first_imports_usd, over first_imports_usd: 0.5 is half as much again; null when the first year has none, or is the last."),
				{Name: "class", Type: Text, Nullable: true, Description: "severe, high, easing or none, by the settings vulnerability_…; null when a value that decides is not known."},
				codes("codes_unreached", "Codes of the heading that no code of the revision comes to that the reporter used in the first or the last year: their trade is under other headings."),
				splitUSD, splitBasis,
			},
		},
		{
			Name: "ratings", Figure: "After Tables 5 and 10",
			Title:       "Ratings by sector and year",
			Description: "Each sector's import dependence and global competitiveness as strong, mixed or weak.",
			SortBy:      []string{"reporter", "sector", "year"},
			Picture: Picture{ID: "tables5-10-ratings", Caption: "Import dependence and competitiveness of {reporter}'s sectors",
				Subtitle: "By year; in brackets, the report's word for what was achieved"},
			Behind: []Evidence{
				{Output: "import_dependence", On: cellsOfASector, Columns: []string{"codes_traded", "codes_dependent", "dependent_share"}},
				{Output: "dominance", On: cellsOfASector, Columns: []string{"codes_exported", "codes_dominated", "dominated_share"}},
				{Output: "export_share", On: cellsOfASector, Columns: []string{"exports_usd", "world_exports_usd", "export_share"}},
			},
			Columns: []Column{
				sector, year, hsRevision, codeBasis, reporter,
				share("dependent_share", "Share of the sector's traded codes that are import-dependent; see import_dependence."),
				{Name: "dependence_rating", Type: Text, Nullable: true, Description: "By dependent_share: strong below rating_strong_dependence, weak above rating_weak_dependence, mixed from the one to the other; null without data, and when the figures are partial."},
				{Name: "dependence_level", Type: Text, Nullable: true, Description: "The same in words of dependence and not of achievement: low is strong, medium is mixed, high is weak; null as dependence_rating."},
				share("export_share", "The reporter's share of world exports of the sector, in values; see export_share."),
				share("dominated_share", "Share of the sector's codes that the reporter dominates; see dominance."),
				{Name: "top_ten_firms", Type: SmallInt, Unit: "firms", Nullable: true, Description: "Firms of the reporter among the world's ten largest by revenue or capacity, as the table 'firms' says; null when it does not."},
				{Name: "competitiveness_rating", Type: Text, Nullable: true, Description: "strong when export_share exceeds rating_strong_export_share and top_ten_firms is 1 or more; weak when export_share and dominated_share are below rating_weak_export_share; else mixed; unknown when export_share exceeds rating_strong_export_share and top_ten_firms is null; null without data, and when the figures are partial."},
				partial, lowCover,
			},
		},
		{
			Name: "partner_trend", Figure: "After Figure 7",
			Title:       "Imports from one partner by sector and year",
			Description: "The reporter's imports from one partner beside its imports from World: by sector, for all codes that a sector lists (all_sectors) and for all codes (all_codes).",
			SortBy:      []string{"reporter", "sector", "year"},
			Ratio:       Ratio{Share: "partner_share", Part: "from_partner_usd", Of: "imports_usd", Partial: "partial"},
			Picture: Picture{ID: "figure7", Caption: "Share of {reporter}'s imports that comes from {partner}",
				Subtitle: "In values; by sector, the {sectors} with the largest imports from there"},
			Behind: []Evidence{{
				Output: "partner_group_share_hs6", On: []string{"year", "hs_revision", "reporter"},
				Where:   "(r.sector = 'all_codes' OR r.sector = 'all_sectors' AND e.sector IS NOT NULL OR e.sector = r.sector)",
				Columns: []string{"sector", "imports_usd"}, Order: "e.imports_usd DESC",
				Lines: "l.partner IN (0, r.partner)",
			}},
			Columns: []Column{
				orAll("Sector of the list in use; all_sectors is every code that a sector lists, all_codes every code."), year, hsRevision, codeBasis, reporter,
				{Name: "partner", Type: SmallInt, Kind: Areas, Description: "M49 code, as Comtrade uses it, of the partner."},
				importsReported,
				{Name: "partner_reported", Type: Boolean, Description: "Whether the files have imports of the year from the partner; when false, imports from it are null, not zero."},
				headingsPartial,
				{Name: "level", Type: SmallInt, Unit: "digits", Nullable: true, Description: "6 when the values are sums of HS-6 codes; 4 or 2 when the file's own HS-4 or HS-2 rows give all or some of them; of all_codes, 0 when they are its TOTAL, null when it has none of these."},
				usdOrNull("from_partner_usd", "Imports from the partner."),
				usdOrNull("imports_usd", "Imports from World."),
				share("partner_share", "from_partner_usd over imports_usd."),
				splitUSD, splitBasis,
				usdOrNull("affiliate_sales_usd", "Of all_codes: what the affiliates of the partner's firms sell in the reporter's country, as the table 'affiliate_sales' says; null in other rows and without it."),
				{Name: "affiliate_sales_source", Type: Text, Nullable: true, Description: "Where the table has affiliate_sales_usd from."},
			},
		},
		{
			Name: "high_tech_monthly", Figure: "After Figure 15",
			Title:       "High-tech imports and exports by month",
			Description: "The reporter's trade with World in high-tech sectors, from monthly files alone. Months that the files do not have are no rows.",
			SortBy:      []string{"reporter", "sector", "year", "month"},
			Picture: Picture{ID: "figure15", Caption: "{reporter}'s high-tech imports and exports by month",
				Subtitle: "Trade with the world in the high-tech sectors, US dollars"},
			Columns: []Column{
				orAll("Sector of the list in use (high_tech_sectors); all_sectors is the sum of these."), year,
				{Name: "month", Type: SmallInt, Unit: "calendar month", Description: "Month of the trade, from 1 to 12."},
				hsRevision, codeBasis, reporter,
				{Name: "months_reported", Type: SmallInt, Unit: "months", Description: "Months of the year that the files have: below 12, sums of months are no year."},
				monthCovered[0], monthCovered[1], partial,
				usdOrNull("imports_usd", "Imports from World; null when the month has no imports of any code, or its files cover none of the sector."),
				usdOrNull("exports_usd", "Exports to World; null when the month has no exports of any code, or its files cover none of the sector."),
				usdOrNull("balance_usd", "exports_usd less imports_usd."),
				splitUSD, splitBasis,
			},
		},
		{
			Name: "final_demand_origin", Figure: "Figure 16",
			Title:       "Origin of value added in final demand by activity and year",
			Description: "The part of the reporter's final demand that is value added in the partner group, of the user's table of the OECD's Trade in Value Added (value_added). Activities are ISIC Rev. 4; groups of them (_T is all) stand beside their parts.",
			SortBy:      []string{"reporter", "source_activity", "demand_activity", "year"},
			Ratio:       Ratio{Share: "group_share", Part: "group_usd", Of: "world_usd"},
			Picture: Picture{ID: "figure16", Caption: "Share of {reporter}'s final demand that is value added in the {partner_group}",
				Subtitle: "By the industry whose products are bought, in values"},
			Columns: []Column{
				{Name: "source_activity", Type: Text, Description: "Industry in which the value was added, by the OECD's code; _T is all."},
				{Name: "source_activity_name", Type: Text, Nullable: true, Description: "What the table calls it; null in a table without labels."},
				{Name: "demand_activity", Type: Text, Description: "Industry whose products final demand buys, by the OECD's code; _T is all."},
				{Name: "demand_activity_name", Type: Text, Nullable: true, Description: "What the table calls it; null in a table without labels."},
				year, reporter,
				{Name: "partner_group", Type: Text, Description: "The group of partners, such as OECD."},
				{Name: "group_members", Type: SmallInt, Unit: "areas", Description: "Members of the group in the year, one for each country."},
				{Name: "members_found", Type: SmallInt, Unit: "areas", Description: "Of these, members of which the table has a value."},
				{Name: "group_basis", Type: Text, Nullable: true, Description: "members when group_usd is the sum of all members, own row when it is the table's own row of the group; null when the table has neither."},
				usdOrNull("group_usd", "Value added in the group."),
				usdOrNull("world_usd", "Value added in the world, the table's own row; null when it has none."),
				share("group_share", "group_usd over world_usd."),
			},
		},
		{
			Name: "market_share", Figure: "After Figures 17 and 18",
			Title:       "Imports as a share of the market by sector and year",
			Description: "The reporter's imports of a sector or a group of products over the size of its market there, for those of the table 'markets', by year.",
			SortBy:      []string{"reporter", "sector", "year"},
			Ratio:       Ratio{Share: "import_share", Part: "imports_usd", Of: "market_usd", Partial: "partial"},
			Picture: Picture{ID: "figure17-18", Caption: "{reporter}'s imports as a share of its market",
				Subtitle: "Imports from the world over the size of the market, in values"},
			Behind: []Evidence{{
				Output: "partner_group_share_hs6", On: cellsOfASector, Columns: []string{"imports_usd"}, Order: "e.imports_usd DESC",
				Lines: "l.partner = 0",
			}},
			Columns: []Column{
				goods, isProductGroup, year,
				{Name: "hs_revision", Type: Text, Nullable: true, Description: "HS revision in which codes are counted; null in a year that the data do not have."},
				codeBasis, reporter, reported, partial,
				usdOrNull("imports_usd", "Imports from World of the sector's codes."),
				usd("market_usd", "Size of the market, as the table 'markets' says."),
				share("import_share", "imports_usd over market_usd; above 1 when imports are for more than the market, such as for re-export."),
				{Name: "source", Type: Text, Description: "Where the size of the market is from, as the table says."},
				splitUSD, splitBasis,
			},
		},
		{
			Name: "group_exports", Figure: "After Figure 33",
			Title:       "Exports of several exporters by sector and year",
			Description: "Exports to World of the codes of a sector or a group of products from the exporters asked for. A group such as the EU is one exporter, without the trade between its members.",
			SortBy:      []string{"sector", "year", "exporter"},
			Picture: Picture{ID: "figure33", Caption: "Exports of {sector}",
				Subtitle: "To the world, US dollars; groups of countries without the trade between their members"},
			Columns: []Column{
				goods, isProductGroup, year, codeBasis,
				{Name: "exporter", Type: Text, Description: "ISO-3 code of the country, or the name of the group."},
				{Name: "exporter_name", Type: Text, Description: "Name of the country or the group."},
				{Name: "is_group", Type: Boolean, Description: "Whether the exporter is a group of countries."},
				{Name: "members", Type: SmallInt, Unit: "areas", Description: "Members of the group in the year, one for each country; 1 for a country."},
				{Name: "members_reported", Type: SmallInt, Unit: "areas", Description: "Of these, members with exports to World in the year."},
				{Name: "members_with_partners", Type: SmallInt, Unit: "areas", Nullable: true, Description: "Of these, members whose exports of the sector the files list by partner, too, or that export none: the trade with other members is known. Null for a country."},
				partial,
				usdOrNull("gross_exports_usd", "Exports to World of the members that reported, with the trade between members; null when none did."),
				usdOrNull("internal_usd", "Exports of members_with_partners to members of the group; null when there are none."),
				usdOrNull("exports_usd", "gross_exports_usd less internal_usd; null when members_with_partners is below members_reported, because the trade between members is not known."),
				share("partner_coverage", "Exports that the files list by partner over gross_exports_usd: below 1, exports_usd is an upper bound. Null for a country."),
				splitUSD, splitBasis,
			},
		},
	}
}
