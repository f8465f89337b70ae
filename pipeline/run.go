// Package pipeline runs the stages: it extracts the input files into the
// workspace, transforms what they hold into the measures and publishes these as
// a release of Parquet files.
//
// Run does all of it and skips what is up to date. What is up to date is decided
// by content: each step's fingerprint covers its inputs, its SQL, its parameters
// and its reference data (extract.go, transform.go). What a step makes and its
// fingerprint commit in one DuckDB transaction (workspace.go), so a run that is
// killed goes on from the last finished step. A release appears as a whole or
// not at all (publish.go).
package pipeline

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"entrepot/schemas"
)

// Version is the version of entrepot. Releases of two versions differ in their
// ids even when their numbers agree.
const Version = "0.1.0"

// runner is one run.
type runner struct {
	config    *Config
	version   string
	log       *slog.Logger
	now       func() time.Time
	reference *schemas.Reference
	reporter  schemas.Area
	partner   schemas.Area
	exporters []string // M49 codes and names of groups
	work      *workspace
	made      atomic.Int64
	selection Selection
	started   time.Time
	runID     string // of this run, for OpenLineage

	progressLock sync.Mutex
	progress     Progress

	statusLock  sync.Mutex
	statusSaved time.Time
}

// Summary tells what a run did and found.
type Summary struct {
	Release   string // its id
	Fresh     bool   // whether this run wrote it
	Made      int64  // tables that were made anew
	Files     []FileReport
	Rejects   []ReasonCount // rows that can't be used
	LeftOut   []ReasonCount // rows that would double a figure
	Overlap   []ReasonCount // rows whose cell another row has
	Warnings  []string
	Parameter map[string]any
	Reporter  schemas.Area
	Figures   []Figure
	Took      time.Duration

	// Shortfalls says why a release that this run published is not whole: rows
	// were set aside within the budget, files not used, reporters missing.
	Shortfalls []string
	// Empty: there were no files, which allow_empty allows. Nothing was done.
	Empty bool
}

// ReasonCount is a number of input rows with one reason.
type ReasonCount struct {
	Reason string `json:"reason"`
	Rows   int64  `json:"rows"`
}

// Figure is a published figure as the terminal shows it: sectors by years.
type Figure struct {
	Name, Title string
	Years       []int
	Sectors     []string
	Cells       map[string]map[int]Cell
}

// Cell is a share with the counts behind it. Counts are zero when Known is false.
type Cell struct {
	Known       bool
	Part, Of    int64
	LowCoverage bool // world exports of the year are not whole
}

// Run brings the release of a configuration up to date with its data folder.
// Errors of the user's making are *UsageError; ErrLocked means that another run
// is at work; *CheckError means that a quality check stopped the run. What was
// published before stays as it is unless Run succeeds.
func Run(ctx context.Context, c *Config, log *slog.Logger) (*Summary, error) {
	return RunStages(ctx, c, Selection{}, log)
}

// RunStages does the selected part of a run. The summary has no release and no
// figures when the selection ends before the stage load.
func RunStages(ctx context.Context, c *Config, selection Selection, log *slog.Logger) (s *Summary, err error) {
	if err := selection.Check(); err != nil {
		return nil, err
	}
	r := &runner{config: c, version: Version, log: log, now: time.Now, selection: selection}
	if err := r.prepare(); err != nil {
		return nil, err
	}
	r.work, err = openWorkspace(ctx, c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.work.close()) }()
	if err := r.checkSteps(ctx); err != nil {
		return nil, err
	}
	r.started = r.now()
	defer r.progressOf(func(p *Progress) { *p = Progress{} })
	if r.runID, err = newRunID(); err != nil {
		return nil, err
	}
	if err := errors.Join(r.stepDone(), r.lineage("START", nil, nil)); err != nil {
		return nil, err
	}
	s, err = r.stages(ctx)
	if s != nil {
		s.Took = r.now().Sub(r.started)
	}
	return s, errors.Join(err, r.remember(s, err))
}

