-- The rows of a published table that differ between two releases (schemas a and b), as a
-- table: their number, the largest change first; how they changed; the columns of the row
-- as it is, or as it was when it is gone; and the row as it was and as it is.
CREATE OR REPLACE TABLE changed AS
WITH compared AS (
    SELECT *, old IS NULL AS is_new, now IS NULL AS is_gone
    FROM (SELECT r AS old, {{names .Key}} FROM a.{{name .Table}} r)
    FULL JOIN (SELECT r AS now, {{names .Key}} FROM b.{{name .Table}} r) USING ({{names .Key}})
    WHERE old IS DISTINCT FROM now
)
SELECT row_number() OVER (ORDER BY {{with .Size}}{{.}} DESC, {{end}}{{names .Key}}) AS n,
       CASE WHEN is_new THEN 'new' WHEN is_gone THEN 'gone' ELSE 'changed' END AS change,
       old, now, coalesce(now, old) AS r
FROM compared
