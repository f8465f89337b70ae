-- One row for each check that is on.
SELECT check_name, any_value(severity) AS severity,
       CAST(coalesce(max(examined), 0) AS INTEGER) AS examined,
       CAST(count(*) FILTER (examined IS NULL) AS INTEGER) AS findings,
       findings = 0 AS passed,
       max(abs(value_usd - compared_usd)) AS largest_difference_usd
FROM check_results
GROUP BY check_name
