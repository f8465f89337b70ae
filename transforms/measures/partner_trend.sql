-- Imports from one partner over time (Figure 7): by sector, for all codes that a
-- sector lists (all_sectors), and for all codes (all_codes).
--
-- In a year of which the files have no row of the partner, imports from it are not
-- known; in the other years, a sector without rows of it has none. A sector of which the
-- files cover no code has no values. A heading or chapter whose own row counts
-- (counted_headings) stands in a sector for the rows below it; without rows by partner, it
-- tells nothing of the partner. All codes are the HS-6 rows where these are whole,
-- else the files' own TOTAL, or their HS-2 or HS-4 rows when these reach over nearly all
-- chapters, of World and of the partner alike (level).
WITH amounts AS (
    SELECT reporter, year, hs_revision, hs6, value_usd AS world_usd, split_usd, split_basis, 0 AS partner_usd
    FROM world_trade
    SEMI JOIN reporters USING (reporter)
    WHERE flow = 'M'
    UNION ALL
    SELECT reporter, year, hs_revision, hs6, 0, 0, NULL, value_usd
    FROM partner_imports
    WHERE partner = $partner
),
own_rows AS (
    SELECT reporter, year, level, code, sum(value_usd) FILTER (partner = 0) AS world_usd,
           CASE WHEN bool_or(partner <> 0) THEN coalesce(sum(value_usd) FILTER (partner = $partner), 0) END AS partner_usd
    FROM own_headings
    WHERE flow = 'M'
    GROUP BY ALL
),
partner_years AS (
    SELECT reporter, year FROM partner_imports WHERE partner = $partner
    UNION
    SELECT reporter, year FROM own_headings WHERE flow = 'M' AND partner = $partner
),
sums AS (
    SELECT reporter, sector, year, sum(world_usd) AS world_usd,
           CASE WHEN bool_and(partner_usd IS NOT NULL) THEN sum(partner_usd) END AS partner_usd, sum(split_usd) AS split_usd,
           bit_or(split_basis) AS split_basis
    FROM (
        SELECT t.reporter, l.sector, t.year, t.world_usd, t.partner_usd, t.split_usd, t.split_basis
        FROM amounts t
        JOIN import_levels l USING (reporter, year, hs_revision, hs6)
        WHERE coalesce(l.level, 6) = 6
        UNION ALL
        SELECT h.reporter, h.sector, h.year, o.world_usd, o.partner_usd, 0, NULL
        FROM counted_headings h
        JOIN own_rows o USING (reporter, year, level, code)
    )
    WHERE sector IS NOT NULL
    GROUP BY reporter, sector, year
),
by_code AS (
    SELECT reporter, year, sum(world_usd) AS world_usd, sum(partner_usd) AS partner_usd, sum(split_usd) AS split_usd, bit_or(split_basis) AS split_basis
    FROM amounts
    GROUP BY reporter, year
),
headings AS (
    SELECT f.reporter, f.year, f.level, sum(f.value_usd) FILTER (f.partner = 0) AS world_usd, sum(f.value_usd) FILTER (f.partner = $partner) AS partner_usd
    FROM facts_and_totals f
    SEMI JOIN years USING (year)
    SEMI JOIN reporter_codes c ON c.code = f.file_reporter
    SEMI JOIN reporters r ON r.reporter = f.reporter
    WHERE f.partner IN (0, $partner) AND f.flow = 'M' AND f.month = 0 AND f.level < 6
    GROUP BY f.reporter, f.year, f.level
    HAVING f.level = 0 AND bool_or(f.partner = 0) OR count(DISTINCT left(f.code, 2)) FILTER (f.partner = 0) >= 90
),
levels AS (
    SELECT reporter, year, 6::TINYINT AS level FROM whole_flows SEMI JOIN reporters USING (reporter) WHERE flow = 'M' AND NOT as_exporter
    UNION ALL
    SELECT reporter, year, min(level) FROM headings GROUP BY reporter, year
),
-- Without rows of World no level is whole, and the partner's HS-6 rows are what there is.
all_codes AS (
    SELECT y.reporter, y.year, l.level,
           CASE coalesce(l.level, 6) WHEN 6 THEN c.world_usd ELSE h.world_usd END AS world_usd,
           CASE coalesce(l.level, 6) WHEN 6 THEN c.partner_usd ELSE h.partner_usd END AS partner_usd,
           CASE l.level WHEN 6 THEN c.split_usd ELSE 0 END AS split_usd,
           CASE l.level WHEN 6 THEN c.split_basis END AS split_basis
    FROM year_revisions y
    LEFT JOIN (SELECT reporter, year, max(level) AS level FROM levels GROUP BY reporter, year) l USING (reporter, year)
    LEFT JOIN by_code c USING (reporter, year)
    LEFT JOIN headings h ON h.reporter = y.reporter AND h.year = y.year AND h.level = l.level
),
-- A sector without rows has imports of 0 where its codes are covered.
by_sector AS (
    SELECT l.reporter, l.sector, l.year, count(*) FILTER (l.level IS NOT NULL AND l.status <> 'unreached') AS codes_covered,
           count(*) FILTER (l.level IS NULL) AS codes_unknown, coalesce(min(l.level), 6)::TINYINT AS level,
           coalesce(any_value(s.world_usd), 0) AS world_usd,
           CASE WHEN any_value(s.sector) IS NULL THEN 0 ELSE any_value(s.partner_usd) END AS partner_usd, any_value(s.split_usd) AS split_usd,
           any_value(s.split_basis) AS split_basis
    FROM import_levels l
    LEFT JOIN sums s ON s.reporter = l.reporter AND s.sector = l.sector AND s.year = l.year
    WHERE l.sector IS NOT NULL
    GROUP BY l.reporter, l.sector, l.year
),
series AS (
    SELECT reporter, sector, year, codes_covered > 0 AS known,
           codes_covered < CAST($min_product_coverage AS DECIMAL(9,6)) * (codes_covered + codes_unknown) AS partial,
           level, world_usd, partner_usd, split_usd, split_basis
    FROM by_sector
    UNION ALL
    -- A code is in one sector, so that each counts once.
    SELECT reporter, 'all_sectors', year, sum(codes_covered) > 0,
           sum(codes_covered) < CAST($min_product_coverage AS DECIMAL(9,6)) * sum(codes_covered + codes_unknown),
           min(level), sum(world_usd), CASE WHEN bool_and(partner_usd IS NOT NULL) THEN sum(partner_usd) END, sum(split_usd), bit_or(split_basis)
    FROM by_sector
    GROUP BY reporter, year
    UNION ALL
    SELECT reporter, 'all_codes', year, level IS NOT NULL, level IS NULL, level, world_usd, partner_usd, split_usd, split_basis FROM all_codes
)
SELECT
    s.sector, s.year, y.hs_revision, $code_basis AS code_basis, s.reporter,
    CAST($partner AS SMALLINT) AS partner,
    y.imports_reported OR y.import_headings_reported AS reporter_reported,
    p.year IS NOT NULL AS partner_reported,
    s.partial,
    CAST(s.level AS SMALLINT) AS level,
    CASE WHEN (partner_reported OR s.sector = 'all_codes' AND s.level < 6) AND (s.known OR NOT reporter_reported) THEN s.partner_usd END AS from_partner_usd,
    CASE WHEN (reporter_reported OR s.level < 6) AND s.known THEN s.world_usd END AS imports_usd,
    CAST(from_partner_usd AS DOUBLE) / nullif(CAST(imports_usd AS DOUBLE), 0) AS partner_share,
    coalesce(s.split_usd, 0) AS split_usd,
    split_basis(s.split_basis) AS split_basis,
    f.sales_usd AS affiliate_sales_usd, f.source AS affiliate_sales_source
FROM series s
JOIN year_revisions y USING (reporter, year)
LEFT JOIN affiliate_sales f ON f.reporter = s.reporter AND f.year = s.year AND s.sector = 'all_codes'
LEFT JOIN partner_years p USING (reporter, year)
