-- The reporter's monthly trade with World, by code of the HS revision in use: as
-- world_trade, from monthly rows alone.
--
-- As reported, a month's codes are those of its own HS revision: a year may have
-- months and no annual rows to tell.
SELECT f.year, f.month, f.flow,
       coalesce(c.to_revision, f.hs_revision) AS hs_revision,
       coalesce(c.to_code, f.hs6) AS hs6,
       sum(divided(f.value_usd, c.lo, c.hi, c.parts_of, h.lo, h.hi, h.parts_of)) AS value_usd,
       coalesce(sum(divided(f.value_usd, c.lo, c.hi, c.parts_of, h.lo, h.hi, h.parts_of)) FILTER (c.parts_of > 1), 0) AS split_usd
FROM facts f
LEFT JOIN hs_conversion c ON c.from_revision = f.hs_revision AND c.from_code = f.hs6
LEFT JOIN split_shares h ON h.reporter = f.reporter AND h.flow = f.flow AND h.hs_revision = f.hs_revision AND h.hs6 = f.hs6 AND h.to_code = c.to_code
WHERE f.reporter = $reporter AND f.partner = 0 AND f.month > 0
  AND ($harmonize = 'as-reported' OR c.to_code IS NOT NULL)
  AND ($years = '' OR list_contains(string_split($years, ','), CAST(f.year AS VARCHAR)))
GROUP BY ALL
