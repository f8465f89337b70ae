-- Reporters that are missing in a year: they have exports to World in another
-- year, existed in this one, and nobody whose territory they are or were reports
-- in their place. Each with what it exported in the year nearest to this: the
-- last one before, or else the first one after.
--
-- Ranks are among the exporters that are there, with what they export in the
-- year, and the missing ones.
WITH exports AS (
    SELECT year, reporter, CAST(sum(f.usd) AS DECIMAL(18,3)) AS usd
    FROM flow_totals f
    WHERE flow = 'X'
    GROUP BY ALL
    HAVING sum(f.usd) > 0
),
world AS (
    SELECT year, sum(usd) AS usd FROM exports GROUP BY year
),
kin AS (
    SELECT code, successor AS other FROM successions
    UNION
    SELECT successor, code FROM successions
),
missing AS (
    SELECT y.year, a.code, a.iso3, a.name
    FROM years y
    CROSS JOIN areas a
    SEMI JOIN exports e ON e.reporter = a.code
    ANTI JOIN exports p ON p.reporter = a.code AND p.year = y.year
    ANTI JOIN (SELECT k.code, e.year FROM kin k JOIN exports e ON e.reporter = k.other) r ON r.code = a.code AND r.year = y.year
    WHERE a.valid_from <= y.year AND (a.valid_to = 0 OR a.valid_to >= y.year)
),
nearest AS (
    SELECT m.*, e.year AS nearest_year, e.usd, e.usd / w.usd AS share
    FROM missing m
    JOIN exports e ON e.reporter = m.code
    JOIN world w ON w.year = e.year
    QUALIFY row_number() OVER (PARTITION BY m.year, m.code ORDER BY e.year > m.year, abs(e.year - m.year)) = 1
),
ranked AS (
    SELECT year, code, usd, rank() OVER (PARTITION BY year ORDER BY usd DESC, code) AS place
    FROM (SELECT year, code, usd FROM nearest UNION ALL SELECT year, reporter, usd FROM exports SEMI JOIN years USING (year))
)
SELECT n.year, n.code AS missing_reporter, n.iso3, n.name, n.nearest_year,
       n.usd AS nearest_exports_usd, n.share AS nearest_export_share, CAST(r.place AS SMALLINT) AS size_rank
FROM nearest n
JOIN ranked r USING (year, code)
