-- What is known of each code of the set in use, by reporter, flow and year: traded, zero
-- or unknown. unreached: no code of the revision that was reported comes to it; see
-- unreached_codes. Of the reporter, all codes; of the others, the exports that sectors list.
--
-- A code that several reported codes come to is zero when all of these are; a row of one
-- of them makes it traded.
WITH reported AS (
    SELECT DISTINCT reporter, flow, year, hs_revision AS reported_revision
    FROM counted_sums
    WHERE level = 6 AND month = 0 AND world_usd IS NOT NULL AND (flow = 'X' OR reporter = $reporter)
),
codes AS (
    SELECT y.year, k.hs_revision, k.hs6, s.sector
    FROM year_revisions y
    JOIN hs_codes k USING (hs_revision)
    LEFT JOIN code_sectors s USING (hs_revision, hs6)
),
cells AS (
    SELECT r.*, c.hs_revision, c.hs6, c.sector
    FROM reported r
    JOIN codes c USING (year)
    WHERE r.reporter = $reporter OR c.sector IS NOT NULL
),
-- The reported codes that come to each.
parts AS (
    SELECT c.*, coalesce(v.from_code, CASE WHEN $harmonize = 'as-reported' THEN c.hs6 END) AS code
    FROM cells c
    LEFT JOIN hs_conversion v ON v.from_revision = c.reported_revision AND v.to_code = c.hs6
),
known AS (
    SELECT p.reporter, p.flow, p.year, p.hs_revision, p.hs6, p.sector, count(p.code) AS parts,
           bool_and(coalesce(a.evidence = 'declared' OR b.evidence = 'declared' OR c.evidence = 'declared' OR d.evidence = 'declared', false)
               OR coalesce(a.known, b.known, c.known, d.known, false)) FILTER (p.code IS NOT NULL) AS known,
           max(CASE WHEN 'declared' IN (a.evidence, b.evidence, c.evidence, d.evidence) THEN 'declared'
                    ELSE coalesce(a.evidence, b.evidence, c.evidence, d.evidence) END) AS evidence
    FROM parts p
    LEFT JOIN known_codes a ON a.reporter = p.reporter AND a.flow = p.flow AND a.year = p.year AND a.hs_revision = p.reported_revision
        AND a.prefix = p.code
    LEFT JOIN known_codes b ON b.reporter = p.reporter AND b.flow = p.flow AND b.year = p.year AND b.hs_revision = p.reported_revision
        AND b.prefix = left(p.code, 4)
    LEFT JOIN known_codes c ON c.reporter = p.reporter AND c.flow = p.flow AND c.year = p.year AND c.hs_revision = p.reported_revision
        AND c.prefix = left(p.code, 2)
    LEFT JOIN known_codes d ON d.reporter = p.reporter AND d.flow = p.flow AND d.year = p.year AND d.hs_revision = p.reported_revision
        AND d.prefix = ''
    GROUP BY ALL
)
SELECT k.reporter, k.flow, k.year, k.hs_revision, k.hs6, k.sector,
       CASE WHEN w.value_usd > 0 THEN 'traded'
            WHEN k.parts = 0 THEN 'unreached'
            WHEN k.known OR w.value_usd = 0 AND k.parts = 1 THEN 'zero'
            ELSE 'unknown' END AS status,
       CASE WHEN k.known THEN k.evidence WHEN w.value_usd IS NOT NULL THEN 'rows' END AS evidence
FROM known k
LEFT JOIN world_trade w USING (reporter, flow, year, hs_revision, hs6)
