package schemas

// trade lists the table of trade itself, which is made where the setting trade asks for it.
func trade() []Output {
	return []Output{{
		Name:        "trade",
		Title:       "Trade by reporter, partner, flow, period and code",
		Description: "All trade that counts, of every reporter in the files, in the set of codes in use: what the measures are made of. One file for each year. World (partner 0) stands beside the partners and is never to be added to them.",
		SortBy:      []string{"year", "month", "reporter", "flow", "partner", "hs_revision", "hs6"},
		Setting:     "trade",
		Partition:   "year",
		Columns: []Column{
			year,
			{Name: "month", Type: SmallInt, Unit: "calendar month", Description: "1 to 12; 0 is the whole year. Months are there where the setting trade says months."},
			reportedBy,
			flow,
			{Name: "partner", Type: SmallInt, Kind: Areas, Description: "M49 code of the partner; 0 is World."},
			hsRevision, hs6, codeSector, codeBasis,
			usd("value_usd", "Value of the trade, as the reporter values it: mostly CIF of imports, FOB of exports."),
			{Name: "net_weight_kg", Type: Double, Unit: "kg", Nullable: true, Description: "Net weight; null where the files do not have it, or of a part of the value only."},
			{Name: "quantity", Type: Double, Unit: "quantity_unit", Nullable: true, Description: "Quantity in quantity_unit; null as that, and where units differ."},
			{Name: "quantity_unit", Type: SmallInt, Nullable: true, Description: "Comtrade's code of the unit, such as 5 for items and 8 for kg; null without a quantity."},
			flag("net_weight_estimated", "The source worked out the weight, or a part of it, itself; null where it does not say, or there is no weight."),
			flag("quantity_estimated", "The same of the quantity."),
			splitUSD, splitBasis,
		},
	}}
}