func (r *runner) stages(ctx context.Context) (*Summary, error) {
	if err := r.loadReference(ctx); err != nil {
		return nil, err
	}
	s := &Summary{Parameter: r.describeParameters(), Reporter: r.reporter}
	if r.selection.has(StageExtract) {
		files, err := r.extract(ctx)
		if errors.Is(err, errNoFiles) && r.config.AllowEmpty {
			s.Empty = true
			return s, nil
		}
		if err != nil {
			return nil, err
		}
		if err := errors.Join(r.strict(files), usable(files)); err != nil {
			return nil, err
		}
		s.Files = files
	}
	if r.selection.has(StageLoad) {
		if err := r.checkBudget(ctx); err != nil {
			return nil, err
		}
	}
	if r.selection.has(StageTransform) {
		if err := r.computable(ctx); err != nil {
			return nil, err
		}
		if err := r.transform(ctx); err != nil {
			return nil, err
		}
	}
	s.Made = r.made.Load()
	if r.selection.has(StageCheck) {
		if err := r.failedChecks(ctx); err != nil {
			return nil, err
		}
	}
	if !r.selection.has(StageLoad) {
		return s, nil
	}
	if err := r.load(ctx, s); err != nil {
		return nil, err
	}
	return s, nil
}

// load publishes the tables as they are, if they are up to date.
func (r *runner) load(ctx context.Context, s *Summary) error {
	now, err := r.fingerprints(ctx)
	if err != nil {
		return err
	}
	states, err := r.work.steps(ctx)
	if err != nil {
		return err
	}
	if err := r.fresh(states, now); err != nil {
		return err
	}
	missing, switched, err := r.publish(ctx, s, now)
	if err != nil {
		return err
	}
	if s.Files == nil {
		known, err := r.work.files(ctx)
		if err != nil {
			return err
		}
		for _, f := range byName(known) {
			s.Files = append(s.Files, f.report(false))
		}
	}
	if switched {
		s.Shortfalls = shortfalls(s, missing)
	}
	if !s.Fresh && r.recall(s) {
		return nil
	}
	if err := r.summarize(ctx, s); err != nil {
		return err
	}
	return r.keepSummary(s)
}

// kept is the part of a summary that a release's id decides. It is kept beside the
// workspace, because a run that finds nothing new must not look at every fact again.
type kept struct {
	Release                   string
	Rejects, LeftOut, Overlap []ReasonCount
	Warnings                  []string
	Figures                   []Figure
}

func (r *runner) summaryFile() string { return filepath.Join(r.work.dir, "summary.json") }

func (r *runner) keepSummary(s *Summary) error {
	text, err := json.Marshal(kept{s.Release, s.Rejects, s.LeftOut, s.Overlap, s.Warnings, s.Figures})
	if err != nil {
		return fmt.Errorf("keep the summary: %w", err)
	}
	next := r.summaryFile() + ".next"
	if err := os.WriteFile(next, text, 0o644); err != nil {
		return fmt.Errorf("keep the summary: %w", err)
	}
	if err := os.Rename(next, r.summaryFile()); err != nil {
		return fmt.Errorf("keep the summary: %w", err)
	}
	return nil
}

// recall fills in the summary that was kept for the release, if one was.
func (r *runner) recall(s *Summary) bool {
	text, err := os.ReadFile(r.summaryFile())
	var k kept
	if err != nil || json.Unmarshal(text, &k) != nil || k.Release != s.Release {
		return false // it is made again
	}
	s.Rejects, s.LeftOut, s.Overlap, s.Warnings, s.Figures = k.Rejects, k.LeftOut, k.Overlap, k.Warnings, k.Figures
	return true
}

