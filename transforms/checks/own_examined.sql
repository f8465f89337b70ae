-- How many rows a user's checks look at; see own_findings.
SELECT NULL::VARCHAR AS check_name, NULL::BIGINT AS examined
WHERE false
