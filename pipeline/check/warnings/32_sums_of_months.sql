-- Years of the reporter that are sums of months.
SELECT format('{} of {} in {}: {} of twelve months (months: sum)',
              CASE count(DISTINCT flow) WHEN 2 THEN 'imports and exports' ELSE CASE any_value(flow) WHEN 'M' THEN 'imports' ELSE 'exports' END END,
              $reporter_name, few_years(list_sort(list(DISTINCT year))),
              CASE WHEN count(DISTINCT year) = 1 THEN 'the year is a sum' ELSE 'the years are sums' END)
FROM month_sums
WHERE reporter = $reporter AND partner = 0
HAVING count(*) > 0
