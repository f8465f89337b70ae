-- What the reporters trade most: by flow and year the fifty largest codes and headings, of
-- all goods, and every sector. Those at the rank of the fiftieth are rows, too.
--
-- The whole flow is what its codes add up to where the files have all of them, else the
-- files' own TOTAL, else unknown.
WITH whole AS (
    SELECT DISTINCT reporter, flow, year FROM whole_flows WHERE NOT as_exporter
),
totals AS (
    SELECT reporter, flow, year, CASE WHEN count(*) = 1 THEN any_value(total) END AS usd
    FROM level_totals
    SEMI JOIN reporters USING (reporter)
    WHERE month = 0 AND prefix = ''
    GROUP BY ALL
),
flows AS (
    SELECT o.reporter, o.flow, o.year, coalesce(CASE WHEN any_value(w.reporter) IS NOT NULL THEN sum(o.value_usd) END, any_value(t.usd)) AS usd
    FROM own_trade o
    LEFT JOIN whole w USING (reporter, flow, year)
    LEFT JOIN totals t USING (reporter, flow, year)
    WHERE o.level = 6
    GROUP BY o.reporter, o.flow, o.year
),
ranked AS (
    SELECT *, rank() OVER (PARTITION BY reporter, flow, year, level ORDER BY value_usd DESC) AS place
    FROM own_trade
    WHERE value_usd > 0
)
SELECT r.year, CAST(r.flow AS VARCHAR) AS flow, r.level, r.code, r.sector, r.hs_revision, $code_basis AS code_basis, r.reporter,
       CAST(r.place AS SMALLINT) AS rank,
       r.value_usd,
       f.usd AS flow_usd,
       CAST(r.value_usd AS DOUBLE) / nullif(CAST(f.usd AS DOUBLE), 0) AS flow_share,
       CASE WHEN NOT r.partial AND NOT p.partial THEN CAST(r.value_usd - p.value_usd AS DOUBLE) / nullif(CAST(p.value_usd AS DOUBLE), 0) END AS change,
       r.partial, r.split_usd
FROM ranked r
JOIN flows f USING (reporter, flow, year)
LEFT JOIN own_trade p ON p.reporter = r.reporter AND p.flow = r.flow AND p.year = r.year - 1 AND p.hs_revision = r.hs_revision AND p.level = r.level
    AND p.code = r.code
WHERE r.level = 0 OR r.place <= 50
