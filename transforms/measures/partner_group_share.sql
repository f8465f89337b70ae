-- The partner group's share of imports by sector: sums over the sector's codes.
WITH members AS (
    SELECT year, count(DISTINCT iso3) AS members FROM group_members GROUP BY year
)
SELECT
    l.sector, l.year, l.hs_revision, $code_basis AS code_basis, CAST($reporter AS SMALLINT) AS reporter,
    $partner_group AS partner_group,
    CAST(coalesce(any_value(m.members), 0) AS SMALLINT) AS group_members,
    bool_and(l.imports_reported) AS reporter_reported,
    CASE WHEN reporter_reported THEN coalesce(sum(g.imports_usd), 0) END AS imports_usd,
    sum(g.partner_imports_usd) AS partner_imports_usd,
    sum(g.group_imports_usd) AS group_imports_usd,
    CAST(sum(g.group_imports_usd) AS DOUBLE) / nullif(CAST(sum(g.imports_usd) AS DOUBLE), 0) AS group_share,
    CAST(sum(g.partner_imports_usd) AS DOUBLE) / nullif(CAST(sum(g.imports_usd) AS DOUBLE), 0) AS partner_coverage,
    coalesce(sum(g.split_usd), 0) AS split_usd
FROM listed_codes l
LEFT JOIN members m USING (year)
LEFT JOIN partner_group_share_hs6 g USING (year, hs_revision, hs6)
GROUP BY l.sector, l.year, l.hs_revision
