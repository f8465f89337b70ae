-- The same of others' exports, which world exports lack, by what they are worth.
WITH lacking AS (
    SELECT coalesce(a.name, u.reporter::VARCHAR) AS name, sum(u.value_usd) AS value_usd
    FROM unconverted u
    LEFT JOIN (SELECT code, min(name) AS name FROM areas GROUP BY code) a ON a.code = u.reporter
    WHERE u.reporter NOT IN (FROM reporters) AND u.flow = 'X' AND ($years = '' OR list_contains(string_split($years, ','), CAST(u.year AS VARCHAR)))
    GROUP BY ALL
),
rows AS (
    FROM unconverted
    WHERE reporter NOT IN (FROM reporters) AND flow = 'X' AND ($years = '' OR list_contains(string_split($years, ','), CAST(year AS VARCHAR)))
)
SELECT format('exports of {} in {}, worth {:.0f} million dollars, can''t be converted to the HS revision in use and are in no figure; {}',
              (SELECT few(list(name ORDER BY value_usd DESC, name)) FROM lacking), few_years(list(DISTINCT year ORDER BY year)), sum(value_usd)::DOUBLE / 1e6,
              convert_by(list(DISTINCT hs_revision::VARCHAR ORDER BY hs_revision::VARCHAR) FILTER (hs_revision NOT IN (SELECT hs_revision FROM hs_codes))))
FROM rows
HAVING count(*) > 0
