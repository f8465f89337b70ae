-- Who exports what: everybody's exports to World of each code that a sector lists, of its
-- whole heading and of each sector, as they add up to world exports; see world_exports.
-- Codes are those of the revisions in which the sector list is read.
WITH lists AS (
    SELECT DISTINCT year, hs_revision FROM year_revisions
),
listed AS (
    SELECT l.year, l.hs_revision, s.hs6, s.sector FROM lists l JOIN code_sectors s USING (hs_revision)
),
headings AS (
    SELECT DISTINCT year, hs_revision, left(hs6, 4) AS heading FROM listed
),
exports AS (
    SELECT year, reporter AS exporter, hs6, sum(value_usd) AS usd, sum(split_usd) AS split_usd, bool_or(mirrored) AS mirrored
    FROM world_exports
    WHERE value_usd > 0
    GROUP BY ALL
),
-- Who has exports in all codes; of the others nobody knows what a heading lacks.
whole AS (
    SELECT DISTINCT year, reporter AS exporter FROM whole_flows WHERE flow = 'X'
),
by_sector AS (
    SELECT year, reporter AS exporter, hs_revision, sector, partial FROM exporter_coverage
),
sums AS (
    SELECT e.year, l.hs_revision, 6::SMALLINT AS level, e.hs6 AS code, l.sector, e.exporter, e.usd, e.split_usd, e.mirrored, false AS partial
    FROM exports e
    JOIN listed l USING (year, hs6)
    UNION ALL
    SELECT e.year, h.hs_revision, 4, h.heading, NULL, e.exporter, sum(e.usd), sum(e.split_usd), bool_or(e.mirrored), bool_and(w.exporter IS NULL AND NOT e.mirrored)
    FROM exports e
    JOIN headings h ON h.year = e.year AND h.heading = left(e.hs6, 4)
    LEFT JOIN whole w ON w.year = e.year AND w.exporter = e.exporter
    GROUP BY ALL
    UNION ALL
    SELECT e.year, l.hs_revision, 0, l.sector, l.sector, e.exporter, sum(e.usd), sum(e.split_usd), bool_or(e.mirrored), coalesce(bool_or(b.partial), false)
    FROM exports e
    JOIN listed l USING (year, hs6)
    LEFT JOIN by_sector b ON b.year = e.year AND b.exporter = e.exporter AND b.hs_revision = l.hs_revision AND b.sector = l.sector
    GROUP BY ALL
),
low AS (
    SELECT year, bool_or(low_coverage) AS low_coverage FROM coverage GROUP BY year
)
SELECT s.year, s.level, s.code, s.sector, s.hs_revision, $code_basis AS code_basis, s.exporter,
       CAST(rank() OVER of_code AS SMALLINT) AS rank,
       CAST(s.usd AS DECIMAL(18,3)) AS exports_usd,
       CAST(sum(s.usd) OVER all_of_code AS DECIMAL(38,3)) AS world_exports_usd,
       CAST(s.usd AS DOUBLE) / CAST(sum(s.usd) OVER all_of_code AS DOUBLE) AS export_share,
       CASE WHEN NOT s.partial AND NOT p.partial THEN CAST(s.usd - p.usd AS DOUBLE) / CAST(p.usd AS DOUBLE) END AS change,
       s.mirrored, s.partial, coalesce(l.low_coverage, false) AS low_coverage, s.split_usd
FROM sums s
LEFT JOIN sums p ON p.year = s.year - 1 AND p.hs_revision = s.hs_revision AND p.level = s.level AND p.code = s.code AND p.exporter = s.exporter
LEFT JOIN low l ON l.year = s.year
WINDOW of_code AS (PARTITION BY s.year, s.hs_revision, s.level, s.code ORDER BY s.usd DESC),
       all_of_code AS (PARTITION BY s.year, s.hs_revision, s.level, s.code)
