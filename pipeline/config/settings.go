package config

import (
	"strings"
	"time"

	"entrepot/schemas"
	"entrepot/sources"
	"entrepot/transforms/checks"
)

// Group says what a setting is for; help lists the settings by it.
type Group string

// The groups, in the order in which help and the configuration file show them.
const (
	First      Group = "Most used"
	Areas      Group = "Countries and world trade"
	Codes      Group = "Codes"
	Thresholds Group = "Thresholds and tables of single measures"
	Inputs     Group = "Input files and quality"
	Operating  Group = "Operating"
	Fetching   Group = "Fetching"
)

// Groups lists the groups in their order.
func Groups() []Group { return []Group{First, Areas, Codes, Thresholds, Inputs, Operating, Fetching} }

// Kind is what a setting's value is, for its flag.
type Kind string

// The kinds. Text is checked by the setting itself.
const (
	Text     Kind = ""
	Path     Kind = "path" // relative to the file that sets it
	Switch   Kind = "switch"
	Whole    Kind = "whole number"
	Duration Kind = "duration"
)

// Setting is one key of the configuration, and the flag of the same name with
// dashes for underscores.
type Setting struct {
	Key     string
	Group   Group
	Kind    Kind
	Default string
	Allowed string   // shown when a value is wrong
	Help    string   // one line, for --help
	More    []string // further lines, for the configuration file
	Old     []string // names that it had before; they are read, with a warning

	// OldValues are words that values had before, and what they are called now.
	OldValues map[string]string

	set func(c *Config, value string) error
}

// Settings lists every setting, in the order of the configuration file.
func Settings() []Setting { return append(runSettings(), fetchSettings()...) }

