-- Every rejected row, as exported.
SELECT reason, f.name AS file, line, column_name AS "column", value
FROM rejects
JOIN files f USING (file_id)
ORDER BY reason, f.name, line
