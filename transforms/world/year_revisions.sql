-- The HS revision in which the sector list is read in each year: that of the
-- conversion or, as reported, the reporter's own; and whether the reporter has data, in
-- HS-6 codes (imports_reported, exports_reported) or in rows of headings or chapters.
WITH own AS (
    SELECT year, any_value(hs_revision) AS hs_revision,
           bool_or(flow = 'M') AS imports, bool_or(flow = 'X') AS exports
    FROM world_trade
    WHERE reporter = $reporter
    GROUP BY year
),
headings AS (
    SELECT year, any_value(hs_revision) AS hs_revision,
           bool_or(flow = 'M') AS imports, bool_or(flow = 'X') AS exports
    FROM counted_sums
    WHERE reporter = $reporter AND month = 0 AND level IN (2, 4) AND world_usd IS NOT NULL
    GROUP BY year
)
SELECT y.year,
       coalesce((SELECT any_value(to_revision) FROM hs_conversion), o.hs_revision, h.hs_revision, $list_revision) AS hs_revision,
       coalesce(o.imports, false) AS imports_reported,
       coalesce(o.exports, false) AS exports_reported,
       coalesce(h.imports, false) AS import_headings_reported,
       coalesce(h.exports, false) AS export_headings_reported
FROM years y
LEFT JOIN own o USING (year)
LEFT JOIN headings h USING (year)
