-- One rejected row of a file, of its most frequent reason.
SELECT reject_text(line, reason, value, column_name)
FROM rejects
WHERE file_id = $file
ORDER BY count(*) OVER (PARTITION BY reason) DESC, reason, line
LIMIT 1
