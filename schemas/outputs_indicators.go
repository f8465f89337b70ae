package schemas

// Columns that say of which goods a row of these tables is: a code, its heading or a sector.
var (
	levelOfGoods = Column{Name: "level", Type: SmallInt, Unit: "digits", Description: "6: an HS-6 code; 4: a whole heading, the sum of all HS-6 codes under it; 0: a sector."}
	codeOfGoods  = Column{Name: "code", Type: Text, Kind: Goods, Description: "HS code of six or four digits, with its leading zeros; at level 0 the sector."}
	sectorOfCode = Column{Name: "sector", Type: Text, Kind: Sectors, Nullable: true, Description: "Sector of the code, or the sector itself; null for a heading and for a code that no sector lists."}
	partialGoods = Column{Name: "partial", Type: Boolean, Description: "The files cover less than min_product_coverage of the codes of the heading or sector, or not the code itself: the figures are those of a part."}
	splitAlone   = Column{Name: "split_usd", Type: Double, Unit: "US dollars", Description: "Part of the values in this row that crossed a split of an older HS code into several newer ones, and so is an estimate."}
	sumCovered   = []Column{
		codes("codes_covered", "Codes of which imports and exports are both known; of a code itself 1 or 0."),
		codes("codes_unknown", "Codes of which one of them is not."),
	}
)

// The keys of these tables.
var (
	keyOfGoods    = []string{"year", "hs_revision", "level", "code"}
	reportedGoods = append([]string{"reporter"}, keyOfGoods...)
)

const (
	// sameGoods ties the codes of an output by code (hs6) to a row of a code, heading or sector.
	sameGoods = "CASE r.level WHEN 0 THEN e.sector = r.code ELSE starts_with(e.hs6, r.code) END"

	linesOfImports = "l.year = e.year AND l.reporter = e.reporter AND l.flow = 'M' AND e.level > 0 AND starts_with(l.hs6, e.code)"
	linesOfTrade   = "l.year = e.year AND l.reporter = e.reporter AND l.partner = 0 AND e.level > 0 AND starts_with(l.hs6, e.code)"
)

// Index is the unit of an index that is no share, and so no percentage.
const Index = "index from 0 to 1"

// rankOf says by what rows are ranked.
func rankOf(what string) Column {
	return Column{Name: "rank", Type: SmallInt, Unit: "place", Description: "Place among " + what + ", by value; equal values have the same."}
}

// number is a figure without a unit of money that may be unknown.
func number(name, unit, description string) Column {
	return Column{Name: name, Type: Double, Unit: unit, Nullable: true, Description: description}
}

// concentrated are the columns of a concentration over areas of a kind, such as partner.
func concentrated(kind, of string) []Column {
	return []Column{
		{Name: "concentration", Type: Double, Unit: Index, Description: "Herfindahl–Hirschman index: the sum of the squares of the " + kind + "s' shares in " + of + ", from 0 to 1, which is a single one; times 10,000 it is the index as competition authorities write it."},
		{Name: "largest_" + kind, Type: SmallInt, Kind: Areas, Description: "M49 code of the " + kind + " with the largest share; of equal ones the lowest code."},
		{Name: "largest_share", Type: Double, Unit: "share of 1", Description: "Its share in " + of + "."},
		{Name: "largest_three_share", Type: Double, Unit: "share of 1", Description: "The share of the three largest together."},
	}
}

// bothSides is the evidence of what sets imports against exports.
func bothSides() []Evidence {
	return []Evidence{{
		Output: "import_dependence_hs6", On: []string{"year", "hs_revision", "reporter"}, Where: sameGoods,
		Columns: []string{"imports_usd", "exports_usd", "covered"}, Order: "e.imports_usd + e.exports_usd DESC",
	}}
}

