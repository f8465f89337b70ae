-- The partners that the files list against World. More is a double count; less, by
-- more than 5 % of the codes that list partners, means that partners are missing.
WITH codes AS (
    SELECT reporter, flow, year, month, hs_revision, code AS hs6, world_usd AS world, partners_usd AS partners
    FROM counted_sums SEMI JOIN years USING (year)
    WHERE level = 6 AND world_usd IS NOT NULL AND partners_usd IS NOT NULL
),
above AS (
    FROM codes WHERE partners > world + greatest(1, world * 0.000001)
),
found AS (
    SELECT a.*, min(f.file_id) AS file_id, min(f.line) AS line
    FROM facts f
    JOIN above a USING (reporter, flow, year, month, hs_revision, hs6)
    WHERE f.partner = 0
    GROUP BY ALL
),
flows AS (
    SELECT reporter, flow, year, month, hs_revision, sum(world) AS world, sum(partners) AS partners
    FROM codes
    GROUP BY ALL
)
SELECT 'partners' AS check_name, NULL::BIGINT AS examined, year, reporter, NULL::SMALLINT AS partner, flow, hs_revision, hs6 AS code,
       partners AS value_usd, world AS compared_usd, file_id, line,
       'the partners add up to more than World' || CASE WHEN month > 0 THEN format(', month {}', month) ELSE '' END AS note
FROM found
UNION ALL
SELECT 'partners_short', NULL, year, reporter, NULL, flow, hs_revision, NULL, partners, world, NULL, NULL,
       'the partners add up to less than 95 % of World' || CASE WHEN month > 0 THEN format(', month {}', month) ELSE '' END
FROM flows
WHERE partners < world * 0.95
UNION ALL
SELECT 'partners', count(*), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM codes
UNION ALL
SELECT 'partners_short', count(*), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM flows
