-- How many codes of each sector and each group of products the files tell of, by
-- reporter, flow and year, for measures of both: see product_coverage and code_coverage.
SELECT reporter, flow, year, sector AS name, codes_covered, codes_unknown, partial
FROM product_coverage
UNION ALL
SELECT c.reporter, c.flow, c.year, p.name,
       count(*) FILTER (c.status IN ('traded', 'zero')) AS covered,
       count(*) FILTER (c.status = 'unknown') AS unknown,
       coalesce(covered < CAST($min_product_coverage AS DECIMAL(9,6)) * (covered + unknown), false)
FROM code_coverage c
JOIN code_groups p ON p.is_product_group AND p.hs_revision = c.hs_revision AND p.hs6 = c.hs6
WHERE c.month = 0
GROUP BY c.reporter, c.flow, c.year, p.name
