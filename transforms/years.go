package transforms

// byYear are the transforms whose rows of a year are made of nothing but the rows of that
// year in the tables that they read, as far as these have years: a change in one year of the
// files leaves the rows of all others as they are. What looks at any other year, as growth does
// at the first one, can't be here. TestYearByYear and the days of random work, of package
// pipeline, compare what is made year by year with what is made in one go.
//
// Only what takes long with many rows is here; the others cost as much to make for one year
// as for all.
var byYear = []string{
	// facts
	"code_sums", "counted_sets", "file_sets", "level_totals", "measured_facts", "part_worlds", "partner_sums", "superseded", "whole_files",
	// codes
	"unconverted",
	// world
	"code_coverage", "exporter_coverage", "flow_totals", "group_coverage", "import_headings", "known_codes", "known_trade", "manufactured_exports",
	"monthly_trade", "own_headings", "partner_imports", "product_coverage", "supplier_sums", "unreached_codes", "world_codes",
	"world_exports", "world_trade",
	// measures
	"comparative_advantage", "dominance_hs6", "export_share_hs6", "exporter_concentration", "group_exports", "high_tech_monthly",
	"import_dependence_hs6", "lines", "partner_group_share_hs6", "strategic_dependencies", "supplier_concentration", "suppliers", "trade",
	// checks
	"ambiguous_cells", "check_levels", "check_partners", "level_sums", "mirror_sums", "older_cells", "partner_headings", "partner_totals",
}

// withYearBefore are those whose rows of a year are made of the rows of that year and of the
// year before: a change in one year changes no more than its own rows and those of the next.
var withYearBefore = []string{"exporters", "top_products", "unit_values", "year_totals"}
