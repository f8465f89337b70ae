-- The reporter's share of world exports by sector, in values (Figure 26), beside
-- all manufactured goods and the manufactured goods that no sector lists.
WITH comparators AS (
    SELECT year,
        CAST(sum(exports_usd) FILTER (manufactured) AS DOUBLE)
            / nullif(CAST(sum(world_exports_usd) FILTER (manufactured) AS DOUBLE), 0) AS manufactures,
        CAST(sum(exports_usd) FILTER (manufactured AND sector IS NULL) AS DOUBLE)
            / nullif(CAST(sum(world_exports_usd) FILTER (manufactured AND sector IS NULL) AS DOUBLE), 0) AS unlisted
    FROM export_share_hs6
    GROUP BY year
)
SELECT
    l.sector, l.year, l.hs_revision, $code_basis AS code_basis, CAST($reporter AS SMALLINT) AS reporter,
    bool_and(l.exports_reported) AS reporter_reported,
    sum(e.exports_usd) AS exports_usd,
    coalesce(sum(e.world_exports_usd), 0) AS world_exports_usd,
    CAST(sum(e.exports_usd) AS DOUBLE) / nullif(CAST(sum(e.world_exports_usd) AS DOUBLE), 0) AS export_share,
    any_value(c.manufactures) AS manufactures_export_share,
    any_value(c.unlisted) AS unlisted_manufactures_export_share,
    $world AS world,
    any_value(v.reporters) AS reporters,
    any_value(v.reporters_most) AS reporters_most,
    any_value(v.coverage) AS coverage,
    any_value(v.value_coverage) AS value_coverage,
    any_value(v.low_coverage) AS low_coverage,
    any_value(v.reporters_mirrored) AS reporters_mirrored,
    CAST(sum(e.mirrored_usd) AS DOUBLE) / nullif(CAST(sum(e.world_exports_usd) AS DOUBLE), 0) AS mirrored_share,
    coalesce(sum(e.split_usd), 0) AS split_usd
FROM listed_codes l
JOIN coverage v USING (year)
LEFT JOIN comparators c USING (year)
LEFT JOIN export_share_hs6 e USING (year, hs_revision, hs6)
GROUP BY l.sector, l.year, l.hs_revision
