-- The lines behind a row of a published table.
SELECT 0, l.file, l.line, l.flow, l.reporter, l.partner, l.reported_revision, l.reported_hs6, l.value_usd, l.used_usd,
       coalesce(l.reporter_name, ''), coalesce(l.partner_name, ''), coalesce(l.product, '')
FROM (SELECT * FROM {{name .Table}} r WHERE {{.Where}}) e
JOIN lines l ON {{.Lines}}
ORDER BY l.flow, l.partner, l.reporter, l.reported_hs6, l.file, l.line
