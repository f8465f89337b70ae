-- One row for each check that is on.
SELECT e.check_name, e.severity,
       CAST(e.examined AS INTEGER) AS examined,
       CAST(count(f.check_name) AS INTEGER) AS findings,
       findings = 0 AS passed,
       max(abs(f.value_usd - f.compared_usd)) AS largest_difference_usd
FROM checks_examined e
LEFT JOIN all_findings f USING (check_name)
GROUP BY ALL
