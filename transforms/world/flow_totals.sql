-- What each reporter's flow adds up to in a year, over its codes with World. What asks who
-- reports, and how much, need not look through all codes for it.
SELECT reporter, flow, year, hs_revision, sum(value_usd) AS usd, count(*) AS codes
FROM world_trade
GROUP BY ALL
