-- The first rejected row of a file of each reason.
SELECT reject_text(line, reason, value, column_name)
FROM rejects
WHERE file_id = $file
QUALIFY row_number() OVER (PARTITION BY reason ORDER BY line) = 1
ORDER BY line
