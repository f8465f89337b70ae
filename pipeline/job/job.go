// Package job is what a run is asked to do, worked out: the configuration checked
// against the reference data, the part of a run that was chosen, the parameters that
// SQL binds, and the fingerprints of what steps are made from.
//
// It changes nothing. The stages (packages extract, transform, check, load) do what it
// says.
package job

import (
	"cmp"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"entrepot/pipeline/config"
	"entrepot/pipeline/usage"
	"entrepot/schemas"
	"entrepot/transforms"
	"entrepot/transforms/checks"
	"entrepot/transforms/own"
)

// Version is the version of entrepot. Releases of two versions differ in their
// ids even when their numbers agree.
const Version = "0.2.0"

// Job is one run to be done.
type Job struct {
	Config    config.Config
	Selection Selection
	Log       *slog.Logger
	Now       func() time.Time

	Reference *schemas.Reference
	Reporters schemas.Reporters
	Partner   schemas.Area
	exporters []string // M49 codes and names of groups

	Catalogue schemas.Catalogue      // what may be published
	Tables    []transforms.Transform // what is made; every one stands behind those that it needs
	Checks    []checks.Check         // the quality checks that there are
	Own       own.Sources            // the user's measures and checks

	own      *own.Set
	ownValue map[string]any // of the user's parameters

	readers sync.Map // what Reader found, by the settings' Match
}

// New works out what a configuration asks for. A setting that the reference data do
// not allow is a *usage.Error. The configuration is copied: it may serve another run.
func New(c *config.Config, selection Selection, log *slog.Logger) (*Job, error) {
	if err := selection.Check(); err != nil {
		return nil, err
	}
	go transforms.All() // which takes some time the first time: it is ready when the reference data are read
	j := &Job{Config: *c, Selection: selection, Log: log, Now: time.Now}
	for _, warning := range c.Warnings() {
		log.Warn(warning)
	}
	if err := j.prepare(); err != nil {
		return j, err
	}
	return j, j.prepareOwn()
}

// prepare checks the configuration against the reference data.
func (j *Job) prepare() error {
	c := &j.Config
	var err error
	j.Reference, err = schemas.Load(schemas.Files{Base: c.Base, Areas: c.Areas, Groups: c.Groups, Sectors: c.Sectors, HSTables: c.HSTables, Firms: c.Firms, Markets: c.Markets, ValueAdded: c.ValueAdded, AffiliateSales: c.AffiliateSales, Deflator: c.Deflator, Products: c.Products})
	if err != nil {
		return usage.Errorf("%w", err)
	}
	if err := c.ResolveAreas(j.Reference); err != nil {
		return err
	}
	if j.Reporters, err = j.Reference.Reporters(c.Reporter); err != nil {
		return usage.Errorf("reporter %q is not allowed: %w", c.Reporter, err)
	}
	if err := j.prepareUserTables(); err != nil {
		return err
	}
	if err := j.preparePartnerGroup(); err != nil {
		return err
	}
	if err := j.prepareRevision(); err != nil {
		return err
	}
	if err := j.prepareMeasures(); err != nil {
		return err
	}
	if config.Number(c.RatingStrongDependence) > config.Number(c.RatingWeakDependence) {
		return usage.Errorf("rating_strong_dependence %s is above rating_weak_dependence %s: no sector could be mixed", c.RatingStrongDependence, c.RatingWeakDependence)
	}
	if config.Number(c.RatingWeakExportShare) > config.Number(c.RatingStrongExportShare) {
		return usage.Errorf("rating_weak_export_share %s is above rating_strong_export_share %s: a sector could be both", c.RatingWeakExportShare, c.RatingStrongExportShare)
	}
	return nil
}

// prepareUserTables gives the rows of the user's tables that name no reporter to the one
// whose trade is measured.
func (j *Job) prepareUserTables() error {
	one, isOne := j.Reporters.One()
	if table := j.Reference.GiveTo(one.Code); table != "" && !isOne {
		return usage.Errorf("%s: with more than one reporter, each row must say whose it is: add a column reporter, such as CHN, before the others", table)
	}
	return nil
}

