-- Headings of which the files cover too few codes, by reporter, flow and year.
WITH unknown AS (
    SELECT reporter, flow, year, hs_revision, hs6 FROM code_coverage WHERE own AND month = 0 AND status = 'unknown'
    UNION
    SELECT reporter, flow, year, hs_revision, hs6 FROM product_coverage_hs6 WHERE status = 'unknown'
),
sizes AS (
    SELECT hs_revision, left(hs6, 4) AS heading, count(*) AS codes FROM hs_codes GROUP BY ALL
),
gaps AS (
    SELECT reporter, flow, year, hs_revision, left(hs6, 4) AS heading, count(*) AS codes FROM unknown GROUP BY ALL
)
SELECT g.reporter, g.flow, g.year, g.hs_revision, g.heading
FROM gaps g
JOIN sizes s USING (hs_revision, heading)
WHERE greatest(s.codes - g.codes, 0) < CAST($min_product_coverage AS DECIMAL(9,6)) * s.codes
