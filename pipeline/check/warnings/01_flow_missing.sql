-- Years in which the reporter has not both flows.
SELECT format('{} has not both imports and exports in {}: {} no import dependence', $reporter_name, few_years(years),
              CASE WHEN len(years) = 1 THEN 'this year has' ELSE 'these years have' END)
FROM (
    SELECT list(year ORDER BY year) AS years
    FROM years
    WHERE year NOT IN (SELECT year FROM world_trade WHERE reporter = $reporter GROUP BY year HAVING count(DISTINCT flow) = 2)
)
WHERE len(years) > 0
