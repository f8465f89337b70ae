-- Versions of one source that are mixed, because it is not known whether the newer has
-- all codes.
SELECT 'versions' AS check_name, c.year, c.reporter, c.partner, c.flow, c.hs_revision, c.code,
       c.value_usd, NULL::DECIMAL(18,3) AS compared_usd, c.file_id, c.line,
       format('only this older version has the cell; {} is newer, and nothing tells whether it is whole{}', n.name,
              CASE WHEN c.month > 0 THEN format(', month {}', c.month) ELSE '' END) AS note
FROM older_cells c
JOIN files n ON n.file_id = c.by_file_id
