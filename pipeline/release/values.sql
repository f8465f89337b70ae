-- The values that a column has in rows of a published table.
SELECT CAST({{name .Column}} AS VARCHAR)
FROM {{name .Table}} r
{{with .Where}}WHERE {{.}}{{end}}
GROUP BY {{name .Column}}
ORDER BY {{name .Column}}
