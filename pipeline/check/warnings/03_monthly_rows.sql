-- Monthly rows of the reporter in years that have annual rows, too; of others see
-- 31_months_without_year.sql.
WITH monthly AS (
    SELECT year
    FROM counted_sums
    WHERE level = 6 AND reporter = $reporter
    GROUP BY year
    HAVING bool_or(month <> 0) AND bool_or(month = 0) AND year NOT IN (SELECT year FROM month_sums WHERE reporter = $reporter)
)
SELECT format('{} has monthly rows in {}: high_tech_monthly has them, and the annual figures do not use them',
              $reporter_name, few_years(list_sort(list(year))))
FROM monthly
HAVING count(*) > 0
