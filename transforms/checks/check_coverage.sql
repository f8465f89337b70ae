-- Years in which world exports are not whole.
SELECT DISTINCT 'coverage' AS check_name, year, 0::SMALLINT AS partner, 'X' AS flow, world_exports_usd AS value_usd,
       format('{} of {} reporters, {:.1f}% of exports by value', reporters, reporters_most, 100 * value_coverage) AS note
FROM coverage
WHERE low_coverage
