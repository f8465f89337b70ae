-- Imports and exports of high-tech sectors by month (Figure 15), from monthly rows
-- alone. A month that the files do not have is no row; a flow that a month does not
-- have is null.
--
-- As reported, a month's codes are those of its own HS revision: a year may have
-- months and no annual rows to tell.
WITH trade AS (
    SELECT f.year, f.month, f.flow,
           coalesce(c.to_revision, f.hs_revision) AS hs_revision,
           coalesce(c.to_code, f.hs6) AS hs6,
           sum(part(f.value_usd, c.lo, c.hi, c.parts_of)) AS value_usd,
           coalesce(sum(part(f.value_usd, c.lo, c.hi, c.parts_of)) FILTER (c.parts_of > 1), 0) AS split_usd
    FROM facts f
    LEFT JOIN hs_conversion c ON c.from_revision = f.hs_revision AND c.from_code = f.hs6
    WHERE f.reporter = $reporter AND f.partner = 0 AND f.month > 0
      AND ($harmonize = 'as-reported' OR c.to_code IS NOT NULL)
      AND ($years = '' OR list_contains(string_split($years, ','), CAST(f.year AS VARCHAR)))
    GROUP BY ALL
),
months AS (
    SELECT year, month, hs_revision, count(*) OVER (PARTITION BY year) AS months_reported,
           bool_or(flow = 'M') AS imports_reported, bool_or(flow = 'X') AS exports_reported
    FROM trade
    GROUP BY year, month, hs_revision
),
listed AS (
    SELECT sector, hs_revision, hs6
    FROM code_sectors
    WHERE $high_tech_sectors = 'all' OR list_contains(string_split($high_tech_sectors, ','), sector)
),
series AS (
    SELECT sector, hs_revision, hs6 FROM listed
    UNION ALL
    SELECT 'all_sectors', hs_revision, hs6 FROM listed
)
SELECT
    s.sector, m.year, m.month, m.hs_revision, $code_basis AS code_basis, CAST($reporter AS SMALLINT) AS reporter,
    any_value(m.months_reported) AS months_reported,
    CASE WHEN bool_and(m.imports_reported) THEN coalesce(sum(t.value_usd) FILTER (t.flow = 'M'), 0) END AS imports_usd,
    CASE WHEN bool_and(m.exports_reported) THEN coalesce(sum(t.value_usd) FILTER (t.flow = 'X'), 0) END AS exports_usd,
    exports_usd - imports_usd AS balance_usd,
    coalesce(sum(t.split_usd), 0) AS split_usd
FROM months m
JOIN series s USING (hs_revision)
LEFT JOIN trade t USING (year, month, hs_revision, hs6)
GROUP BY s.sector, m.year, m.month, m.hs_revision
