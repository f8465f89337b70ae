-- Rows of one source that contradict each other: with nothing to tell the newer file, and
-- in one file with nothing to tell a total from its parts.
WITH found AS (
    SELECT year, reporter, partner, flow, hs_revision, code, value_usd, by_value_usd AS compared_usd, file_id, line,
           'another file has another value for the cell, and nothing tells which is newer; that of the other file counts' AS note
    FROM undated_duplicates
    WHERE value_usd <> by_value_usd
    UNION ALL
    SELECT year, reporter, partner, flow, hs_revision, code, smallest_usd, largest_usd, file_id, line,
           format('{} rows of the cell differ, and no column tells them apart, so it has no value; ', rows)
           || 'repeated: sum, largest, first or last under files: says what they are'
    FROM ambiguous_cells
)
SELECT 'duplicates' AS check_name, * FROM found
