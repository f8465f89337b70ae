package check

import (
	"context"
	"database/sql"
	"fmt"
)

// Warnings says what a reader of the figures must know: what is missing, and
// what to do about it.
func (c *Stage) Warnings(ctx context.Context) ([]string, error) {
	reporter := sql.Named("reporter", int64(c.Job.Reporter.Code))
	var all []string
	for _, w := range []struct {
		query, format string
		args          []any
	}{
		{`SELECT string_agg(year, ', ' ORDER BY year) FROM years
			WHERE year NOT IN (SELECT year FROM world_trade WHERE reporter = $reporter GROUP BY year HAVING count(DISTINCT flow) = 2)`,
			"%s has not both imports and exports in %s: these years have no import dependence", []any{reporter}},
		{`SELECT string_agg(DISTINCT f.year, ', ' ORDER BY f.year) FROM measured_facts f
			WHERE f.reporter = $reporter
			GROUP BY f.reporter
			HAVING count(*) FILTER (partner = 0) < count(DISTINCT (flow, year, hs_revision, hs6))`,
			"%s has codes with partners but without a row for World in %s: they are in no figure; download partner World too", []any{reporter}},
		{`SELECT string_agg(DISTINCT f.year, ', ' ORDER BY f.year) FROM counted_sums f WHERE f.month <> 0 AND f.level = 6 AND f.reporter = $reporter`,
			"%s has monthly rows in %s: high_tech_monthly has them, and the annual figures do not use them", []any{reporter}},
		{`SELECT CASE WHEN count(*) > 0 THEN format('{} codes worth {:.0f} million dollars ({})', count(DISTINCT (hs_revision, hs6)),
				sum(value_usd)::DOUBLE / 1e6, string_agg(DISTINCT hs_revision, ', ' ORDER BY hs_revision)) END FROM unconverted WHERE reporter = $reporter`,
			"%s has trade that can't be converted to the HS revision in use: %s are in no figure", []any{reporter}},
		{`SELECT CASE WHEN count(*) > 0 THEN format('{} reporters and years worth {:.0f} million dollars', count(DISTINCT (reporter, year)),
				sum(value_usd)::DOUBLE / 1e6) END FROM unconverted WHERE reporter <> $reporter AND flow = 'X'`,
			"%[2]s of world exports can't be converted to the HS revision in use and are in no figure", []any{reporter}},
		{`SELECT string_agg(format('{} ({} of {} reporters, {:.0f}% of exports by value{})', year, reporters, reporters_most, 100 * value_coverage,
				CASE WHEN largest_missing > 0 THEN '; missing of the largest twenty: ' || largest_missing_names ELSE '' END), ', ' ORDER BY year)
			FROM coverage WHERE low_coverage AND reporters_most > 0`,
			"%[2]s: world exports are not whole, so dominance and export shares of these years are not comparable with others (low_coverage)", nil},
		{`SELECT CASE WHEN max(reporters_most) = 0 THEN 'World' END FROM coverage`,
			"no file has exports to %[2]s, so there are no world exports: dominance and export shares have no figures", nil},
		{`SELECT string_agg(format('{} ({} reporters, {:.1f}% of world exports)', year, reporters_mirrored, 100 * mirrored_share), ', ' ORDER BY year)
			FROM coverage WHERE reporters_mirrored > 0`,
			"%[2]s: missing reporters are filled in with their partners' imports", nil},
		{`SELECT CASE WHEN max(reporters_most) BETWEEN 1 AND 49 THEN max(reporters_most) END FROM coverage`,
			"world exports are those of %[2]s reporters: add the exports of the others before you take them for the world's", nil},
		{`SELECT CASE WHEN count(*) > 0 THEN format('{} codes of sectors ({})', count(DISTINCT u.hs6), string_agg(DISTINCT u.hs6, ', ' ORDER BY u.hs6)) END
			FROM unreached_codes u SEMI JOIN code_sectors s ON s.hs_revision = u.hs_revision AND s.hs6 = u.hs6`,
			"%[2]s can't be reached from a newer HS revision in use and leave the denominators of these years (unreached_codes)", nil},
		{`SELECT CASE WHEN count(*) > 0 THEN format('{} of {} families', count(*), (SELECT count(*) FROM all_families WHERE members_listed > 0)) END
			FROM families WHERE straddles AND $harmonize = 'families'`,
			"%[2]s with listed codes are only partly listed in their sector: the majority of their codes decides (families)",
			[]any{sql.Named("harmonize", c.Job.Config.Harmonize)}},
		{`SELECT string_agg(format('{} ({} of {})', check_name, findings, examined), ', ' ORDER BY check_name)
			FROM checks WHERE NOT passed AND check_name NOT IN ('coverage', 'unconverted')`, // these have warnings of their own
			"quality checks found fault: %[2]s; 'entrepot check' shows it, and check_findings lists it", nil},
		{`SELECT string_agg(year, ', ' ORDER BY year) FROM year_revisions y
			WHERE NOT EXISTS (SELECT 1 FROM code_sectors s WHERE s.hs_revision = y.hs_revision)`,
			"the sector list has no codes of the HS revision that %s reported in in %s: these years have no figures; set harmonize", nil},
		{`SELECT string_agg(DISTINCT a.name, ', ' ORDER BY a.name) FROM world_trade w
			JOIN areas a ON a.code = w.reporter
			JOIN country_groups m ON m.name = 'EU' AND m.area = w.reporter AND m.left_on IS NULL
			WHERE w.flow = 'X' AND $eu_internal = 'out'
			  AND NOT EXISTS (SELECT 1 FROM counted_sums f WHERE f.reporter = w.reporter AND f.year = w.year AND f.flow = 'X' AND f.month = 0 AND f.level = 6 AND f.partners_usd IS NOT NULL)`,
			"%[2]s have years without exports by partner: their trade inside the EU stays in world exports", []any{sql.Named("eu_internal", c.Job.Config.EUInternal)}},
	} {
		var what sql.NullString
		err := c.Work.DB.QueryRowContext(ctx, w.query, w.args...).Scan(&what)
		if err != nil && err != sql.ErrNoRows {
			return nil, fmt.Errorf("look for what to warn of: %w", err)
		}
		if what.Valid {
			all = append(all, fmt.Sprintf(w.format, c.Job.Reporter.Name, what.String))
		}
	}
	return all, nil
}
