-- The first rejected row of a file of each reason, the most frequent reasons first.
SELECT reject_text(line, reason, value, column_name) || CASE WHEN rows > 1 THEN format(' ({} more of {})', rows - 1, reason) ELSE '' END
FROM (
    SELECT *, count(*) OVER (PARTITION BY reason) AS rows
    FROM rejects
    WHERE file_id = $file
)
QUALIFY row_number() OVER (PARTITION BY reason ORDER BY line) = 1
ORDER BY rows DESC, reason
