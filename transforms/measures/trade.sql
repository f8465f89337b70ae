-- All trade that counts, in the set of codes in use: everybody's, with World and by partner,
-- by year and, where months are asked for, by month. Nothing unless $trade asks for it.
--
-- World (partner 0) is the source's own row or, where a file has none, the sum over all its
-- partners; it is never to be added to the partners. Weight and quantity are those of the
-- rows that have them, and null where one of these lacks it: a part would look whole.
SELECT
    f.reporter, f.partner, f.flow, f.year, f.month,
    coalesce(c.to_revision, f.hs_revision) AS hs_revision,
    coalesce(c.to_code, f.hs6) AS hs6,
    any_value(s.sector) AS sector,
    $code_basis AS code_basis,
    sum(part(f.value_usd, d.lo, d.hi, d.parts_of)) AS value_usd,
    sum_of_all(part(f.net_weight_kg, d.lo, d.hi, d.parts_of)) AS net_weight_kg,
    count(f.quantity) = count(*) AND min(f.quantity_unit) = max(f.quantity_unit) AS one_unit,
    CASE WHEN one_unit THEN sum(part(f.quantity, d.lo, d.hi, d.parts_of)) END AS quantity,
    CASE WHEN one_unit THEN min(f.quantity_unit) END AS quantity_unit,
    CASE WHEN count(f.net_weight_kg) = count(*) THEN bool_or(f.weight_estimated) END AS net_weight_estimated,
    CASE WHEN one_unit THEN bool_or(f.quantity_estimated) END AS quantity_estimated,
    coalesce(sum(part(f.value_usd, d.lo, d.hi, d.parts_of)) FILTER (d.basis IS NOT NULL), 0) AS split_usd,
    split_basis(bit_or(d.basis)) AS split_basis
FROM facts f
LEFT JOIN hs_conversion c ON c.from_revision = f.hs_revision AND c.from_code = f.hs6
LEFT JOIN split_shares d ON d.reporter = f.reporter AND d.flow = f.flow AND d.from_revision = f.hs_revision AND d.from_code = f.hs6
    AND d.to_code = c.to_code
LEFT JOIN code_sectors s ON s.hs_revision = coalesce(c.to_revision, f.hs_revision) AND s.hs6 = coalesce(c.to_code, f.hs6)
WHERE $trade <> 'no'
  AND (f.month = 0 OR $trade = 'months')
  AND ($years = '' OR list_contains(string_split($years, ','), CAST(f.year AS VARCHAR)))
  AND ($harmonize = 'as-reported' OR c.to_code IS NOT NULL)
GROUP BY f.reporter, f.partner, f.flow, f.year, f.month, coalesce(c.to_revision, f.hs_revision), coalesce(c.to_code, f.hs6)
