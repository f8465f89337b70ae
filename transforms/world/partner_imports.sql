-- The reporters' annual imports by partner and code of the HS revision in use.
SELECT
    f.reporter, f.year, f.partner,
    coalesce(c.to_revision, f.hs_revision) AS hs_revision,
    coalesce(c.to_code, f.hs6) AS hs6,
    CAST(sum(part(f.value_usd, d.lo, d.hi, d.parts_of)) AS DECIMAL(18,3)) AS value_usd,
    CAST(coalesce(sum(part(f.value_usd, d.lo, d.hi, d.parts_of)) FILTER (d.basis IS NOT NULL), 0) AS DECIMAL(18,3)) AS split_usd,
    bit_or(d.basis) AS split_basis
FROM measured_facts f
SEMI JOIN reporters r ON r.reporter = f.reporter
LEFT JOIN hs_conversion c ON c.from_revision = f.hs_revision AND c.from_code = f.hs6
LEFT JOIN split_shares d ON d.reporter = f.reporter AND d.flow = f.flow AND d.from_revision = f.hs_revision AND d.from_code = f.hs6
    AND d.to_code = c.to_code
WHERE f.flow = 'M' AND f.partner <> 0
  AND ($harmonize = 'as-reported' OR c.to_code IS NOT NULL)
GROUP BY ALL
