-- How many of a sector's codes the files tell of, of everybody's exports as a part of world
-- exports, by year and the revision in which the sector list is read: see code_coverage.
SELECT reporter, year, hs_revision, sector,
       count(*) FILTER (status IN ('traded', 'zero')) AS codes_covered,
       count(*) FILTER (status = 'unknown') AS codes_unknown,
       coalesce(codes_covered < CAST($min_product_coverage AS DECIMAL(9,6)) * (codes_covered + codes_unknown), false) AS partial
FROM code_coverage
WHERE NOT own AND sector IS NOT NULL
GROUP BY reporter, year, hs_revision, sector
