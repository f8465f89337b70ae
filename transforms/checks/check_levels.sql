-- HS-6 rows against the HS-4, HS-2 and TOTAL rows that the files have beside them.
-- Less is legal: confidential codes go to 9999. More is a double count.
-- The row with examined says how many sums were compared; the others are findings.
WITH found AS (
    SELECT c.*, min(t.file_id) AS file_id, min(t.line) AS line
    FROM level_sums c
    JOIN control_totals t USING (reporter, partner, flow, year, month, hs_revision, code)
    GROUP BY ALL
)
SELECT check_name, examined, year, reporter, partner, flow, hs_revision, code, usd AS value_usd, total AS compared_usd, file_id, line,
       CASE WHEN check_name = 'levels' THEN 'the HS-6 rows add up to more than the row of the total'
            ELSE 'the HS-6 rows add up to less than 95 % of the heading' END
       || CASE WHEN month > 0 THEN format(', month {}', month) ELSE '' END AS note
FROM found
UNION ALL
SELECT check_name, examined, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM level_sums
WHERE examined IS NOT NULL
