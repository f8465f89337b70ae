-- Where the rows of the files went.
SELECT file_id, sum(staged)::BIGINT, sum(rejected)::BIGINT, sum(left_out)::BIGINT
FROM (
    SELECT file_id, count(*), 0, 0 FROM staged_rows WHERE file_id IN ({{.Files}}) GROUP BY file_id
    UNION ALL
    SELECT file_id, 0, count(*), 0 FROM rejects WHERE file_id IN ({{.Files}}) GROUP BY file_id
    UNION ALL
    SELECT file_id, 0, 0, sum(rows) FROM left_out WHERE file_id IN ({{.Files}}) GROUP BY file_id
) v(file_id, staged, rejected, left_out)
GROUP BY file_id
