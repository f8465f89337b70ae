-- What is known of each code of the set in use, by reporter, flow and period: traded, zero
-- or unknown. unreached: no code of the revision that was reported comes to it; see
-- unreached_codes. own: in years (month is 0), all codes of the reporters, in months what
-- sectors list; of codes that nothing lists, only those that are unknown have a row. Beside
-- these, the exports of everybody that sectors or groups of products list, as a part of
-- world exports, in each set in use: the reporters', too.
--
-- A code that several reported codes come to is zero when all of these are; a row of one
-- of them makes it traded. Where World is a sum over some of the partners (part_worlds),
-- nothing is known, nor of a code whose cell is ambiguous.
WITH there AS (
    SELECT reporter, flow, year, month, hs_revision FROM level_totals WHERE prefix = '' AND usd IS NOT NULL
),
reported AS (
    SELECT l.*, y.hs_revision AS revision, true AS own
    FROM there l
    JOIN year_revisions y ON y.reporter = l.reporter AND y.year = l.year
    WHERE l.month = 0
    UNION ALL
    SELECT l.*, coalesce((SELECT any_value(to_revision) FROM hs_conversion), l.hs_revision), true
    FROM there l
    SEMI JOIN reporters USING (reporter)
    WHERE l.month > 0
    UNION ALL
    SELECT l.*, y.hs_revision, false
    FROM there l
    JOIN (SELECT DISTINCT year, hs_revision FROM year_revisions) y ON y.year = l.year
    WHERE l.month = 0 AND l.flow = 'X'
),
-- What is known, as sums of two hashes: lists of it would need gigabytes.
known_of AS (
    SELECT k.reporter, k.flow, k.year, k.month, k.hs_revision, v.own,
           count(*) AS rows, sum(hash(k.prefix, k.known, k.evidence)) AS one, sum(hash(k.evidence, k.known, k.prefix)) AS two
    FROM known_codes k, (VALUES (true), (false)) v(own)
    WHERE NOT (v.own AND k.as_exporter)
    GROUP BY ALL
),
-- Of most exporters the same is known, so it is worked out once for all of these.
sets AS MATERIALIZED (
    SELECT r.*, dense_rank() OVER (ORDER BY r.hs_revision, r.revision, r.own, r.month > 0, k.rows, k.one, k.two) AS kind
    FROM reported r
    LEFT JOIN known_of k USING (reporter, flow, year, month, hs_revision, own)
),
kinds AS MATERIALIZED (
    SELECT kind, any_value(hs_revision) AS reported_revision, any_value(revision) AS hs_revision, any_value(own) AS own,
           any_value(own AND month = 0) AS every_code, min({reporter: reporter, flow: flow, year: year, month: month}) AS example
    FROM sets
    GROUP BY kind
),
evidence AS (
    SELECT i.kind, k.prefix, k.known, k.evidence
    FROM kinds i
    JOIN known_codes k ON k.reporter = i.example.reporter AND k.flow = i.example.flow AND k.year = i.example.year
        AND k.month = i.example.month AND k.hs_revision = i.reported_revision
    WHERE NOT (i.own AND k.as_exporter)
),
-- The reported codes that come to each code.
parts AS MATERIALIZED (
    SELECT r.kind, k.hs_revision, k.hs6, s.sector, s.sector IS NOT NULL OR g.hs6 IS NOT NULL AS listed, coalesce(v.from_code, CASE WHEN $harmonize = 'as-reported' THEN k.hs6 END) AS code
    FROM kinds r
    JOIN hs_codes k USING (hs_revision)
    LEFT JOIN code_sectors s ON s.hs_revision = k.hs_revision AND s.hs6 = k.hs6
    LEFT JOIN hs_conversion v ON v.from_revision = r.reported_revision AND v.to_code = k.hs6
    LEFT JOIN (SELECT DISTINCT hs_revision, hs6 FROM code_groups WHERE is_product_group) g ON g.hs_revision = k.hs_revision AND g.hs6 = k.hs6
    WHERE r.every_code OR listed
),
known AS (
    SELECT p.kind, p.hs6, any_value(p.hs_revision) AS hs_revision, any_value(p.sector) AS sector, any_value(p.listed) AS listed, count(p.code) AS parts,
           bool_and(coalesce('declared' IN (a.evidence, b.evidence, c.evidence, d.evidence), false)
               OR coalesce(a.known, b.known, c.known, d.known, false)) FILTER (p.code IS NOT NULL) AS known,
           max(CASE WHEN 'declared' IN (a.evidence, b.evidence, c.evidence, d.evidence) THEN 'declared'
                    ELSE coalesce(a.evidence, b.evidence, c.evidence, d.evidence) END) AS evidence
    FROM parts p
    LEFT JOIN evidence a ON a.kind = p.kind AND a.prefix = p.code
    LEFT JOIN evidence b ON b.kind = p.kind AND b.prefix = left(p.code, 4)
    LEFT JOIN evidence c ON c.kind = p.kind AND c.prefix = left(p.code, 2)
    LEFT JOIN evidence d ON d.kind = p.kind AND d.prefix = ''
    GROUP BY p.kind, p.hs6
),
-- Codes without a value, because rows of one file differ and no column tells them apart.
ambiguous AS (
    SELECT DISTINCT s.reporter, s.flow, s.year, s.month, s.hs_revision, s.revision, p.hs6
    FROM superseded d
    JOIN sets s USING (reporter, flow, year, month, hs_revision)
    JOIN parts p ON p.kind = s.kind AND p.code = d.code
    ANTI JOIN (FROM counted_sums WHERE world_usd IS NOT NULL) c ON c.reporter = d.reporter AND c.flow = d.flow AND c.year = d.year
        AND c.month = d.month AND c.hs_revision = d.hs_revision AND c.code = d.code
    WHERE d.reason = 'ambiguous' AND d.partner = 0 AND d.level = 6
),
amounts AS (
    SELECT reporter, flow, year, 0::TINYINT AS month, hs_revision, hs6, value_usd FROM world_trade
    UNION ALL
    SELECT reporter, flow, year, month, hs_revision, hs6, value_usd FROM monthly_trade
)
SELECT s.reporter, s.own, s.flow, s.year, s.month, k.hs_revision, k.hs6, k.sector,
       CASE WHEN p.reporter IS NOT NULL OR x.hs6 IS NOT NULL THEN 'unknown'
            WHEN w.value_usd > 0 THEN 'traded'
            WHEN k.parts = 0 THEN 'unreached'
            WHEN k.known OR w.value_usd = 0 AND k.parts = 1 THEN 'zero'
            ELSE 'unknown' END AS status,
       CASE WHEN status = 'unknown' THEN NULL WHEN k.known THEN k.evidence WHEN w.value_usd IS NOT NULL THEN 'rows' END AS evidence
FROM sets s
JOIN known k USING (kind)
LEFT JOIN ambiguous x ON x.reporter = s.reporter AND x.flow = s.flow AND x.year = s.year AND x.month = s.month
    AND x.hs_revision = s.hs_revision AND x.revision = s.revision AND x.hs6 = k.hs6
LEFT JOIN amounts w ON w.reporter = s.reporter AND w.flow = s.flow AND w.year = s.year AND w.month = s.month
    AND w.hs_revision = k.hs_revision AND w.hs6 = k.hs6
LEFT JOIN (SELECT DISTINCT reporter, flow, year, month FROM part_worlds) p
    ON p.reporter = s.reporter AND p.flow = s.flow AND p.year = s.year AND p.month = s.month
WHERE k.listed OR status = 'unknown'
