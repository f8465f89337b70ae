-- Codes that their HS revision does not have, which are rejects, and trade that
-- has no counterpart in the set in which codes are counted.
SELECT 'unknown_codes' AS check_name, NULL::SMALLINT AS year, NULL::SMALLINT AS reporter, NULL::SMALLINT AS partner,
       NULL::VARCHAR AS flow, NULL::VARCHAR AS hs_revision, value AS code, NULL::DECIMAL(38,3) AS value_usd,
       file_id, line, 'the HS revision of the row has no such code' AS note
FROM rejects
WHERE reason = 'unknown_code'
UNION ALL
SELECT 'unconverted', year, reporter, 0, flow, hs_revision, hs6, value_usd, NULL, NULL,
       'the code has no counterpart in the set in which codes are counted'
FROM unconverted SEMI JOIN years USING (year)
