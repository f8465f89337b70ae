-- How many rows of a file are of each level of the codes.
SELECT CASE level WHEN 0 THEN 'TOTAL' ELSE 'HS-' || level END, count(*)
FROM staged
WHERE file_id = $file
GROUP BY level
ORDER BY level DESC
