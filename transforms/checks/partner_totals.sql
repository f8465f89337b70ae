-- World and the sum of the partners by flow and period, over the codes that have both,
-- and how many codes these are.
SELECT reporter, flow, year, month, hs_revision, count(*) AS codes, sum(world_usd) AS world, sum(partners_usd) AS partners
FROM counted_sums SEMI JOIN years USING (year)
WHERE level = 6 AND world_usd IS NOT NULL AND partners_usd IS NOT NULL
GROUP BY ALL
