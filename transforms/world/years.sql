-- The years that the outputs cover: those that were asked for, or all that any
-- reporter has, or of which the reporter has headings of imports. reporters counts those with exports to World.
WITH asked AS (
    SELECT CAST(unnest(string_split($years, ',')) AS SMALLINT) AS year
    WHERE $years <> ''
    UNION
    SELECT year FROM world_trade
    WHERE $years = ''
    UNION
    -- Headings and chapters of imports, which some measures are made of.
    SELECT year FROM counted_sums
    WHERE $years = '' AND reporter = $reporter AND flow = 'M' AND month = 0 AND level IN (2, 4) AND world_usd IS NOT NULL
),
exporters AS (
    SELECT year, count(DISTINCT reporter) AS reporters
    FROM world_trade
    WHERE flow = 'X'
    GROUP BY year
)
SELECT
    a.year,
    CAST(coalesce(e.reporters, 0) AS SMALLINT) AS reporters,
    CAST((SELECT coalesce(max(reporters), 0) FROM exporters) AS SMALLINT) AS reporters_most,
    coalesce(e.reporters / (SELECT max(reporters) FROM exporters), 0) AS coverage
FROM asked a
LEFT JOIN exporters e USING (year)
