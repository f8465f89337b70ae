package pipeline

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"entrepot/schemas"
	"entrepot/transforms"

	"golang.org/x/sync/errgroup"
)

// parameters are the values that the transforms' SQL binds, by name. They are
// text and whole numbers, which DuckDB casts exactly.
func (r *runner) parameters() map[string]any {
	c := r.config
	var years []string
	for _, y := range c.Years {
		years = append(years, strconv.Itoa(y))
	}
	return map[string]any{
		"reporter":         int64(r.reporter.Code),
		"years":            strings.Join(years, ","),
		"dependence_ratio": c.DependenceRatio,
		"dominance_share":  c.DominanceShare,
		"partner_group":    c.PartnerGroup,
		"membership":       c.Membership,
		"harmonize":        c.Harmonize,
		"conversion":       c.Conversion,
		"list_revision":    r.listRevision(),
		"code_basis":       r.codeBasis(),
		"world":            c.World,
		"cif_fob":          c.CIFFOB,
		"eu_internal":      c.EUInternal,
		"min_coverage":     c.MinCoverage,
		"checks":           c.severities(),

		"partner":           int64(r.partner.Code),
		"high_tech_sectors": orAll(c.HighTechSectors),
		"exporters":         strings.Join(r.exporters, ","),

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
}

// orAll is a list of names as the setting states it.
func orAll(names []string) string {
	if len(names) == 0 {
		return "all"
	}
	return strings.Join(names, ",")
}

// codeBasis says in one column what codes are counted in.
func (r *runner) codeBasis() string {
	if r.config.Harmonize == "as-reported" {
		return r.config.Harmonize
	}
	return fmt.Sprintf("%s, %s conversion", r.config.Harmonize, r.config.Conversion)
}

// listRevision is the revision in which codes are listed, when codes are counted
// as reported, for a year that has no data to tell: the newest of the sector list.
func (r *runner) listRevision() string {
	newest := ""
	for _, revision := range r.reference.Revisions {
		if r.reference.HasSectors(revision) {
			newest = revision
		}
	}
	return newest
}

// bind picks the parameters that a transform's SQL names.
func (r *runner) bind(t transforms.Transform) ([]any, error) {
	all := r.parameters()
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

// transform makes every selected table that is stale. Transforms that do not
// need one another run at the same time; but of those that look through the staged
// rows, which DuckDB uses every core for, only one: each needs much of the memory.
func (r *runner) transform(ctx context.Context) error {
	fingerprints, err := r.fingerprints(ctx)
	if err != nil {
		return err
	}
	selected, err := r.selection.transforms()
	if err != nil {
		return err
	}
	states, err := r.work.steps(ctx)
	if err != nil {
		return err
	}
	done := map[string]chan struct{}{}
	for _, t := range selected {
		done[t.Name] = make(chan struct{})
	}
	r.progressOf(func(p *Progress) { p.Stage, p.TablesTotal = StageTransform, int64(len(selected)) })
	var scan sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	for _, t := range selected {
		group.Go(func() error {
			for _, need := range t.Needs {
				select {
				case <-done[need]:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			if t.Staged {
				scan.Lock()
				defer scan.Unlock()
			}
			if err := r.makeTable(ctx, t, states[transformStep(t.Name)], fingerprints[t.Name]); err != nil {
				return fmt.Errorf("transform %s: %w", t.Name, err)
			}
			r.progressOf(func(p *Progress) { p.Tables++ })
			close(done[t.Name])
			return nil
		})
	}
	return group.Wait()
}

// fingerprints covers, for each transform, its SQL, the parameters and reference
// tables it reads, and the fingerprints of the tables it needs.
func (r *runner) fingerprints(ctx context.Context) (map[string]fingerprint, error) {
	known, err := r.work.files(ctx)
	if err != nil {
		return nil, err
	}
	return r.fingerprintsOf(r.stagedFingerprint(known)), nil
}

func (r *runner) fingerprintsOf(staged string) map[string]fingerprint {
	all, sums, parameters := map[string]fingerprint{}, map[string]string{}, r.parameters()
	for _, t := range transforms.All() {
		f := fingerprint{{"its SQL", hash(t.Code)}}
		for _, name := range t.Parameters {
			f = append(f, part{parameterPart + name, fmt.Sprint(parameters[name])})
		}
		f = append(f, r.referenceParts(t.Reference...)...)
		if slices.Contains(t.Reference, "hs_overrides") && !slices.Contains(t.Parameters, "conversion") {
			f = append(f, part{parameterPart + "conversion", r.config.Conversion}) // with it hs_links is made of the reference data
		}
		if t.Staged {
			f = append(f, part{"staged rows", staged}, part{"workspace layout", hash(schemas.Workspace)})
		}
		for _, need := range t.Needs {
			f = append(f, part{"table " + need, sums[need]})
		}
		all[t.Name], sums[t.Name] = f, f.sum()
	}
	return all
}

// transformStep is the name of the step that makes a table.
func transformStep(table string) string { return "transform " + table }

// makeTable runs a transform unless its table is there and up to date.
func (r *runner) makeTable(ctx context.Context, t transforms.Transform, was stepState, now fingerprint) error {
	step := transformStep(t.Name)
	if was.fingerprint == now.sum() && !r.selection.Force {
		return nil
	}
	bound, err := r.bind(t)
	if err != nil {
		return err
	}
	started := time.Now()
	var rows int64
	err = r.work.inTransaction(ctx, func(conn *sql.Conn) error {
		if _, err := conn.ExecContext(ctx, fmt.Sprintf("CREATE OR REPLACE TABLE %s AS\n%s", t.Name, t.SQL), bound...); err != nil {
			return err
		}
		if err := conn.QueryRowContext(ctx, "SELECT count(*) FROM "+t.Name).Scan(&rows); err != nil {
			return err
		}
		in, err := rowsIn(ctx, conn, t)
		if err != nil {
			return err
		}
		return finish(ctx, conn, step, now, in, rows, time.Since(started))
	})
	if err != nil {
		return err
	}
	r.log.Info("made table", "table", t.Name, "rows", rows, "took", time.Since(started).Round(time.Millisecond))
	r.made.Add(1)
	return r.stepDone()
}

// rowsIn is the number of rows of the tables that a transform reads, as the steps that
// made them counted.
func rowsIn(ctx context.Context, conn *sql.Conn, t transforms.Transform) (rows int64, err error) {
	needs := []string{"''"}
	for _, name := range t.Needs {
		needs = append(needs, sqlString(transformStep(name)))
	}
	err = conn.QueryRowContext(ctx, `SELECT
		(SELECT coalesce(sum(rows_out), 0) FROM steps WHERE name IN (`+strings.Join(needs, ", ")+`)) +
		(SELECT coalesce(sum(rows_staged), 0) FROM files WHERE $staged)`, sql.Named("staged", t.Staged)).Scan(&rows)
	return rows, err
}