// preparePartnerGroup finds the group of partners in the table, whatever the case of its
// name, or makes it of a list of countries.
func (j *Job) preparePartnerGroup() error {
	c := &j.Config
	group, err := j.Reference.Group(c.PartnerGroup)
	if err != nil {
		return usage.Errorf("partner_group %q is not allowed: %w", c.PartnerGroup, err)
	}
	c.PartnerGroup = group
	return nil
}

// prepareRevision finds the HS revision that codes are converted to, and the sectors of
// its codes.
func (j *Job) prepareRevision() error {
	c := &j.Config
	if c.Harmonize == config.ListRevision {
		c.Harmonize = j.Reference.SectorRevision()
	}
	if !strings.HasPrefix(c.Harmonize, "H") {
		return nil // families, and codes as they were reported
	}
	if !j.Reference.Revisions.Has(c.Harmonize) {
		return usage.Errorf("harmonize %q is not allowed: there are code lists of %s; 'entrepot reference import' adds others", c.Harmonize, j.Reference.Revisions)
	}
	if j.Reference.HasSectors(c.Harmonize) {
		return nil
	}
	from, err := j.Reference.DeriveSectors(c.Harmonize, c.Conversion == "official")
	if err != nil {
		return usage.Errorf("sectors: %w", err)
	}
	j.Log.Info("the sector list has no codes of the revision that codes are converted to; they follow from another", "revision", c.Harmonize, "from", from)
	return nil
}

// prepareMeasures checks settings of single measures against the reference data.
func (j *Job) prepareMeasures() error {
	c := &j.Config
	var err error
	if j.Partner, err = j.Reference.Area(c.Partner); err != nil {
		return usage.Errorf("partner %q is not allowed: %w", c.Partner, err)
	}
	if j.Partner.Kind != "country" && j.Partner.Kind != "residual" {
		return usage.Errorf("partner %q is not allowed: %s adds up others; name one country", c.Partner, j.Partner.Name)
	}
	for _, s := range c.HighTechSectors {
		if names := j.Reference.SectorNames(); !slices.Contains(names, s) {
			return usage.Errorf("high_tech_sectors %q is not allowed: the sector list has %s", s, strings.Join(names, ", "))
		}
	}
	return j.prepareExporters()
}

// prepareExporters finds the countries and groups whose exports are compared.
func (j *Job) prepareExporters() error {
	c := &j.Config
	if len(c.Exporters) == 0 {
		return usage.Errorf("exporters all is not allowed: name countries and groups, such as CHN, EU, USA")
	}
	j.exporters = nil
	seen := map[string]string{}
	for rest := c.Exporters; len(rest) > 0; {
		exporter, key, used, err := j.exporter(rest)
		if err != nil {
			return err
		}
		name := strings.Join(rest[:used], ", ")
		if seen[key] != "" {
			return usage.Errorf("exporters %q is not allowed: it is %s once more", name, seen[key])
		}
		seen[key] = name
		j.exporters, rest = append(j.exporters, exporter), rest[used:]
	}
	return nil
}

// exporter finds the exporter at the beginning of a list, and gives the name that the
// output has for it, the ISO-3 code or else the group's, and how many parts of the list
// are its name.
func (j *Job) exporter(list []string) (exporter, shown string, used int, err error) {
	if group := j.Reference.GroupNamed(list[0]); group != "" {
		return group, group, 1, nil
	}
	groups := strings.Join(j.Reference.GroupNames(), ", ")
	area, used, err := j.Reference.FirstArea(list)
	if err != nil {
		return "", "", 0, usage.Errorf("exporters %q is not allowed: %w, and the groups are %s", list[0], err, groups)
	}
	if area.Kind != "country" {
		return "", "", 0, usage.Errorf("exporters %q is not allowed: %s is no country; the groups are %s", list[0], area.Name, groups)
	}
	code := strconv.Itoa(int(area.Code))
	return code, cmp.Or(area.ISO3, code), used, nil
}
