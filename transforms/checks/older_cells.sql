-- Cells that count and that only an older version of a source has, while a newer one has
-- others of the same reporter, partner, flow and period: two versions are mixed, and
-- nothing tells whether the cell was withdrawn, moved to another code, or not downloaded
-- again. mixed_versions has where.
SELECT f.year, f.month, f.reporter, f.partner, f.flow, f.hs_revision, f.hs6 AS code, f.value_usd, f.file_id, f.line, v.by_file_id
FROM facts f
JOIN mixed_versions v ON v.file_id = f.file_id AND v.flow = f.flow AND v.year = f.year AND v.month = f.month AND v.hs_revision = f.hs_revision
    AND coalesce(v.reporter, f.reporter) = f.reporter AND coalesce(v.partner, f.file_partner) = f.file_partner
SEMI JOIN years y ON y.year = f.year
WHERE f.line IS NOT NULL AND (f.flow = 'X' OR NOT v.both_sides) -- one finding for each row of a file
QUALIFY row_number() OVER (PARTITION BY f.file_id, f.line, f.flow, f.year, f.month, f.file_partner, f.file_reporter ORDER BY v.file_rank) = 1
