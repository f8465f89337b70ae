-- Every row that was read is staged, a reject or left out, and no other.
WITH counts AS (
    SELECT f.file_id, f.rows_read, s.n AS staged, r.n AS rejected, l.n AS left_out
    FROM files f,
        LATERAL (SELECT count(*) AS n FROM staged WHERE staged.file_id = f.file_id) s,
        LATERAL (SELECT count(*) AS n FROM rejects WHERE rejects.file_id = f.file_id) r,
        LATERAL (SELECT coalesce(sum(rows), 0) AS n FROM left_out WHERE left_out.file_id = f.file_id) l
)
SELECT 'rows' AS check_name, file_id,
       format('{} rows were read: {} staged, {} rejected, {} left out', rows_read, staged, rejected, left_out) AS note
FROM counts
WHERE rows_read <> staged + rejected + left_out
