-- The reporters' annual trade with World by flow: by code (level 6), of all codes that
-- sectors list and of those they trade in the same headings, by heading of these (4), and
-- by sector (0, code is its name).
--
-- value_usd is null where the files do not tell, and 0 where they tell that there is none.
-- Headings and sectors add up the codes that are covered; partial: too few are, or the files
-- do not tell of the code itself. A code that no reported code comes to is null and not partial.
WITH near AS (
    SELECT DISTINCT hs_revision, left(hs6, 4) AS heading FROM code_sectors
),
known AS (
    SELECT k.* FROM known_trade k SEMI JOIN near n ON n.hs_revision = k.hs_revision AND n.heading = left(k.hs6, 4)
),
listed AS (
    SELECT p.reporter, p.flow, p.year, p.hs_revision, p.hs6, p.sector, p.status = 'unknown' AS unknown, p.status IN ('traded', 'zero') AS covered,
           CASE WHEN covered THEN coalesce(k.value_usd, 0) END AS value_usd, coalesce(k.split_usd, 0) AS split_usd
    FROM product_coverage_hs6 p
    LEFT JOIN known k USING (reporter, flow, year, hs_revision, hs6)
),
codes AS (
    SELECT * EXCLUDE (covered) FROM listed
    UNION ALL
    SELECT k.reporter, k.flow, k.year, k.hs_revision, k.hs6, NULL, false, k.value_usd, k.split_usd
    FROM known k
    ANTI JOIN listed l USING (reporter, flow, year, hs_revision, hs6)
),
headings AS (
    SELECT reporter, flow, year, hs_revision, left(hs6, 4) AS heading, sum(value_usd) AS value_usd, sum(split_usd) AS split_usd
    FROM codes
    GROUP BY ALL
)
SELECT reporter, flow, year, hs_revision, 6::SMALLINT AS level, hs6 AS code, sector, value_usd::DECIMAL(18,3) AS value_usd, split_usd::DECIMAL(18,3) AS split_usd,
       unknown AS partial
FROM codes
UNION ALL
SELECT h.reporter, h.flow, h.year, h.hs_revision, 4, h.heading, NULL, h.value_usd::DECIMAL(18,3), h.split_usd::DECIMAL(18,3), p.heading IS NOT NULL
FROM headings h
LEFT JOIN partial_headings p USING (reporter, flow, year, hs_revision, heading)
UNION ALL
SELECT reporter, flow, year, hs_revision, 0, sector, sector, sum(value_usd)::DECIMAL(18,3), sum(split_usd)::DECIMAL(18,3),
       count(*) FILTER (covered) < CAST($min_product_coverage AS DECIMAL(9,6)) * count(*) FILTER (covered OR unknown)
FROM listed
GROUP BY ALL
