-- Some rows of a published table, and how many there are.
SELECT {{names .Columns}}, count(*) OVER ()
FROM {{name .Table}} r
{{with .Where}}WHERE {{.}}{{end}}
ORDER BY {{with .By}}{{name .}} DESC NULLS LAST, {{end}}{{names .Key}}
LIMIT $most
