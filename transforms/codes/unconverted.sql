-- Trade that has no counterpart in the HS revision in use, and so is in no
-- measure: revisions whose conversion is unknown, and codes that no
-- code of the target comes from.
SELECT f.reporter, f.flow, f.year, f.hs_revision, f.hs6, sum(f.value_usd) AS value_usd
FROM measured_facts f
ANTI JOIN hs_conversion c ON c.from_revision = f.hs_revision AND c.from_code = f.hs6
WHERE f.partner = 0 AND $harmonize <> 'as-reported'
GROUP BY ALL
