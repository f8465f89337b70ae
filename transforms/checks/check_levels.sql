-- HS-6 rows that do not add up to the HS-4, HS-2 and TOTAL rows that the files have
-- beside them. Less is legal: confidential codes go to 9999; but less than 95 % of a
-- heading's trade with World is worth a look. More is a double count.
WITH faults AS (
    FROM level_sums
    WHERE above OR below
),
found AS (
    SELECT s.*, min(t.file_id) AS file_id, min(t.line) AS line
    FROM faults s
    JOIN control_totals t USING (reporter, partner, flow, year, month, hs_revision, code)
    GROUP BY ALL
)
SELECT CASE WHEN above THEN 'levels' ELSE 'levels_short' END AS check_name,
       year, reporter, partner, flow, hs_revision, code, usd AS value_usd, total AS compared_usd, file_id, line,
       CASE WHEN above THEN 'the HS-6 rows add up to more than the row of the total'
            ELSE 'the HS-6 rows add up to less than 95 % of the heading' END
       || CASE WHEN month > 0 THEN format(', month {}', month) ELSE '' END AS note
FROM found
