-- Each reporter's annual trade with the World, by code of the HS revision in use.
--
-- World is the source's own row for partner 0, never a sum over partners: a
-- download of a few partners must not pass for a country's whole trade.
-- The condition on the partner is written as a range: DuckDB takes "= 0" for one row in 250,
-- and would then hold all of them in memory to look up the few shares, not the shares.
-- hs_conversion is empty when codes are counted as reported.
SELECT
    f.reporter, f.flow, f.year,
    coalesce(c.to_revision, f.hs_revision) AS hs_revision,
    coalesce(c.to_code, f.hs6) AS hs6,
    CAST(sum(part(f.value_usd, d.lo, d.hi, d.parts_of)) AS DECIMAL(18,3)) AS value_usd,
    CAST(coalesce(sum(part(f.value_usd, d.lo, d.hi, d.parts_of)) FILTER (d.basis IS NOT NULL), 0) AS DECIMAL(18,3)) AS split_usd,
    bit_or(d.basis) AS split_basis
FROM measured_facts f
LEFT JOIN hs_conversion c ON c.from_revision = f.hs_revision AND c.from_code = f.hs6
LEFT JOIN split_shares d ON d.reporter = f.reporter AND d.flow = f.flow AND d.from_revision = f.hs_revision AND d.from_code = f.hs6
    AND d.to_code = c.to_code
WHERE f.partner < 1
  AND ($harmonize = 'as-reported' OR c.to_code IS NOT NULL)
GROUP BY ALL
