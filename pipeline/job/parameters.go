package job

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"entrepot/pipeline/config"
	"entrepot/schemas"
	"entrepot/transforms"
	"entrepot/transforms/own"
)

// Parameters are the values that the transforms' SQL binds, by name. They are
// text and whole numbers, which DuckDB casts exactly.
func (j *Job) Parameters() map[string]any {
	c := j.Config
	var years []string
	for _, y := range c.Years {
		years = append(years, strconv.Itoa(y))
	}
	all := map[string]any{
		"reporters":            j.Reporters.Text(),
		"years":                strings.Join(years, ","),
		"dependence_ratio":     c.DependenceRatio,
		"dominance_share":      c.DominanceShare,
		"partner_group":        c.PartnerGroup,
		"membership":           c.Membership,
		"harmonize":            c.Harmonize,
		"conversion":           c.Conversion,
		"list_revision":        j.listRevision(),
		"code_basis":           j.codeBasis(),
		"world":                c.World,
		"months":               c.Months,
		"cif_fob":              c.CIFFOB,
		"eu_internal":          c.EUInternal,
		"min_coverage":         c.MinCoverage,
		"min_product_coverage": c.MinProductCoverage,
		"checks":               c.Severities(j.Checks),

		"partner":           int64(j.Partner.Code),
		"high_tech_sectors": orAll(c.HighTechSectors),
		"exporters":         strings.Join(j.exporters, ","),
		"trade":             c.Trade,

		"vulnerability_high_ratio":   c.VulnerabilityHighRatio,
		"vulnerability_high_share":   c.VulnerabilityHighShare,
		"vulnerability_severe_ratio": c.VulnerabilitySevereRatio,
		"vulnerability_severe_share": c.VulnerabilitySevereShare,
		"vulnerability_easing_fall":  c.VulnerabilityEasingFall,
		"rating_strong_dependence":   c.RatingStrongDependence,
		"rating_weak_dependence":     c.RatingWeakDependence,
		"rating_strong_export_share": c.RatingStrongExportShare,
		"rating_weak_export_share":   c.RatingWeakExportShare,
	}
	maps.Copy(all, j.ownValue)
	return all
}

// Outputs lists the tables that are published: those that are always made, and those that
// a setting asks for.
func (j *Job) Outputs() []schemas.Output {
	all := j.Parameters()
	return slices.DeleteFunc(slices.Clone(j.Catalogue), func(o schemas.Output) bool { return o.Setting != "" && all[o.Setting] == "no" })
}

// orAll is a list of names as the setting states it.
func orAll(names []string) string {
	if len(names) == 0 {
		return "all"
	}
	return strings.Join(names, ",")
}

// codeBasis says in one column what codes are counted in.
func (j *Job) codeBasis() string {
	if j.Config.Harmonize == "as-reported" {
		return j.Config.Harmonize
	}
	return fmt.Sprintf("%s, %s conversion", j.Config.Harmonize, j.Config.Conversion)
}

// listRevision is the revision in which codes are listed, when codes are counted
// as reported, for a year that has no data to tell: the newest of the sector list.
func (j *Job) listRevision() string {
	newest := ""
	for _, revision := range j.Reference.Revisions.IDs() {
		if j.Reference.HasSectors(revision) {
			newest = revision
		}
	}
	return newest
}

// Bind picks the parameters that a transform's SQL names.
func (j *Job) Bind(t transforms.Transform) ([]any, error) {
	all := j.Parameters()
	var bound []any
	for _, name := range t.Parameters {
		value, ok := all[name]
		if !ok {
			return nil, fmt.Errorf("transform %s: its SQL names the parameter $%s, which does not exist", t.Name, name)
		}
		bound = append(bound, sql.Named(name, value))
	}
	return bound, nil
}

// describedReporters is one reporter's number, or the list of several.
func (j *Job) describedReporters() any {
	if one, ok := j.Reporters.One(); ok {
		return int64(one.Code)
	}
	return j.Reporters.Text()
}

// Described is what was asked for, as the outputs state it: what the SQL
// binds, without what follows from it, and the reference tables.
func (j *Job) Described() map[string]any {
	all := j.Parameters()
	delete(all, "list_revision")
	delete(all, "code_basis")
	delete(all, "reporters")
	all["reporter"] = j.describedReporters()
	if all["years"] == "" {
		all["years"] = "all"
	}
	for name, value := range j.ownValue {
		all[name] = own.Text(value)
	}
	all["source_order"], all[config.FilesKey] = strings.Join(j.Config.SourceOrder, ", "), j.Config.Files
	all["reference"] = j.Reference.Hash(ReferenceTables...)[:12]
	return all
}