// prepare checks the configuration against the reference data.
func (r *runner) prepare() error {
	c := r.config
	var err error
	r.reference, err = schemas.Load(schemas.Files{Areas: c.Areas, Groups: c.Groups, Sectors: c.Sectors, HSTables: c.HSTables, Firms: c.Firms, Markets: c.Markets})
	if err != nil {
		return usage("%v", err)
	}
	if err := c.resolveAreas(r.reference); err != nil {
		return err
	}
	r.reporter, err = r.reference.Area(c.Reporter)
	if err != nil {
		return usage("reporter %q is not allowed: %v", c.Reporter, err)
	}
	if r.reporter.Kind != "country" {
		return usage("reporter %q is not allowed: %s adds up others; name one country", c.Reporter, r.reporter.Name)
	}
	if groups := r.reference.GroupNames(); !slices.Contains(groups, c.PartnerGroup) {
		return usage("partner_group %q is not allowed: there are %s; add your own with groups: FILE", c.PartnerGroup, strings.Join(groups, ", "))
	}
	if isRevision := strings.HasPrefix(c.Harmonize, "H"); isRevision && !slices.Contains(r.reference.Revisions, c.Harmonize) {
		return usage("harmonize %q is not allowed: there are code lists of %s; 'entrepot reference import' adds others", c.Harmonize, strings.Join(r.reference.Revisions, ", "))
	} else if isRevision && !r.reference.HasSectors(c.Harmonize) {
		return usage("the sector list has no codes of %s: set harmonize to the revision of the list", c.Harmonize)
	}
	if err := r.prepareMeasures(); err != nil {
		return err
	}
	if number(c.RatingStrongDependence) > number(c.RatingWeakDependence) {
		return usage("rating_strong_dependence %s is above rating_weak_dependence %s: no sector could be mixed", c.RatingStrongDependence, c.RatingWeakDependence)
	}
	if number(c.RatingWeakExportShare) > number(c.RatingStrongExportShare) {
		return usage("rating_weak_export_share %s is above rating_strong_export_share %s: a sector could be both", c.RatingWeakExportShare, c.RatingStrongExportShare)
	}
	return nil
}

// strict fails for files that are not used, if the configuration asks for it.
func (r *runner) strict(files []FileReport) error {
	var b strings.Builder
	for _, f := range files {
		if f.Refusal != "" {
			fmt.Fprintf(&b, "\n  %s %s", f.Name, f.Refusal)
		}
	}
	if !r.config.Strict || b.Len() == 0 {
		return nil
	}
	return fmt.Errorf("files are not used, and strict does not go on without them:%s", b.String())
}

// prepareMeasures checks settings of single measures against the reference data.
func (r *runner) prepareMeasures() error {
	c := r.config
	var err error
	if r.partner, err = r.reference.Partner(c.Partner); err != nil {
		return usage("partner %q is not allowed: %v", c.Partner, err)
	}
	if r.partner.Kind != "country" && r.partner.Kind != "residual" {
		return usage("partner %q is not allowed: %s adds up others; name one country", c.Partner, r.partner.Name)
	}
	for _, s := range c.HighTechSectors {
		if names := r.reference.SectorNames(); !slices.Contains(names, s) {
			return usage("high_tech_sectors %q is not allowed: the sector list has %s", s, strings.Join(names, ", "))
		}
	}
	if len(c.Exporters) == 0 {
		return usage("exporters all is not allowed: name countries and groups, such as CHN, EU, USA")
	}
	r.exporters = nil
	seen := map[string]string{}
	byDefault := slices.Equal(c.Exporters, NewConfig().Exporters)
	for _, e := range c.Exporters {
		if byDefault && e == "EU" && !slices.Contains(r.reference.GroupNames(), e) {
			continue // a table of the user's need not have it
		}
		exporter, key, err := r.exporter(e)
		if err != nil {
			return err
		}
		if seen[key] != "" {
			return usage("exporters %q is not allowed: it is %s once more", e, seen[key])
		}
		seen[key] = e
		r.exporters = append(r.exporters, exporter)
	}
	return nil
}

// exporter finds an exporter by its name, and gives the name that the output has
// for it: the ISO-3 code, or else the group's.
func (r *runner) exporter(name string) (exporter, shown string, err error) {
	groups := r.reference.GroupNames()
	if slices.Contains(groups, name) {
		return name, name, nil
	}
	area, err := r.reference.Partner(name)
	if err != nil {
		return "", "", usage("exporters %q is not allowed: %v, and the groups are %s", name, err, strings.Join(groups, ", "))
	}
	if area.Kind != "country" {
		return "", "", usage("exporters %q is not allowed: %s is no country; the groups are %s", name, area.Name, strings.Join(groups, ", "))
	}
	code := strconv.Itoa(int(area.Code))
	return code, cmp.Or(area.ISO3, code), nil
}

func usable(files []FileReport) error {
	for _, f := range files {
		if f.Staged > 0 {
			return nil
		}
	}
	var b strings.Builder
	for _, f := range files {
		reason := f.Refusal
		if reason == "" {
			reason = fmt.Sprintf("none of its %d rows can be used: %d rejected, %d left out", f.Read, f.Rejected, f.LeftOut)
		}
		fmt.Fprintf(&b, "\n  %s %s", f.Name, reason)
	}
	return fmt.Errorf("no file has data that can be used:%s", b.String())
}

