-- How many cells a file has of which rows differ and no column tells them apart, unless
-- the user says what such rows are; and the first of them.
WITH parts AS (
    SELECT reporter, partner, flow, year, month, hs_revision, code, min(line) AS line, count(*) AS rows, min(value_usd) AS smallest, max(value_usd) AS largest
    FROM staged
    SEMI JOIN (FROM files WHERE repeated = '') f USING (file_id)
    WHERE file_id = $file
    GROUP BY reporter, partner, flow, year, month, hs_revision, code, part
    HAVING min(value_usd) <> max(value_usd)
)
SELECT count(DISTINCT (reporter, partner, flow, year, month, hs_revision, code)),
       coalesce(arg_min(format('line {}: {} of code {} in {}, from {:.0f} to {:.0f} US dollars', line, counted(rows, 'row'), code, year,
                               smallest::DOUBLE, largest::DOUBLE), line), '')
FROM parts
