-- Every row that was read is staged, a reject or left out, and no other.
WITH counts AS (
    SELECT f.file_id, f.rows_read, coalesce(s.n, 0) AS staged, coalesce(r.n, 0) AS rejected, coalesce(l.n, 0) AS left_out
    FROM files f
    LEFT JOIN (SELECT file_id, count(*) AS n FROM staged GROUP BY file_id) s USING (file_id)
    LEFT JOIN (SELECT file_id, count(*) AS n FROM rejects GROUP BY file_id) r USING (file_id)
    LEFT JOIN (SELECT file_id, CAST(sum(rows) AS BIGINT) AS n FROM left_out GROUP BY file_id) l USING (file_id)
)
SELECT 'rows' AS check_name, file_id,
       format('{} rows were read: {} staged, {} rejected, {} left out', rows_read, staged, rejected, left_out) AS note
FROM counts
WHERE rows_read <> staged + rejected + left_out
