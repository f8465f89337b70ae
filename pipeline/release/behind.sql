-- The rows of an output that stand behind a row of another, those that count most first
-- (DuckDB puts nulls last).
SELECT {{.Columns}}
FROM {{name .Table}} r
JOIN {{name .Evidence}} e ON {{.Tie}}
WHERE {{.Where}}
ORDER BY {{.Order}}
