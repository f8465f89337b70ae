-- Of which reporters, partners, flows and periods two versions of a source have cells that
-- count, the older and the newer file beside each other. Few folders have any, and none of
-- their rows is looked at then; see older_cells.
--
-- reporter and partner are NULL where files have all partners, or all flows: there any cell
-- tells that the newer one speaks of the period. Downloads of one day are one version.
SELECT d.file_id, d.by_file_id, n.file_rank, d.flow, d.year, d.month, d.hs_revision, o.both_sides,
       CASE WHEN o.both_sides AND n.both_sides AND o.all_partners AND n.all_partners THEN NULL ELSE d.reporter END AS reporter,
       CASE WHEN o.all_partners AND n.all_partners THEN NULL ELSE d.partner END AS partner
FROM superseded d
JOIN used_files o ON o.file_id = d.file_id
JOIN used_files n ON n.file_id = d.by_file_id
WHERE d.reason IN ('identical', 'revised') AND d.level = 6 AND d.origin = 'row'
  AND o.vintage <> '' AND n.vintage > o.vintage AND left(n.vintage, 10) <> left(o.vintage, 10)
GROUP BY ALL
