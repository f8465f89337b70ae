-- Rows of a published table, and how many there are.
SELECT {{.Columns}}, count(*) OVER ()
FROM {{name .Table}} r
{{with .Where}}WHERE {{.}}{{end}}
ORDER BY {{names .Key}}
LIMIT $most
