-- Import dependence by code (Figure 14): M >= ratio * X and M > 0, where M and X
-- are the reporter's imports from and exports to the World.
--
-- Compared in DECIMAL: a test such as "at least twice" must not hang on a float.
-- A value that the files do not tell is unknown, and so is what hangs on it.
WITH own AS (
    SELECT reporter, year, hs_revision, hs6,
           sum(value_usd) FILTER (flow = 'M') AS imports,
           sum(value_usd) FILTER (flow = 'X') AS exports,
           sum(split_usd) AS split,
           bit_or(split_basis) AS basis
    FROM world_trade
    SEMI JOIN years USING (year)
    SEMI JOIN reporters USING (reporter)
    GROUP BY ALL
),
-- Listed codes that the reporter does not trade are rows too, in years that it reported.
codes AS (
    SELECT reporter, year, hs_revision, hs6 FROM own
    UNION
    SELECT reporter, year, hs_revision, hs6 FROM listed_codes WHERE imports_reported AND exports_reported
),
unknown AS (
    SELECT reporter, year, hs_revision, hs6, bool_or(flow = 'M') AS imports, bool_or(flow = 'X') AS exports
    FROM code_coverage
    WHERE own AND month = 0 AND status = 'unknown'
    GROUP BY ALL
)
SELECT
    c.year, c.hs6, l.sector, c.hs_revision, c.reporter,
    CASE WHEN u.imports THEN NULL ELSE coalesce(o.imports, 0) END AS imports_usd,
    CASE WHEN u.exports THEN NULL ELSE coalesce(o.exports, 0) END AS exports_usd,
    CAST(imports_usd AS DOUBLE) / nullif(CAST(exports_usd AS DOUBLE), 0) AS import_export_ratio,
    imports_usd > 0 AND exports_usd = 0 AS ratio_is_infinite,
    imports_usd > 0 OR exports_usd > 0 AS traded,
    -- The parts of a split code are rounded to tenths of a cent; within that, imports
    -- are at the ratio.
    imports_usd > 0 AND imports_usd + CASE WHEN o.split > 0 THEN 0.001 * (1 + CAST($dependence_ratio AS DECIMAL(9,4))) ELSE 0 END
        >= CAST($dependence_ratio AS DECIMAL(9,4)) * exports_usd AS dependent,
    imports_usd IS NOT NULL AND exports_usd IS NOT NULL AS covered,
    coalesce(o.split, 0) AS split_usd,
    split_basis(o.basis) AS split_basis
FROM codes c
LEFT JOIN own o USING (reporter, year, hs_revision, hs6)
LEFT JOIN unknown u USING (reporter, year, hs_revision, hs6)
LEFT JOIN listed_codes l USING (reporter, year, hs_revision, hs6)
-- Without both flows, "imports twice as much as it exports" can't be known.
SEMI JOIN (
    SELECT reporter, year FROM world_trade SEMI JOIN reporters USING (reporter)
    GROUP BY reporter, year HAVING count(DISTINCT flow) = 2
) both_flows ON both_flows.reporter = c.reporter AND both_flows.year = c.year