// indicators lists who trades what with whom, and the indicators that others publish, too.
func indicators() []Output {
	basis := []Column{hsRevision, codeBasis}
	goods := append([]Column{year, levelOfGoods, codeOfGoods, sectorOfCode}, basis...)
	flowGoods := append([]Column{year, flow, levelOfGoods, codeOfGoods, sectorOfCode}, basis...)
	return []Output{
		{
			Name:        "exporters",
			Title:       "Exporters by code, heading, sector and year",
			Description: "Everybody's exports to World of each code that a sector lists, of its whole heading and of each sector, with share, rank and change.",
			SortBy:      append(append([]string{}, keyOfGoods...), "exporter"),
			Lines:       "l.year = e.year AND l.reporter = e.exporter AND l.flow = 'X' AND l.partner = 0 AND e.level > 0 AND starts_with(l.hs6, e.code)",
			Columns: with(goods,
				Column{Name: "exporter", Type: SmallInt, Kind: Areas, Description: "M49 code of the exporter."},
				rankOf("the exporters"),
				usd("exports_usd", "Exports to World."),
				usd("world_exports_usd", "Sum over exporters."),
				share("export_share", "exports_usd over world_exports_usd."),
				share("change", "exports_usd less that of the year before, over that; null without one, and where one of the two is partial."),
				Column{Name: "mirrored", Type: Boolean, Description: "Whether all or a part is filled in from partners' imports; see world."},
				Column{Name: "partial", Type: Boolean, Description: "Of a heading: the files do not have all codes of the exporter's exports; of a sector: they cover less than min_product_coverage of its codes."},
				lowCover, splitAlone),
		},
		{
			Name:        "suppliers",
			Title:       "Suppliers by code, heading, sector and year",
			Description: "The twenty largest partners from which the reporter imports each code that a sector lists, its whole heading and each sector. The reporter itself (goods that come back) and residual areas such as 899 are partners; groups of countries are none.",
			SortBy:      append(append([]string{}, reportedGoods...), "partner"),
			Lines:       linesOfImports + " AND l.partner = e.partner",
			Columns: with(goods, reporter,
				Column{Name: "partner", Type: SmallInt, Kind: Areas, Description: "M49 code of the partner."},
				rankOf("the partners"),
				Column{Name: "partners", Type: SmallInt, Unit: "partners", Description: "Partners from which there are imports, of which the twenty largest are rows, and those equal to the twentieth."},
				usd("imports_usd", "Imports from the partner."),
				usd("world_imports_usd", "Imports from World."),
				usd("partner_imports_usd", "Imports from all partners that the files list one by one."),
				share("import_share", "imports_usd over world_imports_usd."),
				share("partner_share", "imports_usd over partner_imports_usd."),
				partialGoods, splitAlone),
		},
		{
			Name:        "top_products",
			Title:       "Products that are traded most, by flow and year",
			Description: "The fifty largest HS-6 codes and headings of the reporter's imports and exports, of all goods whether listed or not, and every sector.",
			SortBy:      []string{"reporter", "year", "flow", "hs_revision", "level", "code"},
			Lines:       linesOfTrade + " AND l.flow = e.flow",
			Columns: with(flowGoods, reporter, rankOf("codes, headings or sectors"),
				usd("value_usd", "Trade with World."),
				usdOrNull("flow_usd", "All imports or exports: the sum of the codes where the files have all of them, else the files' own TOTAL, else null."),
				share("flow_share", "value_usd over flow_usd."),
				share("change", "value_usd less that of the year before, over that; null without one or where it is 0, and where one of the two is partial."),
				partialGoods, splitAlone),
		},
		{
			Name:        "comparative_advantage",
			Title:       "Revealed comparative advantage by code, sector and year",
			Description: "The reporter's share of world exports of a code or sector over its share of world exports of all goods (Balassa 1965).",
			SortBy:      reportedGoods,
			Behind: []Evidence{{
				Output: "export_share_hs6", On: []string{"year", "hs_revision", "reporter"}, Where: sameGoods,
				Columns: []string{"exports_usd", "world_exports_usd", "export_share"}, Order: "e.exports_usd DESC",
			}},
			Columns: with(goods, reporter,
				usdOrNull("exports_usd", "The reporter's exports to World."),
				usdOrNull("world_exports_usd", "Sum over exporters."),
				usdOrNull("all_exports_usd", "The reporter's exports of all goods; null unless the files have all, of the reporter and of the other exporters."),
				usdOrNull("all_world_exports_usd", "World exports of all goods; null as that."),
				number("advantage_ratio", "ratio", "exports_usd over world_exports_usd, over all_exports_usd over all_world_exports_usd; null as these."),
				flag("has_advantage", "advantage_ratio is above 1."),
				partialGoods, lowCover, splitAlone),
		},
		{
			Name:        "supplier_concentration",
			Title:       "Concentration of imports on suppliers by code, heading, sector and year",
			Description: "The Herfindahl–Hirschman index of the partners' shares in what the reporter imports, and the shares of the largest and the three largest.",
			SortBy:      reportedGoods,
			Behind: []Evidence{{
				Output: "suppliers", On: reportedGoods, Columns: []string{"imports_usd", "partner_share"}, Order: "e.imports_usd DESC",
			}},
			Columns: with(with(with(goods, reporter,
				Column{Name: "partners", Type: SmallInt, Unit: "partners", Description: "Partners from which there are imports. The reporter itself and residual areas such as 899 count, each as one."},
				usd("partner_imports_usd", "Imports from all partners that the files list one by one."),
				usd("imports_usd", "Imports from World."),
				share("partner_coverage", "partner_imports_usd over imports_usd: below 1, suppliers are missing.")),
				concentrated("partner", "partner_imports_usd")...), partialGoods, splitAlone),
		},
		{
			Name:        "exporter_concentration",
			Title:       "Concentration of world exports on exporters by code, heading, sector and year",
			Description: "The Herfindahl–Hirschman index of the exporters' shares in world exports, and the shares of the largest and the three largest.",
			SortBy:      keyOfGoods,
			Behind: []Evidence{{
				Output: "exporters", On: keyOfGoods, Columns: []string{"exports_usd", "export_share", "mirrored"}, Order: "e.exports_usd DESC",
			}},
			Columns: with(with(with(goods,
				Column{Name: "exporters", Type: SmallInt, Unit: "exporters", Description: "Exporters with exports above 0."},
				Column{Name: "exporters_partial", Type: SmallInt, Unit: "exporters", Description: "Of these, those of whom the files have a part; see exporters."},
				usd("world_exports_usd", "Sum over exporters.")),
				concentrated("exporter", "world_exports_usd")...), lowCover, splitAlone),
		},
		{
			Name:        "intra_industry_trade",
			Title:       "Intra-industry trade by code, sector and year",
			Description: "The Grubel–Lloyd index (1975): how far exports and imports of the same goods are balanced, from 0 to 1.",
			SortBy:      reportedGoods,
			Behind:      bothSides(),
			Lines:       linesOfTrade,
			Columns: with(with(with(goods, reporter), sumCovered...), partialGoods,
				usdOrNull("imports_usd", "Imports from World; of a sector those of codes_covered; null when not known."),
				usdOrNull("exports_usd", "Exports to World; as that."),
				number("grubel_lloyd", Index, "1 - |exports - imports| / (exports + imports); of a sector the mean over its codes, weighted by their trade."),
				number("grubel_lloyd_of_sums", Index, "Of a sector the same of the sums; of a code the same as grubel_lloyd."),
				splitAlone),
		},
		{
			Name:        "balance_of_trade",
			Title:       "Balance of trade by code, sector and year",
			Description: "The reporter's exports to World less its imports from World, and that over the sum of both.",
			SortBy:      reportedGoods,
			Behind:      bothSides(),
			Lines:       linesOfTrade,
			Columns: with(with(with(goods, reporter), sumCovered...), partialGoods,
				usdOrNull("imports_usd", "Imports from World; of a sector those of codes_covered; null when not known."),
				usdOrNull("exports_usd", "Exports to World; as that."),
				usdOrNull("balance_usd", "exports_usd less imports_usd."),
				share("balance_share", "balance_usd over the sum of both, from -1 (imports alone) to 1 (exports alone)."),
				splitAlone),
		},
		{
			Name:        "growth",
			Title:       "Growth of imports and exports by code, sector and year",
			Description: "The change of the reporter's trade with World against the year before, and by year since the first, at current prices and, where a table has a price index (setting deflator), at constant ones.",
			SortBy:      []string{"reporter", "year", "flow", "hs_revision", "level", "code"},
			Lines:       linesOfTrade + " AND l.flow = e.flow",
			Columns: with(flowGoods, reporter,
				usdOrNull("value_usd", "Trade with World; 0 when the files cover the code and have none, null when they do not cover it."),
				share("change", "value_usd less that of the year before, over that; null without one or where it is 0, and where one of the two is partial."),
				Column{Name: "first_year", Type: SmallInt, Unit: "calendar year", Nullable: true, Description: "First of the years in use with trade that is not partial; null before it."},
				share("compound_growth", "By how much the value grew in each year since first_year, on average: the root of the ratio, less 1; null in first_year."),
				usdOrNull("constant_usd", "value_usd at the prices of the base of the index: times 100 over the index of the year; null without an index."),
				share("real_change", "change at constant prices; null without an index of both years."),
				share("real_compound_growth", "compound_growth at constant prices; null without an index of both years."),
				partialGoods, splitAlone),
		},
		{
			Name:        "unit_values",
			Title:       "Unit values by flow, code and year",
			Description: "What the reporter pays and gets for a kilogram: of its trade with World, and of the partners one by one without outliers (more than ten times the median over the partners, or less than a tenth of it).",
			SortBy:      []string{"reporter", "year", "flow", "hs_revision", "code"},
			Lines:       "l.year = e.year AND l.reporter = e.reporter AND l.flow = e.flow AND l.hs6 = e.code",
			Columns: with([]Column{year, flow,
				{Name: "code", Type: Text, Kind: Goods, Description: "Six-digit HS code that a sector lists and the reporter trades, with its leading zeros."}, sector, hsRevision, codeBasis}, reporter,
				usd("value_usd", "Trade with World."),
				number("net_weight_kg", "kilograms", "Net weight of trade with World; null where rows lack it."),
				number("usd_per_kg", "US dollars per kilogram", "value_usd over net_weight_kg; null without a weight."),
				Column{Name: "partners", Type: SmallInt, Unit: "partners", Description: "Partners with a value and a weight."},
				usdOrNull("partner_weighed_usd", "Trade with these; null without any."),
				share("estimated_share", "Part of it with a weight that the source worked out itself, mostly of a usual price of a kilogram: such a unit value tells little. 0 where the source does not say."),
				number("median_usd_per_kg", "US dollars per kilogram", "Median over these partners, each counted once."),
				Column{Name: "outliers", Type: SmallInt, Unit: "partners", Nullable: true, Description: "Of these, with a unit value more than ten times the median, or less than a tenth of it; null with fewer than five partners, of which this can't be told."},
				number("guarded_usd_per_kg", "US dollars per kilogram", "Unit value of the partners that are no outliers, together; null with fewer than five partners."),
				share("guarded_share", "Trade with these partners over value_usd: far below 1, the unit value is that of a part."),
				share("change", "guarded_usd_per_kg over that of the year before, less 1; null without one."),
				splitAlone),
		},
		{
			Name:        "strategic_dependencies",
			Title:       "Strategic dependencies by code and year",
			Description: "The European Commission's three criteria (SWD(2021) 352) for any reporter: concentrated imports from outside, more than half of imports from outside, and more imports from outside than exports. Outside is extra-EU for a member of the EU, and abroad for others.",
			SortBy:      []string{"reporter", "year", "hs_revision", "code"},
			Lines:       "l.year = e.year AND l.reporter = e.reporter AND (l.flow = 'M' OR l.partner = 0) AND l.hs6 = e.code",
			Behind: []Evidence{{
				Output: "suppliers", On: []string{"reporter", "year", "hs_revision", "code"}, Columns: []string{"imports_usd", "partner_share"}, Order: "e.imports_usd DESC",
			}},
			Columns: with([]Column{year,
				{Name: "code", Type: Text, Kind: Goods, Description: "Six-digit HS code that a sector lists, with its leading zeros."}, sector, hsRevision, codeBasis}, reporter,
				Column{Name: "home_group", Type: Text, Nullable: true, Description: "EU when the reporter is a member in the year: other members are not outside; null for others."},
				usdOrNull("imports_usd", "Imports from World; null when not known."),
				usdOrNull("exports_usd", "Exports to World; null when not known."),
				usdOrNull("partner_imports_usd", "Imports from all partners that the files list one by one; null when they list none."),
				usdOrNull("outside_imports_usd", "Of these, imports from outside; never from the reporter itself."),
				Column{Name: "outside_suppliers", Type: SmallInt, Unit: "partners", Description: "Partners outside from which there are imports; residual areas such as 899 count, each as one."},
				number("concentration", Index, "Herfindahl–Hirschman index of their shares in outside_imports_usd, above 0 to 1 (a single one)."),
				share("outside_share", "outside_imports_usd over imports_usd: 1 for who is no member of the EU, but for goods that come back and partners that the files do not list."),
				flag("is_concentrated", "concentration is above 0.4."),
				flag("is_mostly_outside", "outside_imports_usd is above half of imports_usd."),
				flag("exceeds_exports", "outside_imports_usd is above exports_usd."),
				flag("dependency", "All three hold; null when that is not known."),
				splitAlone),
		},
	}
}

// with is a list of columns and what comes after them.
func with(columns []Column, more ...Column) []Column {
	return append(append([]Column{}, columns...), more...)
}
