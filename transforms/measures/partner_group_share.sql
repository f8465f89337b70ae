-- The partner group's share of imports by sector: sums over the sector's codes.
WITH members AS (
    SELECT year, count(DISTINCT iso3) AS members FROM group_members GROUP BY year
)
SELECT
    l.sector, l.year, l.hs_revision, $code_basis AS code_basis, CAST($reporter AS SMALLINT) AS reporter,
    $partner_group AS partner_group,
    CAST(coalesce(any_value(m.members), 0) AS SMALLINT) AS group_members,
    bool_and(l.imports_reported) AS reporter_reported,
    coalesce(any_value(c.codes_covered), 0) AS codes_covered,
    coalesce(any_value(c.codes_unknown), 0) AS codes_unknown,
    coalesce(any_value(c.partial), false) AS partial,
    CASE WHEN reporter_reported AND any_value(c.codes_covered) > 0 THEN coalesce(sum(g.imports_usd), 0) END AS imports_usd,
    sum(g.partner_imports_usd) AS partner_imports_usd,
    sum(g.group_imports_usd) AS group_imports_usd,
    CAST(sum(g.group_imports_usd) AS DOUBLE) / nullif(CAST(sum(g.imports_usd) AS DOUBLE), 0) AS group_share,
    CAST(sum(g.partner_imports_usd) AS DOUBLE) / nullif(CAST(sum(g.imports_usd) AS DOUBLE), 0) AS partner_coverage,
    coalesce(sum(g.split_usd), 0) AS split_usd
FROM listed_codes l
LEFT JOIN product_coverage c ON c.reporter = $reporter AND c.flow = 'M' AND c.sector = l.sector AND c.year = l.year
LEFT JOIN members m ON m.year = l.year
LEFT JOIN partner_group_share_hs6 g ON g.year = l.year AND g.hs_revision = l.hs_revision AND g.hs6 = l.hs6
GROUP BY l.sector, l.year, l.hs_revision
