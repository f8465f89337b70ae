-- Imports from one partner over time (Figure 7): by sector, for all codes that a
-- sector lists (all_sectors), and for all codes (all_codes).
--
-- In a year of which the files have no row of the partner, imports from it are not
-- known; in the other years, a sector without rows of it has none.
WITH trade AS (
    SELECT year, hs_revision, hs6, value_usd AS world_usd, split_usd, 0 AS partner_usd
    FROM world_trade
    WHERE reporter = $reporter AND flow = 'M'
    UNION ALL
    SELECT year, hs_revision, hs6, 0, 0, value_usd
    FROM partner_imports
    WHERE partner = $partner
),
partner_years AS (
    SELECT DISTINCT year FROM partner_imports WHERE partner = $partner
),
sums AS (
    SELECT l.sector, t.year, sum(t.world_usd) AS world_usd, sum(t.partner_usd) AS partner_usd, sum(t.split_usd) AS split_usd
    FROM trade t
    JOIN listed_codes l USING (year, hs_revision, hs6)
    GROUP BY ALL
),
all_codes AS (
    SELECT year, sum(world_usd) AS world_usd, sum(partner_usd) AS partner_usd, sum(split_usd) AS split_usd
    FROM trade
    GROUP BY year
),
by_sector AS (
    SELECT DISTINCT l.sector, l.year, s.world_usd, s.partner_usd, s.split_usd
    FROM listed_codes l
    LEFT JOIN sums s USING (sector, year)
),
series AS (
    SELECT sector, year, world_usd, partner_usd, split_usd FROM by_sector
    UNION ALL
    -- A code is in one sector, so that each counts once.
    SELECT 'all_sectors', year, sum(world_usd), sum(partner_usd), sum(split_usd) FROM by_sector GROUP BY year
    UNION ALL
    SELECT 'all_codes', y.year, a.world_usd, a.partner_usd, a.split_usd FROM years y LEFT JOIN all_codes a USING (year)
)
SELECT
    s.sector, s.year, y.hs_revision, $code_basis AS code_basis, CAST($reporter AS SMALLINT) AS reporter,
    CAST($partner AS SMALLINT) AS partner,
    y.imports_reported AS reporter_reported,
    p.year IS NOT NULL AS partner_reported,
    CASE WHEN partner_reported THEN coalesce(s.partner_usd, 0) END AS from_partner_usd,
    CASE WHEN reporter_reported THEN coalesce(s.world_usd, 0) END AS imports_usd,
    CAST(from_partner_usd AS DOUBLE) / nullif(CAST(imports_usd AS DOUBLE), 0) AS partner_share,
    coalesce(s.split_usd, 0) AS split_usd
FROM series s
JOIN year_revisions y USING (year)
LEFT JOIN partner_years p USING (year)
