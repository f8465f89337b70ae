-- The reporters' monthly trade with World, by code of the HS revision in use: as
-- world_trade, from monthly rows alone.
--
-- As reported, a month's codes are those of its own HS revision: a year may have
-- months and no annual rows to tell.
SELECT f.reporter, f.year, f.month, f.flow,
       coalesce(c.to_revision, f.hs_revision) AS hs_revision,
       coalesce(c.to_code, f.hs6) AS hs6,
       sum(part(f.value_usd, d.lo, d.hi, d.parts_of)) AS value_usd,
       coalesce(sum(part(f.value_usd, d.lo, d.hi, d.parts_of)) FILTER (d.basis IS NOT NULL), 0) AS split_usd,
       bit_or(d.basis) AS split_basis
FROM facts f
SEMI JOIN reporters r ON r.reporter = f.reporter
LEFT JOIN hs_conversion c ON c.from_revision = f.hs_revision AND c.from_code = f.hs6
LEFT JOIN split_shares d ON d.reporter = f.reporter AND d.flow = f.flow AND d.from_revision = f.hs_revision AND d.from_code = f.hs6
    AND d.to_code = c.to_code
WHERE f.partner = 0 AND f.month > 0
  AND ($harmonize = 'as-reported' OR c.to_code IS NOT NULL)
  AND ($years = '' OR list_contains(string_split($years, ','), CAST(f.year AS VARCHAR)))
GROUP BY ALL
