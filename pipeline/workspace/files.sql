-- The inputs that the workspace knows, with what became of their rows.
SELECT file_id, name, sha256, fingerprint, bytes, stamp, format, source, vintage, refusal, rows_read, rows_staged, unit, note,
       both_sides, all_partners, maybe_cut, declared, repeated, seconds, excess,
       (SELECT count(*) FROM rejects r WHERE r.file_id = f.file_id),
       (SELECT coalesce(sum(rows), 0)::BIGINT FROM left_out l WHERE l.file_id = f.file_id)
FROM files f
