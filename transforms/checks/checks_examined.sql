-- The checks that are on: how severe their findings are, and how many rows, sums or
-- years each of them looks at. What they find is in all_findings.
WITH severities AS (
    SELECT split_part(setting, '=', 1) AS check_name, split_part(setting, '=', 2) AS severity
    FROM (SELECT unnest(string_split($checks, ',')) AS setting)
),
examined AS (
    SELECT 'rows' AS check_name, count(*) AS examined FROM files
    UNION ALL
    SELECT 'unknown_codes', coalesce(sum(rows_read), 0) FROM files
    UNION ALL
    SELECT 'duplicates', (SELECT count(*) FROM undated_duplicates) + (SELECT coalesce(sum(rows), 0) FROM ambiguous_cells)
    UNION ALL
    SELECT 'versions', (SELECT count(*) FROM older_cells) + (SELECT count(*) FROM superseded SEMI JOIN years USING (year) WHERE by_file_id <> file_id AND reason IN ('identical', 'revised', 'withdrawn'))
    UNION ALL
    SELECT 'levels', coalesce(sum(totals), 0) FROM level_sums
    UNION ALL
    SELECT 'levels_short', coalesce(sum(totals) FILTER (of_heading), 0) FROM level_sums
    UNION ALL
    SELECT 'partners', coalesce(sum(codes), 0) FROM partner_totals
    UNION ALL
    SELECT 'partners_short', count(*) FROM partner_totals
    UNION ALL
    SELECT 'year_on_year', count(*) FROM year_totals
    UNION ALL
    SELECT 'mirror', count(*) FROM mirror_sums
    UNION ALL
    SELECT 'unconverted', count(*) FROM measured_facts SEMI JOIN years USING (year) WHERE partner = 0
    UNION ALL
    SELECT 'coverage', count(DISTINCT year) FROM coverage
    UNION ALL
    SELECT 'gone_codes', count(*) FROM whole_flows SEMI JOIN years USING (year) SEMI JOIN reporters USING (reporter) WHERE NOT as_exporter AND evidence = 'chapters'
    UNION ALL
    SELECT 'product_coverage', count(*) FROM product_coverage SEMI JOIN reporters USING (reporter) WHERE codes_covered + codes_unknown > 0
    UNION ALL
    FROM own_examined
)
SELECT check_name, s.severity, CAST(e.examined AS BIGINT) AS examined
FROM examined e
JOIN severities s USING (check_name)
WHERE s.severity <> 'off'
