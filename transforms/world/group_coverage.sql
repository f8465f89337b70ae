-- How many codes of each sector and each group of products the files tell of, by
-- reporter, flow and year, for measures of both: of the reporters as product_coverage has
-- it (own), and of everybody's exports as a part of world exports.
SELECT reporter, true AS own, flow, year, hs_revision, sector AS name, codes_covered, codes_unknown, partial
FROM product_coverage
SEMI JOIN reporters USING (reporter)
UNION ALL
SELECT reporter, false, 'X', year, hs_revision, sector, codes_covered, codes_unknown, partial
FROM exporter_coverage
UNION ALL
SELECT c.reporter, c.own, c.flow, c.year, c.hs_revision, p.name,
       count(*) FILTER (c.status IN ('traded', 'zero')) AS covered,
       count(*) FILTER (c.status = 'unknown') AS unknown,
       coalesce(covered < CAST($min_product_coverage AS DECIMAL(9,6)) * (covered + unknown), false)
FROM code_coverage c
JOIN code_groups p ON p.is_product_group AND p.hs_revision = c.hs_revision AND p.hs6 = c.hs6
WHERE c.month = 0
GROUP BY c.reporter, c.own, c.flow, c.year, c.hs_revision, p.name
