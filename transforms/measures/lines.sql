-- The input line of every value behind the sectors' codes: the reporters' trade
-- with World, their imports by partner, and everybody's exports to World; and of the
-- headings and chapters whose own row of imports counts for a sector.
--
-- used_usd is the part of the line's value that counts under the code in use;
-- it is less than value_usd when the reported code was split.
SELECT
    f.year,
    coalesce(c.to_code, f.hs6) AS hs6,
    f.flow, f.reporter, f.partner,
    f.hs_revision AS reported_revision,
    f.hs6 AS reported_hs6,
    f.value_usd,
    part(f.value_usd, d.lo, d.hi, d.parts_of) AS used_usd,
    split_basis(d.basis) AS split_basis,
    n.name AS file,
    coalesce(f.line, 0) AS line
FROM measured_facts f
JOIN files n USING (file_id)
LEFT JOIN hs_conversion c ON c.from_revision = f.hs_revision AND c.from_code = f.hs6
LEFT JOIN split_shares d ON d.reporter = f.reporter AND d.flow = f.flow AND d.from_revision = f.hs_revision AND d.from_code = f.hs6
    AND d.to_code = c.to_code
SEMI JOIN listed_codes l ON l.year = f.year AND l.hs6 = coalesce(c.to_code, f.hs6)
WHERE ($harmonize = 'as-reported' OR c.to_code IS NOT NULL)
  AND (f.partner = 0 AND f.flow = 'X' OR f.reporter IN (FROM reporters) AND (f.partner = 0 OR f.flow = 'M'))
UNION ALL
SELECT o.year, o.code, o.flow, o.reporter, o.partner, o.reported_revision, o.code, o.value_usd, o.value_usd, NULL, n.name, coalesce(o.line, 0)
FROM own_headings o
JOIN files n USING (file_id)
SEMI JOIN (FROM counted_headings WHERE sector IS NOT NULL) h USING (reporter, year, level, code)
WHERE o.flow = 'M'
