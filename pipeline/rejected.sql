-- Rejected rows by reason, each with the first of them.
SELECT reason, count(*),
       arg_min(format('{} line {}: {}', f.name, line, shown(value)) || CASE WHEN column_name <> '' THEN ' in column ' || column_name ELSE '' END, (f.name, line))
FROM rejects
JOIN files f USING (file_id)
GROUP BY reason
ORDER BY 2 DESC, 1
