-- The partners that the files list against World. More is a double count; less, by
-- more than 5 % of the codes that list partners, means that partners are missing.
WITH codes AS (
    SELECT reporter, flow, year, month, hs_revision, hs6,
           sum(value_usd) FILTER (partner = 0) AS world, sum(value_usd) FILTER (partner <> 0) AS partners,
           any_value(file_id) FILTER (partner = 0) AS file_id, min(line) FILTER (partner = 0) AS line
    FROM facts SEMI JOIN years USING (year)
    GROUP BY ALL
    HAVING world IS NOT NULL AND partners IS NOT NULL
),
flows AS (
    SELECT reporter, flow, year, month, hs_revision, sum(world) AS world, sum(partners) AS partners
    FROM codes
    GROUP BY ALL
)
SELECT 'partners' AS check_name, NULL::BIGINT AS examined, year, reporter, NULL::SMALLINT AS partner, flow, hs_revision, hs6 AS code,
       partners AS value_usd, world AS compared_usd, file_id, line,
       'the partners add up to more than World' || CASE WHEN month > 0 THEN format(', month {}', month) ELSE '' END AS note
FROM codes
WHERE partners > world + greatest(1, world * 0.000001)
UNION ALL
SELECT 'partners_short', NULL, year, reporter, NULL, flow, hs_revision, NULL, partners, world, NULL, NULL,
       'the partners add up to less than 95 % of World' || CASE WHEN month > 0 THEN format(', month {}', month) ELSE '' END
FROM flows
WHERE partners < world * 0.95
UNION ALL
SELECT 'partners', count(*), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM codes
UNION ALL
SELECT 'partners_short', count(*), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM flows