// computable fails when the files have nothing that a measure is made of: empty
// figures would look like figures without trade.
func (r *runner) computable(ctx context.Context) error {
	var usable bool
	err := r.work.db.QueryRowContext(ctx, "SELECT EXISTS (FROM staged s JOIN files f USING (file_id) WHERE level = 6 AND month = 0 AND (partner = 0 OR f.all_partners))").Scan(&usable)
	if err != nil {
		return fmt.Errorf("look for rows that measures are made of: %w", err)
	}
	if usable {
		return nil
	}
	var found sql.NullString
	err = r.work.db.QueryRowContext(ctx, `
		WITH kinds AS (
			SELECT CASE level WHEN 0 THEN 'TOTAL' ELSE 'HS-' || level END || CASE WHEN month > 0 THEN ' by month' ELSE '' END
				|| CASE WHEN partner = 0 THEN ' with World' ELSE ' by partner' END AS kind,
				count(*) AS rows
			FROM staged GROUP BY kind)
		SELECT string_agg(format('{:d} rows of {}', rows, kind), ', ' ORDER BY rows DESC, kind) FROM kinds`).Scan(&found)
	if err != nil {
		return fmt.Errorf("look for rows that measures are made of: %w", err)
	}
	return fmt.Errorf("no file has annual HS-6 rows with partner World, of which every measure is made; the files have %s: "+
		"download the HS-6 codes (AG6) with partner World, too", found.String)
}

func byName(known map[string]file) []file {
	var files []file
	for _, f := range known {
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.name, b.name) })
	return files
}

func (r *runner) summarize(ctx context.Context, s *Summary) error {
	count := func(query string) ([]ReasonCount, error) {
		return QueryAll(ctx, r.work.db, scanReason, query)
	}
	var err error
	if s.Rejects, err = count("SELECT reason, count(*) FROM rejects GROUP BY reason ORDER BY 2 DESC, 1"); err != nil {
		return fmt.Errorf("count rejects: %w", err)
	}
	if s.LeftOut, err = count("SELECT reason, sum(rows)::BIGINT FROM left_out GROUP BY reason ORDER BY 2 DESC, 1"); err != nil {
		return fmt.Errorf("count rows left out: %w", err)
	}
	if s.Overlap, err = count("SELECT reason, count(*) FROM superseded GROUP BY reason ORDER BY 2 DESC, 1"); err != nil {
		return fmt.Errorf("count overlapping rows: %w", err)
	}
	if s.Warnings, err = r.warnings(ctx); err != nil {
		return err
	}
	for _, f := range []struct{ name, table, part, of, low string }{
		{"Figure 14", "import_dependence", "codes_dependent", "codes_traded", "false"},
		{"Figure 27", "dominance", "codes_dominated", "codes_exported", "low_coverage"},
	} {
		figure, err := r.figure(ctx, f.name, f.table, f.part, f.of, f.low)
		if err != nil {
			return err
		}
		s.Figures = append(s.Figures, figure)
	}
	return nil
}

func (r *runner) figure(ctx context.Context, name, table, part, of, low string) (Figure, error) {
	output, err := schemas.Lookup(table)
	if err != nil {
		return Figure{}, err
	}
	f := Figure{Name: name, Title: output.Title, Cells: map[string]map[int]Cell{}}
	_, err = QueryAll(ctx, r.work.db, func(rows *sql.Rows) (struct{}, error) {
		var sector string
		var year int
		var p, o sql.NullInt64
		var low bool
		if err := rows.Scan(&sector, &year, &p, &o, &low); err != nil {
			return struct{}{}, err
		}
		if f.Cells[sector] == nil {
			f.Cells[sector] = map[int]Cell{}
			f.Sectors = append(f.Sectors, sector)
		}
		if !slices.Contains(f.Years, year) {
			f.Years = append(f.Years, year)
		}
		f.Cells[sector][year] = Cell{Known: p.Valid && o.Int64 > 0, Part: p.Int64, Of: o.Int64, LowCoverage: low}
		return struct{}{}, nil
	}, fmt.Sprintf("SELECT sector, year, %s, %s, %s FROM %s ORDER BY sector, year", part, of, low, table))
	slices.Sort(f.Years)
	if err != nil {
		return f, fmt.Errorf("read %s: %w", table, err)
	}
	return f, nil
}
