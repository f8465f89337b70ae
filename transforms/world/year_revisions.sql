-- The HS revision in which the sector list is read, by reporter and year: that of the
-- conversion or, as reported, the reporter's own; and whether the reporter has data, in
-- HS-6 codes (imports_reported, exports_reported) or in rows of headings or chapters.
WITH own AS (
    SELECT reporter, year, any_value(hs_revision) AS hs_revision,
           bool_or(flow = 'M') AS imports, bool_or(flow = 'X') AS exports
    FROM flow_totals
    SEMI JOIN reporters USING (reporter)
    GROUP BY reporter, year
),
headings AS (
    SELECT reporter, year, any_value(hs_revision) AS hs_revision,
           bool_or(flow = 'M') AS imports, bool_or(flow = 'X') AS exports
    FROM counted_sets
    SEMI JOIN reporters USING (reporter)
    WHERE month = 0 AND level IN (2, 4) AND world
    GROUP BY reporter, year
)
SELECT r.reporter, y.year,
       coalesce((SELECT any_value(to_revision) FROM hs_conversion), o.hs_revision, h.hs_revision, $list_revision) AS hs_revision,
       coalesce(o.imports, false) AS imports_reported,
       coalesce(o.exports, false) AS exports_reported,
       coalesce(h.imports, false) AS import_headings_reported,
       coalesce(h.exports, false) AS export_headings_reported
FROM years y
CROSS JOIN reporters r
LEFT JOIN own o ON o.reporter = r.reporter AND o.year = y.year
LEFT JOIN headings h ON h.reporter = r.reporter AND h.year = y.year
WHERE y.everybody OR import_headings_reported
