-- What DuckDB's reader could not make rows of: file, number and first byte of the line,
-- the column and kind of the first fault that is no wrong type ('' when all are), the text.
SELECT s.file_path, line, any_value(line_byte_position), coalesce(min(column_idx) FILTER (error_type <> 'CAST'), 0),
       coalesce(arg_min(CAST(error_type AS VARCHAR), coalesce(column_idx, 0)) FILTER (error_type <> 'CAST'), ''), left(any_value(csv_line), 200)
FROM {{.Table}} e
JOIN {{.Table}}_scans s USING (scan_id, file_id)
GROUP BY s.file_path, line
