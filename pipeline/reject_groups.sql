-- Rejected rows by reason, each with the first of them.
SELECT reason, count(*), count(DISTINCT file_id),
       arg_min(format('{}:{}: {} in column {}', f.name, line, shown(value), column_name), (f.name, line))
FROM rejects
JOIN files f USING (file_id)
GROUP BY reason
ORDER BY 2 DESC, 1
