-- The partners that the files list against World. More is a double count; less, by
-- more than 5 % of the codes that list partners, means that partners are missing.
WITH above AS (
    SELECT reporter, flow, year, month, hs_revision, code AS hs6, world_usd AS world, partners_usd AS partners
    FROM counted_sums SEMI JOIN years USING (year)
    WHERE level = 6 AND partners_usd > world_usd + greatest(1, world_usd * 0.000001)
),
found AS (
    SELECT a.*, min(f.file_id) AS file_id, min(f.line) AS line
    FROM facts f
    JOIN above a USING (reporter, flow, year, month, hs_revision, hs6)
    WHERE f.partner = 0
    GROUP BY ALL
)
SELECT 'partners' AS check_name, year, reporter, NULL::SMALLINT AS partner, flow, hs_revision, hs6 AS code,
       partners AS value_usd, world AS compared_usd, file_id, line,
       'the partners add up to more than World' || CASE WHEN month > 0 THEN format(', month {}', month) ELSE '' END AS note
FROM found
UNION ALL
SELECT 'partners_short', year, reporter, NULL, flow, hs_revision, NULL, partners, world, NULL, NULL,
       'the partners add up to less than 95 % of World' || CASE WHEN month > 0 THEN format(', month {}', month) ELSE '' END
FROM partner_totals
WHERE partners < world * 0.95
