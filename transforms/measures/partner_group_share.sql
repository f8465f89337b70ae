-- The partner group's share of imports by sector: sums over the sector's codes, and over
-- the headings and chapters whose own row counts for codes that the files do not cover.
WITH members AS (
    SELECT year, count(DISTINCT iso3) AS members FROM group_members GROUP BY year
),
codes AS (
    SELECT reporter, sector, year, hs_revision,
           count(*) FILTER (level IS NOT NULL AND status <> 'unreached') AS codes_covered,
           count(*) FILTER (level IS NULL) AS codes_unknown,
           coalesce(min(level), 6) AS level
    FROM import_levels
    WHERE sector IS NOT NULL
    GROUP BY ALL
),
sums AS (
    SELECT reporter, sector, year, hs_revision, sum(imports_usd) AS imports_usd, sum(partner_imports_usd) AS partner_imports_usd,
           sum(group_imports_usd) AS group_imports_usd, sum(split_usd) AS split_usd,
           split_bases(list(split_basis)) AS split_basis
    FROM partner_group_share_hs6
    GROUP BY ALL
)
SELECT
    c.sector, c.year, c.hs_revision, $code_basis AS code_basis, c.reporter,
    $partner_group AS partner_group,
    CAST(coalesce(m.members, 0) AS SMALLINT) AS group_members,
    y.imports_reported OR y.import_headings_reported AS reporter_reported,
    c.codes_covered,
    c.codes_unknown,
    c.codes_covered < CAST($min_product_coverage AS DECIMAL(9,6)) * (c.codes_covered + c.codes_unknown) AS partial,
    CAST(c.level AS SMALLINT) AS level,
    CASE WHEN reporter_reported AND c.codes_covered > 0 THEN coalesce(s.imports_usd, 0) END AS imports_usd,
    s.partner_imports_usd,
    s.group_imports_usd,
    CAST(s.group_imports_usd AS DOUBLE) / nullif(CAST(s.imports_usd AS DOUBLE), 0) AS group_share,
    CAST(s.partner_imports_usd AS DOUBLE) / nullif(CAST(s.imports_usd AS DOUBLE), 0) AS partner_coverage,
    coalesce(s.split_usd, 0) AS split_usd,
    s.split_basis
FROM codes c
JOIN year_revisions y ON y.reporter = c.reporter AND y.year = c.year
LEFT JOIN sums s ON s.reporter = c.reporter AND s.sector = c.sector AND s.year = c.year AND s.hs_revision = c.hs_revision
LEFT JOIN members m ON m.year = c.year
