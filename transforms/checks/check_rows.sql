-- Every row that was read is staged, a reject or left out, and no other.
WITH cells AS (
    SELECT f.file_id, f.name, f.rows_read, s.n AS staged, r.n AS rejected, l.n AS left_out
    FROM files f,
        LATERAL (SELECT count(*) AS n FROM staged WHERE staged.file_id = f.file_id) s,
        LATERAL (SELECT count(*) AS n FROM rejects WHERE rejects.file_id = f.file_id) r,
        LATERAL (SELECT coalesce(sum(rows), 0) AS n FROM left_out WHERE left_out.file_id = f.file_id) l
)
SELECT 'rows' AS check_name, NULL::BIGINT AS examined, NULL::SMALLINT AS year, NULL::SMALLINT AS reporter, NULL::SMALLINT AS partner,
       NULL::VARCHAR AS flow, NULL::VARCHAR AS hs_revision, NULL::VARCHAR AS code, NULL::DECIMAL(38,3) AS value_usd, NULL::DECIMAL(38,3) AS compared_usd,
       file_id, NULL::BIGINT AS line, format('{} rows were read: {} staged, {} rejected, {} left out', rows_read, staged, rejected, left_out) AS note
FROM cells
WHERE rows_read <> staged + rejected + left_out
UNION ALL
SELECT 'rows', count(*), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM cells
