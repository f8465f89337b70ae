-- Every rejected row, as exported. A spreadsheet takes a text that begins with =, +, - or
-- @ for a formula: it gets an apostrophe before it, unless it is a number.
WITH texts AS (
    SELECT reason, f.name AS file, line, column_name AS "column", value
    FROM rejects
    JOIN files f USING (file_id)
)
SELECT reason, file, line, "column", value
FROM (
    SELECT * REPLACE (
        CASE WHEN regexp_matches(file, '^[-=+@\t\r]') THEN '''' || file ELSE file END AS file,
        CASE WHEN regexp_matches("column", '^[-=+@\t\r]') THEN '''' || "column" ELSE "column" END AS "column",
        CASE WHEN regexp_matches(value, '^[-=+@\t\r]') AND try_cast(value AS DOUBLE) IS NULL THEN '''' || value ELSE value END AS value)
    FROM texts
)
ORDER BY reason, file, line
