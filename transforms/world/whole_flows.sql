-- Whose imports or exports of a year the files have in all codes: the reporters' flows,
-- and everybody's exports. Rows over nearly all chapters show it only where no total says
-- that a code is missing. as_exporter: for world exports alone; see known_codes.
SELECT reporter, flow, year, hs_revision, any_value(evidence) FILTER (prefix = '') AS evidence, bool_or(as_exporter) AS as_exporter
FROM known_codes
WHERE month = 0
GROUP BY reporter, flow, year, hs_revision
HAVING bool_or(prefix = '' AND known)
   AND (any_value(evidence) FILTER (prefix = '') <> 'chapters' OR bool_and(known))
