-- A reporter's flow against its year before: half of it or less, or twice as much
-- or more, of trade above a million dollars, points to a year that is not whole.
SELECT 'year_on_year' AS check_name, year, reporter, 0::SMALLINT AS partner, flow, usd AS value_usd, usd_before AS compared_usd,
       format('{:.0f}% of the year before, with {} codes after {}', 100 * usd / usd_before, codes, codes_before) AS note
FROM year_totals
WHERE usd_before > 0 AND greatest(usd, usd_before) >= 1000000 AND (usd <= usd_before / 2 OR usd >= usd_before * 2)
