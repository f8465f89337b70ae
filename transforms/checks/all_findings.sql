-- What the checks that are on found, with their severities.
WITH found AS (
    FROM check_codes
    UNION ALL BY NAME FROM check_coverage
    UNION ALL BY NAME FROM check_duplicates
    UNION ALL BY NAME FROM check_gone_codes
    UNION ALL BY NAME FROM check_levels
    UNION ALL BY NAME FROM check_mirror
    UNION ALL BY NAME FROM check_partners
    UNION ALL BY NAME FROM check_product_coverage
    UNION ALL BY NAME FROM check_rows
    UNION ALL BY NAME FROM check_versions
    UNION ALL BY NAME FROM check_year_on_year
    UNION ALL BY NAME FROM own_findings
)
SELECT c.severity, f.*, n.name AS file
FROM found f
JOIN checks_examined c USING (check_name)
LEFT JOIN files n USING (file_id)
