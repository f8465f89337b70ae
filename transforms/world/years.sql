-- The years that the outputs cover: those that were asked for, or all that anybody has, or
-- of which one of the reporters has headings of imports (everybody is false). reporters
-- counts those with exports to World.
WITH asked AS (
    SELECT CAST(unnest(string_split($years, ',')) AS SMALLINT) AS year, true AS everybody
    WHERE $years <> ''
    UNION ALL
    SELECT DISTINCT year, true FROM flow_totals
    WHERE $years = ''
    UNION ALL
    -- Headings and chapters of imports, which some measures are made of.
    SELECT DISTINCT year, false FROM counted_sets SEMI JOIN reporters USING (reporter)
    WHERE $years = '' AND flow = 'M' AND month = 0 AND level IN (2, 4) AND world
),
who_exports AS (
    SELECT year, count(DISTINCT reporter) AS reporters
    FROM flow_totals
    WHERE flow = 'X'
    GROUP BY year
)
SELECT
    a.year,
    bool_or(a.everybody) AS everybody,
    CAST(coalesce(any_value(e.reporters), 0) AS SMALLINT) AS reporters,
    CAST((SELECT coalesce(max(reporters), 0) FROM who_exports) AS SMALLINT) AS reporters_most,
    coalesce(any_value(e.reporters) / (SELECT max(reporters) FROM who_exports), 0) AS coverage
FROM asked a
LEFT JOIN who_exports e USING (year)
GROUP BY a.year
