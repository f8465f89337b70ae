-- A reporter's flow against its year before: half of it or less, or twice as much
-- or more, of trade above a million dollars, points to a year that is not whole.
WITH totals AS (
    SELECT reporter, flow, year, sum(value_usd) AS usd, count(*) AS codes FROM world_trade GROUP BY ALL
),
cells AS (
    SELECT t.*, b.usd AS before, b.codes AS codes_before
    FROM totals t
    SEMI JOIN years USING (year)
    JOIN totals b ON b.reporter = t.reporter AND b.flow = t.flow AND b.year = t.year - 1
)
SELECT 'year_on_year' AS check_name, NULL::BIGINT AS examined, year, reporter, 0::SMALLINT AS partner, flow, NULL::VARCHAR AS hs_revision, NULL::VARCHAR AS code,
       usd AS value_usd, before AS compared_usd, NULL::INTEGER AS file_id, NULL::BIGINT AS line,
       format('{:.0f}% of the year before, with {} codes after {}', 100 * usd / before, codes, codes_before) AS note
FROM cells
WHERE before > 0 AND greatest(usd, before) >= 1000000 AND (usd <= before / 2 OR usd >= before * 2)
UNION ALL
SELECT 'year_on_year', count(*), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM cells
