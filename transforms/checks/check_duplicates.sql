-- Rows of one source that contradict each other, with nothing to tell the newer.
SELECT 'duplicates' AS check_name, year, reporter, partner, flow, hs_revision, code,
       value_usd, by_value_usd AS compared_usd, file_id, line,
       'another row of the cell has another value, and nothing tells which is newer; that row counts' AS note
FROM undated_duplicates
WHERE value_usd <> by_value_usd
