-- What is known of each code of the set in use, by reporter, flow and period: traded, zero
-- or unknown. unreached: no code of the revision that was reported comes to it; see
-- unreached_codes. In years (month is 0), all codes of the reporter, and of the others the
-- exports that sectors list; in months, what sectors list, of the reporter.
--
-- A code that several reported codes come to is zero when all of these are; a row of one
-- of them makes it traded. Where World is a sum over some of the partners (part_worlds),
-- nothing is known.
WITH reported AS (
    SELECT DISTINCT reporter, flow, year, month, hs_revision AS reported_revision
    FROM counted_sums
    WHERE level = 6 AND world_usd IS NOT NULL AND (reporter = $reporter OR flow = 'X' AND month = 0)
),
cells AS (
    SELECT r.*, k.hs_revision, k.hs6, s.sector
    FROM reported r
    JOIN year_revisions y USING (year)
    JOIN hs_codes k ON k.hs_revision = y.hs_revision
    LEFT JOIN code_sectors s ON s.hs_revision = k.hs_revision AND s.hs6 = k.hs6
    WHERE r.month = 0 AND (r.reporter = $reporter OR s.sector IS NOT NULL)
    UNION ALL
    SELECT r.*, s.hs_revision, s.hs6, s.sector
    FROM reported r
    JOIN code_sectors s ON s.hs_revision = coalesce((SELECT any_value(to_revision) FROM hs_conversion), r.reported_revision)
    WHERE r.month > 0
),
-- The reported codes that come to each.
parts AS (
    SELECT c.*, coalesce(v.from_code, CASE WHEN $harmonize = 'as-reported' THEN c.hs6 END) AS code
    FROM cells c
    LEFT JOIN hs_conversion v ON v.from_revision = c.reported_revision AND v.to_code = c.hs6
),
known AS (
    SELECT p.reporter, p.flow, p.year, p.month, p.hs_revision, p.hs6, p.sector, count(p.code) AS parts,
           bool_and(coalesce('declared' IN (a.evidence, b.evidence, c.evidence, d.evidence), false)
               OR coalesce(a.known, b.known, c.known, d.known, false)) FILTER (p.code IS NOT NULL) AS known,
           max(CASE WHEN 'declared' IN (a.evidence, b.evidence, c.evidence, d.evidence) THEN 'declared'
                    ELSE coalesce(a.evidence, b.evidence, c.evidence, d.evidence) END) AS evidence
    FROM parts p
    LEFT JOIN known_codes a ON a.reporter = p.reporter AND a.flow = p.flow AND a.year = p.year AND a.month = p.month
        AND a.hs_revision = p.reported_revision AND a.prefix = p.code
    LEFT JOIN known_codes b ON b.reporter = p.reporter AND b.flow = p.flow AND b.year = p.year AND b.month = p.month
        AND b.hs_revision = p.reported_revision AND b.prefix = left(p.code, 4)
    LEFT JOIN known_codes c ON c.reporter = p.reporter AND c.flow = p.flow AND c.year = p.year AND c.month = p.month
        AND c.hs_revision = p.reported_revision AND c.prefix = left(p.code, 2)
    LEFT JOIN known_codes d ON d.reporter = p.reporter AND d.flow = p.flow AND d.year = p.year AND d.month = p.month
        AND d.hs_revision = p.reported_revision AND d.prefix = ''
    GROUP BY ALL
),
trade AS (
    SELECT reporter, flow, year, 0::TINYINT AS month, hs_revision, hs6, value_usd FROM world_trade
    UNION ALL
    SELECT $reporter::SMALLINT, flow, year, month, hs_revision, hs6, value_usd FROM monthly_trade
)
SELECT k.reporter, k.flow, k.year, k.month, k.hs_revision, k.hs6, k.sector,
       CASE WHEN p.reporter IS NOT NULL THEN 'unknown'
            WHEN w.value_usd > 0 THEN 'traded'
            WHEN k.parts = 0 THEN 'unreached'
            WHEN k.known OR w.value_usd = 0 AND k.parts = 1 THEN 'zero'
            ELSE 'unknown' END AS status,
       CASE WHEN status = 'unknown' THEN NULL WHEN k.known THEN k.evidence WHEN w.value_usd IS NOT NULL THEN 'rows' END AS evidence
FROM known k
LEFT JOIN trade w USING (reporter, flow, year, month, hs_revision, hs6)
LEFT JOIN (SELECT DISTINCT reporter, flow, year, month FROM part_worlds) p USING (reporter, flow, year, month)
