-- What the terminal shows of an output: its part and whole, by two columns of its key.
SELECT CAST({{name .Terminal.Rows}} AS VARCHAR), CAST({{name .Terminal.Columns}} AS VARCHAR),
       CAST({{name .Ratio.Part}} AS BIGINT), CAST({{name .Ratio.Of}} AS BIGINT), {{or .Ratio.Low "false"}}, {{or .Ratio.Partial "false"}}
FROM {{name .Name}}
WHERE reporter = $reporter
ORDER BY {{name .Terminal.Rows}}, {{name .Terminal.Columns}}
