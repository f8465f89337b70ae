-- Import dependence (Figure 14) over a grid of ratios and the one in use, counted
-- and weighted by imports: does a conclusion hang on the cut-off? codes_near are
-- the codes whose ratio is within 5 % of the threshold, on either side of it.
--
-- The test of each code is that of import_dependence_hs6.sql. Within the rounding
-- of split codes, a code is at the threshold, and at the edge of being near it.
WITH grid AS (
    SELECT CAST(unnest(['1', '1.5', '2', '3', '5']) AS DECIMAL(9,4)) AS ratio
    UNION
    SELECT CAST($dependence_ratio AS DECIMAL(9,4))
),
cells AS (
    SELECT l.reporter, l.sector, l.year, l.hs_revision, g.ratio,
           l.imports_reported AND l.exports_reported AS reported,
           d.traded AND d.covered AS traded, d.imports_usd, d.split_usd, d.split_basis, d.covered,
           d.imports_usd > 0 AND d.imports_usd
               + CASE WHEN d.split_usd > 0 THEN 0.001 * (1 + g.ratio) ELSE 0 END >= g.ratio * d.exports_usd AS dependent,
           CASE WHEN d.split_usd > 0 THEN 0.001 * (1 + 1.05 * g.ratio) ELSE 0 END AS rounding,
           d.imports_usd > 0 AND d.exports_usd > 0
               AND d.imports_usd + rounding >= 0.95 * g.ratio * d.exports_usd
               AND d.imports_usd <= 1.05 * g.ratio * d.exports_usd + rounding AS near
    FROM listed_codes l
    CROSS JOIN grid g
    LEFT JOIN import_dependence_hs6 d USING (reporter, year, hs_revision, hs6)
)
SELECT
    sector, year, hs_revision, $code_basis AS code_basis, reporter,
    CAST(ratio AS DOUBLE) AS ratio,
    ratio = CAST($dependence_ratio AS DECIMAL(9,4)) AS in_use,
    bool_and(reported) AS reporter_reported,
    any_value(p.partial) AS partial,
    CASE WHEN reporter_reported AND count(*) FILTER (covered) > 0 THEN count(*) FILTER (traded) END AS codes_traded,
    CASE WHEN codes_traded IS NOT NULL THEN count(*) FILTER (dependent) END AS codes_dependent,
    codes_dependent / nullif(codes_traded, 0) AS dependent_share,
    CASE WHEN codes_traded IS NOT NULL THEN coalesce(sum(imports_usd) FILTER (covered), 0) END AS imports_usd,
    CASE WHEN codes_traded IS NOT NULL THEN coalesce(sum(imports_usd) FILTER (dependent), 0) END AS dependent_imports_usd,
    CAST(dependent_imports_usd AS DOUBLE) / nullif(CAST(sum(imports_usd) FILTER (covered) AS DOUBLE), 0) AS dependent_imports_share,
    CASE WHEN codes_traded IS NOT NULL THEN count(*) FILTER (near) END AS codes_near,
    coalesce(sum(split_usd), 0) AS split_usd,
    split_bases(list(split_basis)) AS split_basis
FROM cells
JOIN (SELECT reporter, sector, year, partial FROM import_dependence) p USING (reporter, sector, year)
GROUP BY reporter, sector, year, hs_revision, cells.ratio
