-- The reporters' annual trade with World of which the files tell the value: world_trade in
-- the years in use, without codes that have a row and are unknown all the same.
SELECT reporter, flow, year, hs_revision, hs6, value_usd, split_usd
FROM world_trade
SEMI JOIN reporters USING (reporter)
SEMI JOIN years USING (year)
ANTI JOIN (FROM code_coverage WHERE own AND month = 0 AND status = 'unknown') USING (reporter, flow, year, hs_revision, hs6)
