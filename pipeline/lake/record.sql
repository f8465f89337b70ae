-- All that the workspace notes of a file beside its rows, but for what another file of the same
-- content has in its own way: its name, its stamp, how long it took. $file and $object are
-- filled in: COPY binds nothing.
SELECT $object AS object, 'files' AS of_table, * EXCLUDE (file_id, name, bytes, stamp, seconds, excess)
FROM files WHERE file_id = $file
UNION ALL BY NAME
SELECT $object AS object, 'rejects' AS of_table, * EXCLUDE (file_id)
FROM rejects WHERE file_id = $file
UNION ALL BY NAME
SELECT $object AS object, 'unknown_partners' AS of_table, * EXCLUDE (file_id)
FROM unknown_partners WHERE file_id = $file
UNION ALL BY NAME
SELECT $object AS object, 'left_out' AS of_table, * EXCLUDE (file_id)
FROM left_out WHERE file_id = $file
UNION ALL BY NAME
SELECT $object AS object, 'file_years' AS of_table, * EXCLUDE (file_id)
FROM file_years WHERE file_id = $file
ORDER BY ALL
