-- The reporters that the files have.
SELECT few(list(coalesce(a.name || CASE WHEN a.iso3 <> '' THEN format(' ({})', a.iso3) ELSE '' END, s.reporter::VARCHAR) ORDER BY a.name, s.reporter))
FROM (SELECT DISTINCT reporter FROM staged) s
LEFT JOIN areas a ON a.code = s.reporter
