-- The facts that measures and their checks are made of, in annual rows: everybody's
-- trade with World, the reporter's with its partners, and what these export to it.
-- The more partners the files have, the smaller is its part of all facts; what reads
-- it need not look through them.
SELECT reporter, partner, flow, year, hs_revision, hs6, value_usd, file_id, line
FROM facts
WHERE month = 0 AND file_partner = 0
UNION ALL
SELECT reporter, partner, flow, year, hs_revision, hs6, value_usd, file_id, line
FROM facts
SEMI JOIN codes_of($reporter) c ON c.code = file_reporter
WHERE month = 0 AND file_partner <> 0 AND reporter = $reporter
UNION ALL
SELECT reporter, partner, flow, year, hs_revision, hs6, value_usd, file_id, line
FROM facts
SEMI JOIN codes_of($reporter) c ON c.code = file_partner
WHERE month = 0 AND flow = 'X' AND partner = $reporter AND reporter <> $reporter
