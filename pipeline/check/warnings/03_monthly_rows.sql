-- Monthly rows of the reporter.
SELECT format('{} has monthly rows in {}: high_tech_monthly has them, and the annual figures do not use them',
              $reporter_name, few_years(list_sort(list(DISTINCT year))))
FROM counted_sums
WHERE month <> 0 AND level = 6 AND reporter = $reporter
HAVING count(*) > 0
