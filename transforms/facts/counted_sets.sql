-- Which levels of codes count of a reporter's flow in a period and HS revision, and whether
-- with World, with partners or with both. What asks what is there at all need not look through
-- all codes for it.
SELECT reporter, flow, year, month, hs_revision, level,
       bool_or(world_usd IS NOT NULL) AS world, bool_or(partners_usd IS NOT NULL) AS partners
FROM counted_sums
GROUP BY ALL
