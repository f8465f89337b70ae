-- Imports from one partner over time (Figure 7): by sector, for all codes that a
-- sector lists (all_sectors), and for all codes (all_codes).
--
-- In a year of which the files have no row of the partner, imports from it are not
-- known; in the other years, a sector without rows of it has none. A sector of which the
-- files cover no code has no values, and all codes have some only where the files cover
-- nearly all of them.
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
    SELECT c.sector, c.year, c.codes_covered, c.codes_unknown, s.world_usd, s.partner_usd, s.split_usd
    FROM product_coverage c
    LEFT JOIN sums s USING (sector, year)
    WHERE c.reporter = $reporter AND c.flow = 'M'
),
series AS (
    SELECT sector, year, codes_covered, codes_unknown, world_usd, partner_usd, split_usd FROM by_sector
    UNION ALL
    -- A code is in one sector, so that each counts once.
    SELECT 'all_sectors', year, sum(codes_covered), sum(codes_unknown), sum(world_usd), sum(partner_usd), sum(split_usd)
    FROM by_sector
    GROUP BY year
    UNION ALL
    SELECT 'all_codes', k.year, CASE WHEN k.imports_known THEN 1 ELSE 0 END, CASE WHEN k.imports_known THEN 0 ELSE 1 END,
           a.world_usd, a.partner_usd, a.split_usd
    FROM world_coverage k
    LEFT JOIN all_codes a USING (year)
)
SELECT
    s.sector, s.year, y.hs_revision, $code_basis AS code_basis, CAST($reporter AS SMALLINT) AS reporter,
    CAST($partner AS SMALLINT) AS partner,
    y.imports_reported AS reporter_reported,
    p.year IS NOT NULL AS partner_reported,
    s.codes_covered < CAST($min_product_coverage AS DECIMAL(9,6)) * (s.codes_covered + s.codes_unknown) AS partial,
    CASE WHEN partner_reported AND (s.codes_covered > 0 OR NOT reporter_reported) THEN coalesce(s.partner_usd, 0) END AS from_partner_usd,
    CASE WHEN reporter_reported AND s.codes_covered > 0 THEN coalesce(s.world_usd, 0) END AS imports_usd,
    CAST(from_partner_usd AS DOUBLE) / nullif(CAST(imports_usd AS DOUBLE), 0) AS partner_share,
    coalesce(s.split_usd, 0) AS split_usd
FROM series s
JOIN year_revisions y USING (year)
LEFT JOIN partner_years p USING (year)
