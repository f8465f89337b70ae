-- Years in which world exports are not whole.
SELECT 'coverage' AS check_name, NULL::BIGINT AS examined, year, NULL::SMALLINT AS reporter, 0::SMALLINT AS partner, 'X' AS flow,
       NULL::VARCHAR AS hs_revision, NULL::VARCHAR AS code, world_exports_usd AS value_usd, NULL::DECIMAL(38,3) AS compared_usd,
       NULL::INTEGER AS file_id, NULL::BIGINT AS line,
       format('{} of {} reporters, {:.1f}% of exports by value', reporters, reporters_most, 100 * value_coverage) AS note
FROM coverage
WHERE low_coverage
UNION ALL
SELECT 'coverage', count(*), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM coverage
