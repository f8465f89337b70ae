-- What is known of each code that a sector lists, of the reporters: see code_coverage. In
-- a flow and year that one has not reported, nothing is.
WITH flows AS (
    SELECT unnest(['M', 'X'])::trade_flow AS flow
)
SELECT l.reporter, f.flow, l.year, l.hs_revision, l.hs6, l.sector,
       coalesce(c.status, 'unknown') AS status, c.evidence
FROM listed_codes l
CROSS JOIN flows f
LEFT JOIN code_coverage c ON c.own AND c.reporter = l.reporter AND c.flow = f.flow AND c.year = l.year
    AND c.month = 0 AND c.hs_revision = l.hs_revision AND c.hs6 = l.hs6
