-- The HS revision in which the sector list is read in each year: that of the
-- conversion or, as reported, the reporter's own; and whether the reporter has data.
WITH own AS (
    SELECT year, any_value(hs_revision) AS hs_revision,
           bool_or(flow = 'M') AS imports, bool_or(flow = 'X') AS exports
    FROM world_trade
    WHERE reporter = $reporter
    GROUP BY year
)
SELECT y.year,
       coalesce((SELECT any_value(to_revision) FROM hs_conversion), o.hs_revision, $list_revision) AS hs_revision,
       coalesce(o.imports, false) AS imports_reported,
       coalesce(o.exports, false) AS exports_reported
FROM years y
LEFT JOIN own o USING (year)
