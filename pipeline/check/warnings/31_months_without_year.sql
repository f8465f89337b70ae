-- Years of which the reporter has months and nothing annual, so that they are in no other
-- measure; and what helps.
WITH asked AS (
    SELECT year
    FROM counted_sums
    WHERE level = 6 AND reporter = $reporter AND ($years = '' OR list_contains(string_split($years, ','), CAST(year AS VARCHAR)))
    GROUP BY year
    HAVING NOT bool_or(month = 0)
)
SELECT format('{} has no annual rows (frequency A) in {}: {} only high_tech_monthly has figures; download annual rows{}',
              $reporter_name, few_years(list_sort(list(year))),
              CASE WHEN count(*) = 1 THEN 'of this year' ELSE 'of these years' END,
              CASE WHEN $months = 'sum' THEN ', for not all of twelve months are there' ELSE ', or set months: sum where all twelve months are there' END)
FROM asked
HAVING count(*) > 0
