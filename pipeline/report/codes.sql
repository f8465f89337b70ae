-- The codes behind the bars of a figure, with a character for each threshold: 1 counts,
-- 0 does not, - is not in the denominator, ? is not known (DuckDB puts nulls last).
SELECT e.sector, e.year, e.hs6, {{range .Columns}}e.{{name .Column}}, {{end}}
       {{if .Grid}}(
           SELECT string_agg(CASE WHEN {{.Of}} = 0 THEN '-' ELSE coalesce(CAST({{.Part}} AS VARCHAR), '?') END, '' ORDER BY r.{{name .Threshold}})
           FROM (SELECT DISTINCT {{name .Threshold}} FROM {{name .Grid}}) r
       ){{else}}''{{end}}
FROM {{name .Table}} e
WHERE e.sector IS NOT NULL {{with .Idle}}AND coalesce(e.{{name .}}, true){{end}}
ORDER BY {{.Order}}, e.hs6
