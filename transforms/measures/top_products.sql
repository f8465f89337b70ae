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
    FROM known_trade o
    LEFT JOIN whole w USING (reporter, flow, year)
    LEFT JOIN totals t USING (reporter, flow, year)
    GROUP BY o.reporter, o.flow, o.year
),
goods AS MATERIALIZED (
    SELECT reporter, flow, year, hs_revision, 6::SMALLINT AS level, hs6 AS code, value_usd, split_usd, false AS partial
    FROM known_trade
    UNION ALL
    SELECT k.*, p.heading IS NOT NULL
    FROM (SELECT reporter, flow, year, hs_revision, 4, left(hs6, 4) AS heading, sum(value_usd)::DECIMAL(18,3), sum(split_usd)::DECIMAL(18,3)
          FROM known_trade
          GROUP BY ALL) k
    LEFT JOIN partial_headings p USING (reporter, flow, year, hs_revision, heading)
    UNION ALL
    SELECT reporter, flow, year, hs_revision, level, code, value_usd, split_usd, partial
    FROM own_trade
    WHERE level = 0
),
largest AS (
    SELECT *, rank() OVER (PARTITION BY reporter, flow, year, level ORDER BY value_usd DESC) AS place
    FROM goods
    WHERE value_usd > 0
    QUALIFY level = 0 OR place <= 50
)
SELECT r.year, CAST(r.flow AS VARCHAR) AS flow, r.level, r.code, CASE WHEN r.level = 0 THEN r.code ELSE s.sector END AS sector, r.hs_revision, $code_basis AS code_basis, r.reporter,
       CAST(r.place AS SMALLINT) AS rank,
       r.value_usd,
       f.usd AS flow_usd,
       CAST(r.value_usd AS DOUBLE) / nullif(CAST(f.usd AS DOUBLE), 0) AS flow_share,
       CASE WHEN NOT r.partial AND NOT p.partial THEN CAST(r.value_usd - p.value_usd AS DOUBLE) / nullif(CAST(p.value_usd AS DOUBLE), 0) END AS change,
       r.partial, r.split_usd
FROM largest r
JOIN flows f USING (reporter, flow, year)
LEFT JOIN goods p ON p.reporter = r.reporter AND p.flow = r.flow AND p.year = r.year - 1 AND p.hs_revision = r.hs_revision AND p.level = r.level
    AND p.code = r.code
LEFT JOIN code_sectors s ON s.hs_revision = r.hs_revision AND s.hs6 = r.code