func runSettings() []Setting {
	return []Setting{
		{Key: "data", Group: First, Allowed: "a folder, or the URL of an object store without credentials, such as s3://bucket/prefix", Kind: Path,
			Help: "folder with the trade files, or an object store (s3://bucket/prefix); its subfolders are read too",
			set:  setPlace(func(c *Config) *string { return &c.Data })},
		{Key: "out", Group: First, Default: "out", Allowed: "a folder; its path can't have ?, # or a lone %", Kind: Path, Help: "folder for the results; out/current is the newest release",
			set: setOut},
		{Key: "reporter", Group: First, Default: "156", Allowed: "countries, such as 156 (M49), CHN, CN or China, a list such as CHN, USA, or all",
			Help: "the countries whose trade is measured: one, a list such as CHN, USA, or all",
			More: []string{"UN Comtrade's numeric code (156 China, 842 United States, 251 France), ISO-3, ISO-2 or a name;",
				"all is every country that the files have rows of. The first one named is shown first."},
			set: text(func(c *Config) *string { return &c.Reporter })},
		{Key: "years", Group: First, Default: "all", Allowed: "all, a range such as 2015-2023, or a list such as 2015, 2019, 2021-2023",
			Help: "the years to report", set: setYears},
		{Key: "dependence_ratio", Group: First, Default: "2", Allowed: "a number above 0, such as 2 or 1.5",
			Help: "a code is import-dependent when imports are at least this many times exports",
			set:  setRatioOf(func(c *Config) *string { return &c.DependenceRatio })},
		{Key: "dominance_share", Group: First, Default: "30%", Allowed: "a share between 0 and 1 such as 0.3, or a percentage such as 30%",
			Help: "a code is dominated when the reporter has more than this share of world exports", set: setShare},
		{Key: "sectors", Group: First, Allowed: "a CSV file with the columns sector,hs_revision,code,reason,label", Kind: Path,
			Help: "sector list that replaces the built-in one (nine sectors of Made in China 2025)",
			set:  text(func(c *Config) *string { return &c.Sectors })},
		{Key: "partner_group", Group: First, Default: "OECD", Allowed: "a group such as OECD, EU, G7, G20, ASEAN, BRICS, CPTPP, RCEP, USMCA, NATO, or a list of countries such as USA,JPN,DEU",
			Help: "group of partners whose share of imports is measured",
			set:  text(func(c *Config) *string { return &c.PartnerGroup })},
		{Key: "groups", Group: Areas, Allowed: "a CSV file with the columns group,area and, if known, joined,left", Kind: Path,
			Help: "table of country groups beside the built-in ones; a group of the same name takes the place of that one",
			set:  text(func(c *Config) *string { return &c.Groups })},
		{Key: "membership", Group: Areas, Default: "current", Allowed: "current or historical",
			Help:      "members of a group are its current ones, or those that it had in each year (historical)",
			OldValues: map[string]string{"today": "current", "then": "historical"},
			set:       oneOf(func(c *Config) *string { return &c.Membership }, "current", "historical")},
		{Key: "areas", Group: Areas, Allowed: "a CSV file with the columns code,iso3,name,kind,valid_from,valid_to,reporter", Kind: Path,
			Help: "table of countries and areas that replaces the built-in one",
			set:  text(func(c *Config) *string { return &c.Areas })},
		{Key: "harmonize", Group: First, Default: ListRevision, Allowed: schemas.HS().Words() + ", list, families or as-reported",
			Help: "HS revision into which all codes are converted",
			More: []string{"list is the oldest revision of which the sector list has codes, H4 of the built-in one.",
				"Reporters change revisions in different years. An older revision is exact: each newer",
				"code has one older code. To a newer one, codes that were split are shared out by later trade,",
				"and the outputs say how much value that concerns (split_usd). Families count codes",
				"that the conversion links as one; as-reported counts codes by their number."},
			set: setHarmonize},
		{Key: "conversion", Group: Codes, Default: "corrected", Allowed: "corrected or official",
			Help:      "the UN's conversion of codes, official or with 37 corrections (docs/revisions.md)",
			OldValues: map[string]string{"proposed": "corrected"},
			More:      []string{"The official table sends displays to telephones and e-waste to processors."},
			set:       oneOf(func(c *Config) *string { return &c.Conversion }, "corrected", "official")},
		{Key: "hs_tables", Group: Codes, Allowed: "a folder that 'entrepot reference import' wrote", Kind: Path,
			Help: "conversion tables that replace the built-in ones or add HS revisions",
			set:  text(func(c *Config) *string { return &c.HSTables })},
		{Key: "world", Group: Areas, Default: "reported", Allowed: "reported or mirrored",
			Help: "world exports are what reporters report, or mirrored: missing reporters are filled in from their partners' imports",
			set:  oneOf(func(c *Config) *string { return &c.World }, "reported", "mirrored")},
		{Key: "cif_fob", Group: Areas, Default: "1.06", Allowed: "a number from 1 to 2, such as 1.06",
			Help: "factor by which imports (CIF) are divided to stand for exports (FOB) in mirrored mode", set: setFactor},
		{Key: "eu_internal", Group: Areas, Default: "in", Allowed: "in or out",
			Help: "leave the trade between members of the EU in world exports, or out",
			set:  oneOf(func(c *Config) *string { return &c.EUInternal }, "in", "out")},
		{Key: "min_coverage", Group: Areas, Default: "90%", Allowed: "a share between 0 and 1 such as 0.9, or a percentage such as 90%",
			Help: "flag years of which the reporters hold less than this share of exports by value (low_coverage)",
			set:  setShareOf(func(c *Config) *string { return &c.MinCoverage })},
		{Key: "min_product_coverage", Group: Areas, Default: "90%", Allowed: "a share between 0 and 1 such as 0.9, or a percentage such as 90%",
			Help: "figures of which the files cover less than this share of the codes are partial: not rated, and not compared",
			More: []string{"A code without a row is zero only where the files are known to have all codes; docs/measures.md."},
			set:  setShareOf(func(c *Config) *string { return &c.MinProductCoverage })},
		{Key: "vulnerability_high_ratio", Group: Thresholds, Default: "2", Allowed: "a number above 0, such as 2 or 1.5",
			Help: "a heading's vulnerability is high from this ratio of imports to exports on, if the group's share is high too",
			More: []string{"The thresholds of vulnerabilities are entrepot's own: the report shows classes and does not",
				"say where they begin."},
			set: setRatioOf(func(c *Config) *string { return &c.VulnerabilityHighRatio })},
		{Key: "vulnerability_high_share", Group: Thresholds, Default: "50%", Allowed: "a share between 0 and 1 such as 0.5, or a percentage such as 50%",
			Help: "the partner group's share of a heading's imports from which on its vulnerability is high",
			set:  setShareOf(func(c *Config) *string { return &c.VulnerabilityHighShare })},
		{Key: "vulnerability_severe_ratio", Group: Thresholds, Default: "5", Allowed: "a number above 0, such as 5 or 7.5",
			Help: "a heading's vulnerability is severe from this ratio on, if the group's share is severe too",
			set:  setRatioOf(func(c *Config) *string { return &c.VulnerabilitySevereRatio })},
		{Key: "vulnerability_severe_share", Group: Thresholds, Default: "75%", Allowed: "a share between 0 and 1 such as 0.75, or a percentage such as 75%",
			Help: "the partner group's share from which on a vulnerability is severe",
			set:  setShareOf(func(c *Config) *string { return &c.VulnerabilitySevereShare })},
		{Key: "vulnerability_easing_fall", Group: Thresholds, Default: "25%", Allowed: "a share between 0 and 1 such as 0.25, or a percentage such as 25%",
			Help: "a vulnerability is easing when imports fell by this part or more from the first year to the last",
			set:  setShareOf(func(c *Config) *string { return &c.VulnerabilityEasingFall })},
		{Key: "firms", Group: Thresholds, Allowed: "a CSV file with the columns sector,firms", Kind: Path,
			Help: "how many of the reporter's firms are among the world's ten largest of a sector, which its rating asks for",
			More: []string{"Trade data do not tell. Where it decides and the table has no row, competitiveness is unknown."},
			set:  text(func(c *Config) *string { return &c.Firms })},
		{Key: "rating_strong_dependence", Group: Thresholds, Default: "10%", Allowed: "a share between 0 and 1 such as 0.1, or a percentage such as 10%",
			Help: "a sector of which less is import-dependent is rated strong",
			set:  setShareOf(func(c *Config) *string { return &c.RatingStrongDependence })},
		{Key: "rating_weak_dependence", Group: Thresholds, Default: "30%", Allowed: "a share between 0 and 1 such as 0.3, or a percentage such as 30%",
			Help: "a sector of which more is import-dependent is rated weak",
			set:  setShareOf(func(c *Config) *string { return &c.RatingWeakDependence })},
		{Key: "rating_strong_export_share", Group: Thresholds, Default: "20%", Allowed: "a share between 0 and 1 such as 0.2, or a percentage such as 20%",
			Help: "a sector with a larger share of world exports is rated strong, if firms says so too",
			set:  setShareOf(func(c *Config) *string { return &c.RatingStrongExportShare })},
		{Key: "rating_weak_export_share", Group: Thresholds, Default: "10%", Allowed: "a share between 0 and 1 such as 0.1, or a percentage such as 10%",
			Help: "a sector whose share of world exports and dominated share are both smaller is rated weak",
			set:  setShareOf(func(c *Config) *string { return &c.RatingWeakExportShare })},
		{Key: "partner", Group: Areas, Default: "842", Allowed: "a country, such as 842 (M49), USA, US or United States",
			Help: "the one partner from which imports are followed over time",
			set:  text(func(c *Config) *string { return &c.Partner })},
		{Key: "high_tech_sectors", Group: Codes, Default: "all", Allowed: "all, or a list of sectors of the sector list such as aerospace, biomed",
			Help: "sectors whose trade is shown by month, from monthly files",
			set:  setNames(func(c *Config) *[]string { return &c.HighTechSectors })},
		{Key: "markets", Group: Thresholds, Allowed: "a CSV file with the columns sector,year,market_usd,source", Kind: Path,
			Help: "sizes of the markets of sectors and groups of products in the reporter's country, of which imports are a share",
			More: []string{"Trade data do not tell. Without it, market_share is empty."},
			set:  text(func(c *Config) *string { return &c.Markets })},
		{Key: "affiliate_sales", Group: Thresholds, Allowed: "a CSV file with the columns year,sales_usd,source", Kind: Path,
			Help: "what the affiliates of the partner's firms sell in the reporter's country, beside the imports from there",
			More: []string{"Such as the US Bureau of Economic Analysis publishes. Without it, affiliate_sales_usd of partner_trend is empty."},
			set:  text(func(c *Config) *string { return &c.AffiliateSales })},
		{Key: "products", Group: Codes, Allowed: "a CSV file with the columns product,code,reason", Kind: Path,
			Help: "groups of products for market_share and group_exports, beside the built-in ones",
			More: []string{"A code is the first two to six digits of codes, in every HS revision. Built in are",
				"medical_devices and agricultural_machinery."},
			set: text(func(c *Config) *string { return &c.Products })},
		{Key: "value_added", Group: Thresholds, Allowed: "a CSV file of the OECD's Trade in Value Added, origin of value added in final demand", Kind: Path,
			Help: "table of the OECD's Trade in Value Added, of which final_demand_origin is made",
			More: []string{"SDMX-CSV as the OECD's Data Explorer saves it (DF_FDVA). Without it, final_demand_origin is empty."},
			set:  text(func(c *Config) *string { return &c.ValueAdded })},
		{Key: "deflator", Group: Thresholds, Allowed: "a CSV file with the columns year,index, or flow,year,index", Kind: Path,
			Help: "price index, by which growth has values at constant prices",
			More: []string{"The prices of the base are 100. flow is M or X. Without it, these columns of growth are empty."},
			set:  text(func(c *Config) *string { return &c.Deflator })},
		{Key: "trade", Group: Areas, Default: "no", Allowed: "no, years or months",
			Help: "publish the table of trade itself, by reporter, partner, flow and code: of years, or of months too",
			More: []string{"It is as large as what the files have, one Parquet file for each year; docs/analyst.md."},
			set:  oneOf(func(c *Config) *string { return &c.Trade }, "no", "years", "months")},
		{Key: "exporters", Group: Areas, Default: "CHN, EU, USA, JPN, KOR", Allowed: "a list of countries (M49, ISO-3, ISO-2 or names) and groups of the group table, such as CHN, EU, USA",
			Help: "countries and groups whose exports are compared; a group's are without the trade between its members",
			set:  setNames(func(c *Config) *[]string { return &c.Exporters })},
		{Key: "checks", Group: Inputs, Allowed: "a list such as levels=fail, mirror=off; a check (" + strings.Join(checks.Names(checks.All()), ", ") + ") is off, warn or fail",
			Help: "severities of the quality checks that differ from their defaults", set: setChecks},
		{Key: "measures_folder", Group: Inputs, Allowed: "a folder with NAME.sql and NAME.yaml for each measure", Kind: Path,
			Help: "your own measures, each a NAME.sql and a NAME.yaml (docs/extending.md); measures beside this file, if it is there",
			set:  text(func(c *Config) *string { return &c.MeasuresFolder })},
		{Key: "checks_folder", Group: Inputs, Allowed: "a folder with NAME.sql and NAME.yaml for each check", Kind: Path,
			Help: "your own quality checks, each a NAME.sql and a NAME.yaml; checks beside this file, if it is there",
			set:  text(func(c *Config) *string { return &c.ChecksFolder })},
		{Key: "parameters", Group: Inputs, Allowed: "a list such as floor=1000000, basis=imports: values of parameters that your own measures and checks declare",
			Help: "values of the parameters that your own measures and checks declare", set: setParameters},
		{Key: "months", Group: Inputs, Default: "apart", Allowed: "apart or sum",
			Help: "let twelve whole months stand for the year where there are no annual rows (sum), or for nothing but themselves (apart)",
			set:  oneOf(func(c *Config) *string { return &c.Months }, "apart", "sum")},
		{Key: "max_rejects", Group: Inputs, Default: "1%", Allowed: "a percentage of the rows such as 1%, or a number of rows such as 200",
			Help: "rows that may be rejected; with more, nothing is published",
			More: []string{"Rows that can't be used are never dropped in silence: they are counted and listed in", "the table rejects. A release that lacks some ends with exit code 3."},
			set:  setBudget},
		{Key: "allow_fewer_reporters", Group: Inputs, Default: "false", Allowed: "true or false",
			Help: "publish although reporters of the current release are missing in some year", Kind: Switch,
			set: yesNo(func(c *Config) *bool { return &c.AllowFewerReporters })},
		{Key: "allow_empty", Group: Inputs, Default: "false", Allowed: "true or false",
			Help: "exit 0 when the data folder is empty; nothing is published", Kind: Switch,
			set: yesNo(func(c *Config) *bool { return &c.AllowEmpty })},
		{Key: "allow_incomplete", Group: Inputs, Default: "false", Allowed: "true or false",
			Help: "exit 0, not 3, when a release is published although rows were rejected, files not used, or reporters are missing", Kind: Switch,
			More: []string{"For orchestrators that take any other code for failure. The log still warns, and so do manifest and metrics."},
			set:  yesNo(func(c *Config) *bool { return &c.AllowIncomplete })},
		{Key: "lake", Group: Operating, Allowed: "a folder, or the URL of an object store without credentials, such as s3://bucket/prefix", Kind: Path,
			Help: "folder or object store (s3://bucket/prefix) for the rows of the input files, instead of the workspace",
			More: []string{"Each file is read once for all who share the lake. Without a data folder, a run takes the files that",
				"'entrepot stage' brought there; docs/scale.md."},
			set: setPlace(func(c *Config) *string { return &c.Lake })},
		{Key: "engine", Group: Operating, Default: EmbeddedEngine, Allowed: "duckdb, or the address of a Trino cluster and its catalog without a password, such as https://anna@trino.example.org/trade",
			Help: "where steps that look through all rows run: duckdb, or a Trino cluster (https://user@host/catalog) over the lake",
			More: []string{"Its password is in ENTREPOT_ENGINE_PASSWORD, or a JWT in ENTREPOT_ENGINE_TOKEN; docs/scale.md.",
				"The release is the same. It pays from some hundred million rows on."},
			set: setEngine},
		{Key: "engine_timeout", Group: Operating, Kind: Duration, Default: "0s", Allowed: "a duration such as 2h or 30m; 0s is what the cluster allows",
			Help: "how long one query on the cluster may take until it is ended", set: setDuration(func(c *Config) *time.Duration { return &c.EngineTimeout })},
		{Key: "engine_retries", Group: Operating, Kind: Whole, Default: "2", Allowed: "a whole number; 0 tries once",
			Help: "how often a query on the cluster is sent again when a node was lost, or for another reason that may pass", set: setRetries},
		{Key: "keep_releases", Group: Operating, Kind: Whole, Default: "10", Allowed: "a whole number; 0 keeps all",
			Help: "releases that are kept, the current one among them", set: setKeep},
		{Key: "publish", Group: Operating, Allowed: "the URL of an object store without credentials, such as s3://bucket/prefix or " +
			"s3://bucket/prefix?endpoint=https://minio.example.org, or of a folder, such as file:///srv/trade",
			Help: "object store to which each release is copied; its current.json names the one that readers should take",
			More: []string{"Credentials come from the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY),",
				"~/.aws/credentials or the role of the machine; see docs/operating.md. A prefix is for one output folder."},
			set: setStore},
		{Key: "hook", Group: Operating, Allowed: "a command for the shell, such as ./refresh-dashboard.sh",
			Help: "command that is run when a release has been published, with its id in ENTREPOT_RELEASE",
			More: []string{"Its folder is in ENTREPOT_RELEASE_FOLDER, the release before in ENTREPOT_PREVIOUS_RELEASE."},
			set:  text(func(c *Config) *string { return &c.Hook })},
		{Key: "hook_timeout", Group: Operating, Kind: Duration, Default: "10m", Allowed: "a duration above 0 such as 10m or 30s",
			Help: "how long the hook may take until it is ended", set: setHookTimeout},
		{Key: "metrics_file", Group: Operating, Allowed: "a file, such as /var/lib/node_exporter/entrepot.prom", Kind: Path,
			Help: "write figures of each run to this file for Prometheus' textfile collector", set: text(func(c *Config) *string { return &c.MetricsFile })},
		{Key: "openlineage_file", Group: Operating, Allowed: "a file, such as lineage.ndjson", Kind: Path,
			Help: "add an OpenLineage event at the beginning and the end of each run to this file", set: text(func(c *Config) *string { return &c.OpenLineageFile })},
		{Key: "openlineage_url", Group: Operating, Allowed: "the address of a server without credentials, such as https://marquez.example.org",
			Help: "send these events to this server; its key is in OPENLINEAGE_API_KEY", set: setServer(func(c *Config) *string { return &c.OpenLineageURL })},
		{Key: "wait", Group: Operating, Kind: Duration, Default: "0s", Allowed: "a duration such as 10m or 30s",
			Help: "how long to wait for another run's lock", set: setDuration(func(c *Config) *time.Duration { return &c.Wait })},
		{Key: "source_order", Group: Inputs, Default: strings.Join(sources.DefaultOrder(), ", "), Allowed: "a list of sources, such as comtrade, baci",
			Help: "sources by trust: where two have a value of the same cell, the first one's counts",
			More: []string{"Two sources never add up. 'entrepot sources conflicts' lists where they differ. Sources that", "are not in the list come after it."},
			set:  setSourceOrder},
		{Key: "strict", Group: Inputs, Default: "false", Allowed: "true or false",
			Help: "fail when a file is not understood, instead of going on without it", Kind: Switch,
			set: yesNo(func(c *Config) *bool { return &c.Strict })},
		{Key: "ignore", Group: Inputs, Allowed: "a list of file names or patterns, such as README.csv, drafts/*",
			Help: "files and folders of the data folder that are no trade data; they are passed over",
			More: []string{"A pattern without a slash fits a name in any folder. Hidden files, lock files of spreadsheets", "(~$) and downloads that are not finished (.part, .crdownload) are passed over in any case."},
			set:  setPatterns},
		{Key: "memory_limit", Group: Operating, Default: "2GiB", Allowed: "a size such as 2GiB or 800MB",
			Help: "memory that DuckDB may use before it spills to disk", set: setMemory},
		{Key: "threads", Group: Operating, Kind: Whole, Default: "0", Allowed: "a whole number; 0 means one for each processor",
			Help: "threads that DuckDB may use; results do not depend on them", set: setThreads},
	}
}
