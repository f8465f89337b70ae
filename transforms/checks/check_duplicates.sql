-- Rows of one source that contradict each other, with nothing to tell which of
-- them is the newer: they stand in one file, or in files without a date of their
-- own. The last one counts.
WITH cells AS (
    SELECT d.*
    FROM superseded d
    JOIN files a ON a.file_id = d.file_id
    JOIN files b ON b.file_id = d.by_file_id
    SEMI JOIN years y ON y.year = d.year
    WHERE d.reason IN ('identical', 'revised') AND (a.file_id = b.file_id OR a.vintage = b.vintage)
)
SELECT 'duplicates' AS check_name, NULL::BIGINT AS examined, year, reporter, partner, flow, hs_revision, code,
       value_usd, by_value_usd AS compared_usd, file_id, line,
       'another row of the cell has another value, and nothing tells which is newer; that row counts' AS note
FROM cells
WHERE value_usd <> by_value_usd
UNION ALL
SELECT 'duplicates', count(*), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM cells
