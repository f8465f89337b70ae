-- The facts that measures and their checks are made of, in annual rows: everybody's
-- trade with World, the reporters' with their partners, and what these export to them.
-- The more partners the files have, the smaller is its part of all facts; what reads
-- it need not look through them.
SELECT reporter, partner, flow, year, hs_revision, hs6, value_usd, net_weight_kg, weight_estimated, file_id, line
FROM (
    FROM facts
    WHERE file_partner = 0
    UNION ALL
    FROM facts
    SEMI JOIN reporter_codes c ON c.code = file_reporter
    SEMI JOIN reporters USING (reporter)
    WHERE file_partner <> 0
    UNION ALL
    FROM facts
    SEMI JOIN reporter_codes c ON c.code = file_partner
    SEMI JOIN reporters p ON p.reporter = partner
    ANTI JOIN reporters USING (reporter)
    WHERE flow = 'X'
)
WHERE month = 0
