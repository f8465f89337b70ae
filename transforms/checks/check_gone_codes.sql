-- Codes of a reporter that count as 0 for no other reason than that the rows reach over
-- nearly all chapters, and that it traded in the year before or after: more than a tenth of
-- a per cent of the flow, in the same HS revision. Such a code may not have been downloaded.
WITH own AS (
    SELECT reporter, flow, year, hs_revision, code, world_usd AS usd
    FROM counted_sums
    SEMI JOIN reporters USING (reporter)
    WHERE month = 0 AND level = 6 AND world_usd IS NOT NULL
),
flows AS (
    SELECT reporter, flow, year, hs_revision, sum(usd) AS usd FROM own GROUP BY ALL
)
SELECT 'gone_codes' AS check_name, w.year, w.reporter, 0::SMALLINT AS partner, w.flow, w.hs_revision, o.code,
       0::DECIMAL(18,3) AS value_usd, max(o.usd) AS compared_usd,
       format('no row, and {:.1f} % of the flow in {}', 100 * CAST(max(o.usd) AS DOUBLE) / CAST(arg_max(f.usd, o.usd) AS DOUBLE), arg_max(o.year, o.usd)) AS note
FROM whole_flows w
SEMI JOIN years y ON y.year = w.year
JOIN own o ON o.reporter = w.reporter AND o.flow = w.flow AND o.hs_revision = w.hs_revision AND abs(o.year - w.year) = 1
JOIN flows f ON f.reporter = o.reporter AND f.flow = o.flow AND f.year = o.year AND f.hs_revision = o.hs_revision
ANTI JOIN own h ON h.reporter = w.reporter AND h.flow = w.flow AND h.year = w.year AND h.hs_revision = w.hs_revision AND h.code = o.code
WHERE NOT w.as_exporter AND w.evidence = 'chapters' AND o.usd > 0.001 * f.usd
GROUP BY w.reporter, w.year, w.flow, w.hs_revision, o.code
