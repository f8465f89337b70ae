-- Compares what lost a cell to another source with what won it. Of the source that
-- lost, the newest file speaks, with all its parts of the cell.
WITH lost AS (
    SELECT d.file_reporter AS reporter, d.partner, d.flow, d.year, d.month, d.hs_revision, d.code, o.source, o.source_rank, o.file_rank, d.file_id,
        min(input_line(d.origin, d.line)) AS line, sum(d.value_usd) AS usd
    FROM superseded d
    JOIN file_order o ON o.file_id = d.file_id
    WHERE d.reason = 'other_source'
    GROUP BY ALL
),
newest AS (
    SELECT * FROM lost
    QUALIFY row_number() OVER (PARTITION BY reporter, partner, flow, year, month, hs_revision, code, source ORDER BY file_rank) = 1
),
kept AS (
    SELECT s.reporter, s.partner, s.flow, s.year, s.month, s.hs_revision, s.code, o.source, sum(s.value_usd) AS usd
    FROM usable_rows s
    JOIN file_order o USING (file_id)
    SEMI JOIN lost l USING (reporter, partner, flow, year, month, hs_revision, code)
    ANTI JOIN superseded d ON s.file_id = d.file_id AND s.origin = d.origin AND s.line = d.line
        AND s.year = d.year AND s.month = d.month AND s.flow = d.flow AND s.partner = d.partner AND s.reporter = d.file_reporter
    GROUP BY ALL
)
SELECT coalesce(r.name, l.reporter::VARCHAR), coalesce(p.name, l.partner::VARCHAR), l.flow::VARCHAR, l.year, l.month, l.hs_revision::VARCHAR, l.code,
    k.source, k.usd::DOUBLE, l.source, l.usd::DOUBLE, 100 * (l.usd::DOUBLE - k.usd::DOUBLE) / nullif(k.usd::DOUBLE, 0), f.name, coalesce(l.line, 0)
FROM newest l
JOIN kept k USING (reporter, partner, flow, year, month, hs_revision, code)
JOIN files f ON f.file_id = l.file_id
LEFT JOIN areas r ON r.code = l.reporter
LEFT JOIN areas p ON p.code = l.partner
WHERE abs(l.usd - k.usd) > CAST($percent AS DECIMAL(9,4)) / 100 * k.usd
ORDER BY abs(l.usd - k.usd) DESC, l.year, l.month, l.reporter, l.partner, l.flow, l.code, l.source
