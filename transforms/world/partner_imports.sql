-- The reporter's annual imports by partner and code of the HS revision in use.
SELECT
    f.year, f.partner,
    coalesce(c.to_revision, f.hs_revision) AS hs_revision,
    coalesce(c.to_code, f.hs6) AS hs6,
    CAST(sum(part(f.value_usd, c.lo, c.hi, c.parts_of)) AS DECIMAL(18,3)) AS value_usd,
    CAST(coalesce(sum(part(f.value_usd, c.lo, c.hi, c.parts_of)) FILTER (c.parts_of > 1), 0) AS DECIMAL(18,3)) AS split_usd
FROM measured_facts f
LEFT JOIN hs_conversion c ON c.from_revision = f.hs_revision AND c.from_code = f.hs6
WHERE f.reporter = $reporter AND f.flow = 'M' AND f.partner <> 0
  AND ($harmonize = 'as-reported' OR c.to_code IS NOT NULL)
GROUP BY ALL
