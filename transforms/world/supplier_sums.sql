-- The reporters' imports by partner, of each code that a sector lists (level 6), of its whole
-- heading (4) and by sector (0), beside those from World. Sums are of codes of which the
-- files have imports from World.
WITH codes AS (
    SELECT p.reporter, p.year, p.hs_revision, p.hs6, p.partner, o.sector, p.value_usd, p.split_usd
    FROM partner_imports p
    JOIN own_trade o ON o.reporter = p.reporter AND o.flow = 'M' AND o.year = p.year AND o.hs_revision = p.hs_revision AND o.level = 6
        AND o.code = p.hs6
    WHERE p.value_usd > 0 AND o.value_usd > 0
),
headings AS (
    SELECT DISTINCT hs_revision, left(hs6, 4) AS heading FROM code_sectors
),
sums AS (
    SELECT reporter, year, hs_revision, 6::SMALLINT AS level, hs6 AS code, partner, value_usd, split_usd FROM codes WHERE sector IS NOT NULL
    UNION ALL
    SELECT reporter, year, hs_revision, 4, left(hs6, 4), partner, sum(value_usd), sum(split_usd)
    FROM codes
    SEMI JOIN headings h ON h.hs_revision = codes.hs_revision AND h.heading = left(hs6, 4)
    GROUP BY ALL
    UNION ALL
    SELECT reporter, year, hs_revision, 0, sector, partner, sum(value_usd), sum(split_usd) FROM codes WHERE sector IS NOT NULL GROUP BY ALL
)
SELECT s.reporter, s.year, s.hs_revision, s.level, s.code, o.sector, s.partner, s.value_usd::DECIMAL(18,3) AS value_usd, s.split_usd::DECIMAL(18,3) AS split_usd,
       o.value_usd AS world_usd, o.partial
FROM sums s
JOIN own_trade o ON o.reporter = s.reporter AND o.flow = 'M' AND o.year = s.year AND o.hs_revision = s.hs_revision AND o.level = s.level
    AND o.code = s.code
