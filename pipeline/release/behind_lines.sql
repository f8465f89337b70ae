-- The lines behind the rows of behind.sql, each with the number of its row.
SELECT * FROM (
    SELECT dense_rank() OVER (ORDER BY {{.Order}}) - 1 AS row,
           l.file, l.line, l.flow, l.reporter, l.partner, l.reported_revision, l.reported_hs6, l.value_usd, l.used_usd,
           coalesce(l.reporter_name, ''), coalesce(l.partner_name, ''), coalesce(l.product, '')
    FROM {{name .Table}} r
    JOIN {{name .Evidence}} e ON {{.Tie}}
    LEFT JOIN lines l ON {{.Lines}}
    WHERE {{.Where}}
)
WHERE file IS NOT NULL
ORDER BY row, flow, partner, reporter, reported_hs6, file, line
