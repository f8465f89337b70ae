-- Imports as a share of a market's size (Figures 17 and 18), which the user's table
-- gives by sector or group of products and year, as trade data do not tell it. A year of the table that
-- the reporter has not reported has no share.
WITH imports AS (
    SELECT y.reporter, l.name AS sector, y.year, coalesce(sum(w.value_usd), 0) AS usd, coalesce(sum(w.split_usd), 0) AS split_usd, bit_or(w.split_basis) AS basis
    FROM code_groups l
    JOIN year_revisions y USING (hs_revision)
    LEFT JOIN world_trade w ON w.reporter = y.reporter AND w.flow = 'M'
        AND w.year = y.year AND w.hs_revision = l.hs_revision AND w.hs6 = l.hs6
    GROUP BY y.reporter, l.name, y.year
)
SELECT
    m.sector, m.sector IN (SELECT name FROM code_groups WHERE is_product_group) AS is_product_group, m.year, y.hs_revision, $code_basis AS code_basis, m.reporter,
    coalesce(y.imports_reported, false) AS reporter_reported,
    coalesce(c.partial, false) AS partial,
    CASE WHEN reporter_reported AND c.codes_covered > 0 THEN i.usd END AS imports_usd,
    m.market_usd,
    CAST(imports_usd AS DOUBLE) / CAST(m.market_usd AS DOUBLE) AS import_share,
    m.source,
    coalesce(i.split_usd, 0) AS split_usd,
    split_basis(i.basis) AS split_basis
FROM markets m
SEMI JOIN reporters USING (reporter)
LEFT JOIN year_revisions y USING (reporter, year)
LEFT JOIN imports i USING (reporter, sector, year)
LEFT JOIN group_coverage c ON c.own AND c.reporter = m.reporter AND c.flow = 'M' AND c.name = m.sector AND c.year = m.year
WHERE $years = '' OR list_contains(string_split($years, ','), CAST(m.year AS VARCHAR))
