-- The facts that measures and their checks are made of, in annual rows: everybody's
-- trade with World, the reporter's with its partners, and what these export to it.
-- The more partners the files have, the smaller is its part of all facts; what reads
-- it need not look through them.
SELECT reporter, partner, flow, year, hs_revision, hs6, value_usd, file_id, line
FROM facts
WHERE month = 0
  AND (partner = 0 OR reporter = $reporter OR partner = $reporter AND flow = 'X')
