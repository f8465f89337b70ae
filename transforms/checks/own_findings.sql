-- What a user's checks find. There are none; a run that has some puts their SELECTs here
-- (transforms/own).
SELECT NULL::VARCHAR AS check_name, NULL::SMALLINT AS year, NULL::SMALLINT AS reporter, NULL::SMALLINT AS partner,
       NULL::VARCHAR AS flow, NULL::VARCHAR AS hs_revision, NULL::VARCHAR AS code,
       NULL::DECIMAL(18,3) AS value_usd, NULL::DECIMAL(18,3) AS compared_usd, NULL::INTEGER AS file_id, NULL::BIGINT AS line, NULL::VARCHAR AS note
WHERE false
