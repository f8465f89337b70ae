-- The facts that measures and their checks are made of, in annual rows: everybody's
-- trade with World, the reporter's with its partners, and what these export to it.
-- The more partners the files have, the smaller is its part of all facts; what reads
-- it need not look through them.
SELECT reporter, partner, flow, year, hs_revision, hs6, value_usd, file_id, line
FROM (
    FROM facts
    WHERE file_partner = 0
    UNION ALL
    FROM facts
    SEMI JOIN area_codes c ON c.area = $reporter AND c.code = file_reporter
    WHERE file_partner <> 0 AND reporter = $reporter
    UNION ALL
    FROM facts
    SEMI JOIN area_codes c ON c.area = $reporter AND c.code = file_partner
    WHERE flow = 'X' AND partner = $reporter AND reporter <> $reporter
)
WHERE month = 0
