-- The same of others' exports, which world exports lack.
SELECT format('exports of {} in {}, worth {:.0f} million dollars, can''t be converted to the HS revision in use and are in no figure',
              counted(count(DISTINCT reporter), 'reporter'), counted(count(DISTINCT year), 'year'), sum(value_usd)::DOUBLE / 1e6)
FROM unconverted
WHERE reporter <> $reporter AND flow = 'X' AND ($years = '' OR list_contains(string_split($years, ','), CAST(year AS VARCHAR)))
HAVING count(*) > 0
