-- Every rejected row, as exported. A spreadsheet takes a text that begins with =, +, - or
-- @ for a formula: it gets an apostrophe before it, unless it is a number.
SELECT reason,
       regexp_replace(f.name, '^[-=+@\t\r]', '''\0') AS file,
       line,
       regexp_replace(column_name, '^[-=+@\t\r]', '''\0') AS "column",
       CASE WHEN try_cast(value AS DOUBLE) IS NULL THEN regexp_replace(value, '^[-=+@\t\r]', '''\0') ELSE value END AS value
FROM rejects
JOIN files f USING (file_id)
ORDER BY reason, file, line
