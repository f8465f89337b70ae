-- Cells that count and that only an older version of a source has, while a newer one has
-- others of the same reporter, partner, flow and period: two versions are mixed, and
-- nothing tells whether the cell was withdrawn, moved to another code, or not downloaded
-- again. Of files that have all partners, or all flows, any cell tells that the newer one
-- speaks of the period. Downloads of one day are one version.
WITH overlap AS (
    SELECT d.file_id, d.by_file_id, n.file_rank, d.flow, d.year, d.month, d.hs_revision, o.both_sides,
           CASE WHEN o.both_sides AND n.both_sides AND o.all_partners AND n.all_partners THEN NULL ELSE d.reporter END AS reporter,
           CASE WHEN o.all_partners AND n.all_partners THEN NULL ELSE d.partner END AS partner
    FROM superseded d
    JOIN used_files o ON o.file_id = d.file_id
    JOIN used_files n ON n.file_id = d.by_file_id
    WHERE d.reason IN ('identical', 'revised') AND d.level = 6 AND d.origin = 'row'
      AND o.vintage <> '' AND n.vintage > o.vintage AND left(n.vintage, 10) <> left(o.vintage, 10)
    GROUP BY ALL
)
SELECT f.year, f.month, f.reporter, f.partner, f.flow, f.hs_revision, f.hs6 AS code, f.value_usd, f.file_id, f.line, v.by_file_id
FROM facts f
JOIN overlap v ON v.file_id = f.file_id AND v.flow = f.flow AND v.year = f.year AND v.month = f.month AND v.hs_revision = f.hs_revision
    AND coalesce(v.reporter, f.reporter) = f.reporter AND coalesce(v.partner, f.file_partner) = f.file_partner
SEMI JOIN years y ON y.year = f.year
WHERE f.line IS NOT NULL AND (f.flow = 'X' OR NOT v.both_sides) -- one finding for each row of a file
QUALIFY row_number() OVER (PARTITION BY f.file_id, f.line, f.flow ORDER BY v.file_rank) = 1
