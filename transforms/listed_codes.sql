-- The sector list for each year, in the HS revision in which codes are counted
-- that year: the target revision or, as reported, the reporter's own.
-- imports_reported and exports_reported tell whether the reporter has data.
WITH own AS (
    SELECT year, any_value(hs_revision) AS hs_revision,
           bool_or(flow = 'M') AS imports, bool_or(flow = 'X') AS exports
    FROM world_trade
    WHERE reporter = $reporter
    GROUP BY year
),
year_revision AS (
    SELECT y.year,
           coalesce(CASE WHEN $harmonize <> 'as-reported' THEN $harmonize END, o.hs_revision, $list_revision) AS hs_revision,
           coalesce(o.imports, false) AS imports_reported,
           coalesce(o.exports, false) AS exports_reported
    FROM years y
    LEFT JOIN own o USING (year)
)
SELECT r.year, s.sector, r.hs_revision, s.hs6, r.imports_reported, r.exports_reported
FROM year_revision r
JOIN sector_codes s USING (hs_revision)
