-- Import dependence by sector (Figure 14): dependent codes over traded codes.
-- A year without the reporter's imports and exports has no counts, not zeros, and so has
-- a sector of which the files cover no code. A code counts when both its values are known.
WITH unreached AS (
    -- By the reporter's own revision: what it can't have reported.
    SELECT reporter, year, hs_revision, hs6 FROM own_unreached WHERE own
)
SELECT
    l.sector, l.year, l.hs_revision, $code_basis AS code_basis, l.reporter,
    bool_and(l.imports_reported AND l.exports_reported) AS reporter_reported,
    count(*) AS codes_listed,
    count(u.hs6) AS codes_unreached,
    count(*) FILTER (d.covered AND u.hs6 IS NULL) AS codes_covered,
    count(*) FILTER (d.covered IS NOT TRUE AND u.hs6 IS NULL) AS codes_unknown,
    codes_covered < CAST($min_product_coverage AS DECIMAL(9,6)) * (codes_covered + codes_unknown) AS partial,
    CASE WHEN reporter_reported AND count(*) FILTER (d.covered) > 0 THEN count(*) FILTER (d.traded AND d.covered) END AS codes_traded,
    CASE WHEN codes_traded IS NOT NULL THEN count(*) FILTER (d.dependent AND d.covered) END AS codes_dependent,
    codes_dependent / nullif(codes_traded, 0) AS dependent_share,
    sum(d.imports_usd) AS imports_usd,
    sum(d.exports_usd) AS exports_usd,
    coalesce(sum(d.split_usd), 0) AS split_usd,
    split_bases(list(d.split_basis)) AS split_basis
FROM listed_codes l
LEFT JOIN unreached u USING (reporter, year, hs_revision, hs6)
LEFT JOIN import_dependence_hs6 d USING (reporter, year, hs_revision, hs6)
GROUP BY l.reporter, l.sector, l.year, l.hs_revision
