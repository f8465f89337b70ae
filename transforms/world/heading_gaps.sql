-- Headings of which the files do not have all codes, by reporter, flow and year: how many
-- codes they do and do not have, and whether too few are covered. Other headings are whole.
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
SELECT g.reporter, g.flow, g.year, g.hs_revision, g.heading,
       greatest(s.codes - g.codes, 0) AS codes_covered, g.codes AS codes_unknown,
       codes_covered < CAST($min_product_coverage AS DECIMAL(9,6)) * s.codes AS partial
FROM gaps g
JOIN sizes s USING (hs_revision, heading)
