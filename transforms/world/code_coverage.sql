-- What is known of each code of the set in use, by reporter, flow and period: traded, zero
-- or unknown. unreached: no code of the revision that was reported comes to it; see
-- unreached_codes. In years (month is 0), all codes of the reporter, and of the others the
-- exports that sectors list; in months, what sectors list, of the reporter.
--
-- A code that several reported codes come to is zero when all of these are; a row of one
-- of them makes it traded. Where World is a sum over some of the partners (part_worlds),
-- nothing is known, nor of a code whose cell is ambiguous.
WITH sets AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY reporter, flow, year, month, hs_revision) AS set_id, *
    FROM (
        SELECT DISTINCT reporter, flow, year, month, hs_revision
        FROM counted_sums
        WHERE level = 6 AND world_usd IS NOT NULL AND (reporter = $reporter OR flow = 'X' AND month = 0)
    )
),
evidence AS (
    SELECT s.set_id, k.prefix, k.known, k.evidence FROM known_codes k JOIN sets s USING (reporter, flow, year, month, hs_revision)
),
cells AS (
    SELECT r.set_id, r.hs_revision AS reported_revision, k.hs_revision, k.hs6, s.sector
    FROM sets r
    JOIN year_revisions y USING (year)
    JOIN hs_codes k ON k.hs_revision = y.hs_revision
    LEFT JOIN code_sectors s ON s.hs_revision = k.hs_revision AND s.hs6 = k.hs6
    WHERE r.month = 0 AND (r.reporter = $reporter OR s.sector IS NOT NULL)
    UNION ALL
    SELECT r.set_id, r.hs_revision, s.hs_revision, s.hs6, s.sector
    FROM sets r
    JOIN code_sectors s ON s.hs_revision = coalesce((SELECT any_value(to_revision) FROM hs_conversion), r.hs_revision)
    WHERE r.month > 0
),
-- The reported codes that come to each.
parts AS (
    SELECT c.set_id, c.hs_revision, c.hs6, c.sector, coalesce(v.from_code, CASE WHEN $harmonize = 'as-reported' THEN c.hs6 END) AS code
    FROM cells c
    LEFT JOIN hs_conversion v ON v.from_revision = c.reported_revision AND v.to_code = c.hs6
),
-- Codes without a value, because rows of one file differ and no column tells them apart.
ambiguous AS (
    SELECT DISTINCT s.set_id, d.code
    FROM superseded d
    JOIN sets s USING (reporter, flow, year, month, hs_revision)
    ANTI JOIN (FROM counted_sums WHERE world_usd IS NOT NULL) c USING (reporter, flow, year, month, hs_revision, code)
    WHERE d.reason = 'ambiguous' AND d.partner = 0 AND d.level = 6
),
known AS (
    SELECT p.set_id, p.hs6, bool_or(x.code IS NOT NULL) AS ambiguous, any_value(p.hs_revision) AS hs_revision, any_value(p.sector) AS sector, count(p.code) AS parts,
           bool_and(coalesce('declared' IN (a.evidence, b.evidence, c.evidence, d.evidence), false)
               OR coalesce(a.known, b.known, c.known, d.known, false)) FILTER (p.code IS NOT NULL) AS known,
           max(CASE WHEN 'declared' IN (a.evidence, b.evidence, c.evidence, d.evidence) THEN 'declared'
                    ELSE coalesce(a.evidence, b.evidence, c.evidence, d.evidence) END) AS evidence
    FROM parts p
    LEFT JOIN evidence a ON a.set_id = p.set_id AND a.prefix = p.code
    LEFT JOIN evidence b ON b.set_id = p.set_id AND b.prefix = left(p.code, 4)
    LEFT JOIN evidence c ON c.set_id = p.set_id AND c.prefix = left(p.code, 2)
    LEFT JOIN evidence d ON d.set_id = p.set_id AND d.prefix = ''
    LEFT JOIN ambiguous x ON x.set_id = p.set_id AND x.code = p.code
    GROUP BY p.set_id, p.hs6
),
trade AS (
    SELECT reporter, flow, year, 0::TINYINT AS month, hs_revision, hs6, value_usd FROM world_trade WHERE flow = 'X' OR reporter = $reporter
    UNION ALL
    SELECT $reporter::SMALLINT, flow, year, month, hs_revision, hs6, value_usd FROM monthly_trade
)
SELECT s.reporter, s.flow, s.year, s.month, k.hs_revision, k.hs6, k.sector,
       CASE WHEN p.reporter IS NOT NULL OR k.ambiguous THEN 'unknown'
            WHEN w.value_usd > 0 THEN 'traded'
            WHEN k.parts = 0 THEN 'unreached'
            WHEN k.known OR w.value_usd = 0 AND k.parts = 1 THEN 'zero'
            ELSE 'unknown' END AS status,
       CASE WHEN status = 'unknown' THEN NULL WHEN k.known THEN k.evidence WHEN w.value_usd IS NOT NULL THEN 'rows' END AS evidence
FROM known k
JOIN sets s USING (set_id)
LEFT JOIN trade w ON w.reporter = s.reporter AND w.flow = s.flow AND w.year = s.year AND w.month = s.month
    AND w.hs_revision = k.hs_revision AND w.hs6 = k.hs6
LEFT JOIN (SELECT DISTINCT reporter, flow, year, month FROM part_worlds) p
    ON p.reporter = s.reporter AND p.flow = s.flow AND p.year = s.year AND p.month = s.month
