-- Rows that lost their cell to another row of the same source, and nothing tells which
-- of the two is the newer: they stand in files without a date of their own, or in one
-- file, where they have the same value.
SELECT d.year, d.reporter, d.partner, d.flow, d.hs_revision, d.code, d.value_usd, d.by_value_usd, d.file_id,
       input_line(d.origin, d.line) AS line
FROM superseded d
JOIN files a ON a.file_id = d.file_id
JOIN files b ON b.file_id = d.by_file_id
SEMI JOIN years y ON y.year = d.year
WHERE CASE WHEN d.file_id = d.by_file_id THEN d.reason = 'identical'
           ELSE d.reason IN ('identical', 'revised') AND a.vintage = b.vintage END
