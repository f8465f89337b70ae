-- The reporter's annual imports by partner and code of the HS revision in use.
SELECT
    f.year, f.partner,
    coalesce(c.to_revision, f.hs_revision) AS hs_revision,
    coalesce(c.to_code, f.hs6) AS hs6,
    CAST(sum(divided(f.value_usd, c.lo, c.hi, c.parts_of, h.lo, h.hi, h.parts_of)) AS DECIMAL(18,3)) AS value_usd,
    CAST(coalesce(sum(divided(f.value_usd, c.lo, c.hi, c.parts_of, h.lo, h.hi, h.parts_of)) FILTER (c.parts_of > 1), 0) AS DECIMAL(18,3)) AS split_usd
FROM measured_facts f
LEFT JOIN hs_conversion c ON c.from_revision = f.hs_revision AND c.from_code = f.hs6
LEFT JOIN split_shares h ON h.reporter = f.reporter AND h.flow = f.flow AND h.hs_revision = f.hs_revision AND h.hs6 = f.hs6 AND h.to_code = c.to_code
WHERE f.reporter = $reporter AND f.flow = 'M' AND f.partner <> 0
  AND ($harmonize = 'as-reported' OR c.to_code IS NOT NULL)
GROUP BY ALL
