-- Reads one file into a temporary table, as text and in file order: where the file
-- has no row numbers of its own, the row id is the number of the row. A join would
-- lose the order, and DuckDB makes a join of IN with more than four values, so there
-- is none here.
CREATE TEMP TABLE read_rows AS
WITH cells AS (
    {{.Cells}}
)
SELECT place, record, part, {{.Raw}} AS raw
FROM cells
