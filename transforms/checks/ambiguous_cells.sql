-- Cells without a value, because rows of one file differ and no column tells them apart.
SELECT d.file_id, d.year, d.month, d.reporter, d.partner, d.flow, d.hs_revision, d.level, d.code, count(*) AS rows,
       min(d.value_usd) AS smallest_usd, max(d.value_usd) AS largest_usd, min(input_line(d.origin, d.line)) AS line,
       array_to_string(list(input_line(d.origin, d.line) ORDER BY input_line(d.origin, d.line))[1:3], ', ') || CASE WHEN count(*) > 3 THEN ' …' ELSE '' END AS lines
FROM superseded d
SEMI JOIN years y ON y.year = d.year
WHERE d.reason = 'ambiguous'
GROUP BY ALL
