-- Sectors of which the files cover too few codes, in flows and years that a reporter
-- has reported. A cell without that has a warning of its own.
SELECT 'product_coverage' AS check_name, p.year, p.reporter, 0::SMALLINT AS partner, p.flow, p.hs_revision,
       format('{}: {} of {} codes are in the files', p.sector, p.codes_covered, p.codes_covered + p.codes_unknown) AS note
FROM product_coverage p
JOIN year_revisions y USING (reporter, year)
WHERE p.partial
  AND CASE p.flow WHEN 'M' THEN y.imports_reported ELSE y.exports_reported END
