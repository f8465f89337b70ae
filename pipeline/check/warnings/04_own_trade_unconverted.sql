-- Trade of the reporter that no code in use has, and what helps. A year in which nothing
-- can be converted is none of the years of the outputs, so those that were asked for
-- count.
SELECT format('{} has trade that can''t be converted to the HS revision in use: {} worth {:.0f} million dollars ({}) in {} {} in no figure; {}',
              $reporter_name, counted(count(DISTINCT (hs_revision, hs6)), 'code'), sum(value_usd)::DOUBLE / 1e6,
              string_agg(DISTINCT hs_revision, ', ' ORDER BY hs_revision), few_years(list(DISTINCT year ORDER BY year)),
              CASE WHEN count(DISTINCT (hs_revision, hs6)) = 1 THEN 'is' ELSE 'are' END,
              convert_by(list(DISTINCT hs_revision::VARCHAR ORDER BY hs_revision::VARCHAR) FILTER (hs_revision NOT IN (SELECT hs_revision FROM hs_codes))))
FROM unconverted
WHERE reporter = $reporter AND ($years = '' OR list_contains(string_split($years, ','), CAST(year AS VARCHAR)))
HAVING count(*) > 0
