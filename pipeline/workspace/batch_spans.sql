-- Where in the table of a batch the rows of its files stand.
SELECT place, file_id, first_row, last_row, shift, source
FROM line_ranges
JOIN files USING (file_id)
WHERE batch = $batch
ORDER BY place, first_row
