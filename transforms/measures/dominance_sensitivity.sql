-- Dominance (Figure 27) over a grid of shares and the one in use, counted and
-- weighted by world exports: does a conclusion hang on the cut-off? codes_near are
-- the codes whose share of world exports is within 5 % of the threshold, on either
-- side of it: at 30 %, from 28.5 % to 31.5 %.
--
-- The test of each code is that of dominance_hs6.sql. Within the rounding of split
-- codes, a code is at the threshold, and at the edge of being near it.
WITH grid AS (
    SELECT CAST(unnest(['0.2', '0.3', '0.4', '0.5']) AS DECIMAL(9,6)) AS threshold
    UNION
    SELECT CAST($dominance_share AS DECIMAL(9,6))
),
cells AS (
    SELECT l.reporter, l.sector, l.year, l.hs_revision, g.threshold, l.exports_reported AS reported,
           d.world_exports_usd > 0 AND d.reached AS exported,
           d.world_exports_usd, d.split_usd, d.split_basis,
           CASE WHEN d.split_usd > 0 THEN 0.001 * (1 + d.exporters) ELSE 0 END AS rounding,
           exported AND d.exports_usd > g.threshold * d.world_exports_usd + rounding AS dominated,
           exported AND d.exports_usd > 0
               AND d.exports_usd + rounding >= 0.95 * g.threshold * d.world_exports_usd
               AND d.exports_usd <= 1.05 * g.threshold * d.world_exports_usd + rounding AS near
    FROM listed_codes l
    CROSS JOIN grid g
    LEFT JOIN dominance_hs6 d USING (reporter, year, hs_revision, hs6)
)
SELECT
    c.sector, c.year, c.hs_revision, $code_basis AS code_basis, c.reporter,
    CAST(c.threshold AS DOUBLE) AS share,
    c.threshold = CAST($dominance_share AS DECIMAL(9,6)) AS in_use,
    bool_and(c.reported) AS reporter_reported,
    any_value(p.partial) AS partial,
    count(*) FILTER (c.exported) AS codes_exported,
    CASE WHEN reporter_reported AND any_value(p.codes_covered) > 0 THEN count(*) FILTER (c.dominated) END AS codes_dominated,
    codes_dominated / nullif(codes_exported, 0) AS dominated_share,
    coalesce(sum(c.world_exports_usd) FILTER (c.exported), 0) AS world_exports_usd,
    CASE WHEN codes_dominated IS NOT NULL THEN coalesce(sum(c.world_exports_usd) FILTER (c.dominated), 0) END AS dominated_world_exports_usd,
    CAST(dominated_world_exports_usd AS DOUBLE) / nullif(CAST(sum(c.world_exports_usd) FILTER (c.exported) AS DOUBLE), 0) AS dominated_world_exports_share,
    CASE WHEN codes_dominated IS NOT NULL THEN count(*) FILTER (c.near) END AS codes_near,
    any_value(v.low_coverage) AS low_coverage,
    coalesce(sum(c.split_usd), 0) AS split_usd,
    split_bases(list(c.split_basis)) AS split_basis
FROM cells c
JOIN coverage v USING (reporter, year)
JOIN (SELECT reporter, sector, year, codes_covered, partial FROM dominance) p USING (reporter, sector, year)
GROUP BY c.reporter, c.sector, c.year, c.hs_revision, c.threshold
