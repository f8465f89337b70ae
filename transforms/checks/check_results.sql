-- What all checks found, with their severities; checks that are off are left out.
WITH severities AS (
    SELECT split_part(setting, '=', 1) AS check_name, split_part(setting, '=', 2) AS severity
    FROM (SELECT unnest(string_split($checks, ',')) AS setting)
),
found AS (
    FROM check_levels
    UNION ALL BY NAME FROM check_partners
    UNION ALL BY NAME FROM check_year_on_year
    UNION ALL BY NAME FROM check_mirror
    UNION ALL BY NAME FROM check_duplicates
    UNION ALL BY NAME FROM check_codes
    UNION ALL BY NAME FROM check_rows
    UNION ALL BY NAME FROM check_coverage
)
SELECT s.severity, f.*, n.name AS file
FROM found f
JOIN severities s USING (check_name)
LEFT JOIN files n USING (file_id)
WHERE s.severity <> 'off'
