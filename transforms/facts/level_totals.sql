-- What HS-6 rows with World add up to, beside the files' own row of the heading, chapter or
-- TOTAL that they belong to: by reporter, flow, period and prefix, '' of all codes. usd is
-- NULL where there is no HS-6 row below, total where there is no row of the level itself.
-- Headings and chapters are there of sets that have a row of one.
WITH amounts AS (
    SELECT reporter, flow, year, month, hs_revision, level, code, world_usd AS usd FROM counted_sums WHERE world_usd IS NOT NULL
),
detailed AS (
    SELECT DISTINCT reporter, flow, year, month, hs_revision FROM amounts WHERE level IN (2, 4)
),
headings AS (
    SELECT reporter, flow, year, month, hs_revision, left(code, 4) AS prefix,
           sum(usd) FILTER (level = 6) AS usd, sum(usd) FILTER (level = 4) AS total
    FROM amounts
    SEMI JOIN detailed USING (reporter, flow, year, month, hs_revision)
    WHERE level IN (4, 6)
    GROUP BY ALL
),
chapters AS (
    SELECT reporter, flow, year, month, hs_revision, left(prefix, 2) AS prefix, sum(usd) AS usd, sum(total) AS total
    FROM (SELECT * REPLACE (NULL AS total) FROM headings
          UNION ALL SELECT * EXCLUDE (level, usd), NULL, usd FROM amounts WHERE level = 2)
    GROUP BY ALL
)
FROM headings
UNION ALL
FROM chapters
UNION ALL
SELECT reporter, flow, year, month, hs_revision, '', sum(usd) FILTER (level = 6), sum(usd) FILTER (level = 0)
FROM amounts
WHERE level IN (0, 6)
GROUP BY ALL
