-- Which sets of a file a newer version of its source replaces, because it is known to have
-- all their codes: one row for each file, reporter, flow, period, newer file and prefix of
-- codes. Few folders have any. A table of its own, so that DuckDB knows how few there are
-- before it looks through all rows for them.
--
-- of_world: rows with World, else with partners. world, all_partners: what the newer file
-- has; see whole_files. Where the evidence is that the rows reach over all chapters, the
-- newer version must also have nearly as many rows as the older one, for it may be an
-- excerpt.
--
-- Sets are joined before versions: of many thousands of files there are too many pairs.
WITH period_rows AS (
    SELECT file_id, year, month, hs_revision, world, sum(hs6_rows) AS hs6_rows FROM file_sets GROUP BY ALL
),
versions AS (
    SELECT file_id, source, vintage, all_partners AS sums FROM used_files WHERE vintage <> ''
),
-- Who has a newer version at all.
older AS MATERIALIZED (
    SELECT file_id, source, vintage
    FROM versions
    JOIN (SELECT source, max(vintage) AS newest FROM versions GROUP BY source) USING (source)
    WHERE vintage < newest
),
sets AS MATERIALIZED (
    SELECT s.file_id, s.reporter, s.flow, s.year, s.month, s.hs_revision, s.world, o.source, o.vintage
    FROM file_sets s
    JOIN older o USING (file_id)
),
whole AS MATERIALIZED (
    SELECT w.*, v.source, v.vintage, v.sums FROM whole_files w JOIN versions v USING (file_id)
)
SELECT o.file_id, o.reporter, o.flow, o.year, o.month, o.hs_revision, o.world AS of_world,
       w.file_id AS by_file_id, w.prefix, w.evidence, w.world, w.all_partners
FROM sets o
JOIN whole w ON w.source = o.source AND w.vintage > o.vintage AND w.reporter = o.reporter AND w.flow = o.flow
    AND w.year = o.year AND w.month = o.month AND w.hs_revision = o.hs_revision
LEFT JOIN file_sets n ON n.file_id = w.file_id AND n.reporter = o.reporter AND n.flow = o.flow
    AND n.year = o.year AND n.month = o.month AND n.hs_revision = o.hs_revision AND n.world = NOT w.sums
LEFT JOIN file_sets m ON m.file_id = o.file_id AND m.reporter = o.reporter AND m.flow = o.flow
    AND m.year = o.year AND m.month = o.month AND m.hs_revision = o.hs_revision AND m.world = NOT w.sums
WHERE w.evidence <> 'chapters' OR coalesce(n.hs6_rows, 0) >= 0.8 * coalesce(m.hs6_rows, 0)
UNION ALL
SELECT o.file_id, o.reporter, o.flow, o.year, o.month, o.hs_revision, o.world,
       w.file_id, w.prefix, w.evidence, w.world, w.all_partners
FROM sets o
JOIN whole w ON w.source = o.source AND w.vintage > o.vintage AND w.reporter IS NULL
    AND w.year = o.year AND w.month = o.month AND w.hs_revision = o.hs_revision
JOIN period_rows n ON n.file_id = w.file_id AND n.year = o.year AND n.month = o.month AND n.hs_revision = o.hs_revision AND NOT n.world
JOIN period_rows m ON m.file_id = o.file_id AND m.year = o.year AND m.month = o.month AND m.hs_revision = o.hs_revision AND NOT m.world
WHERE w.evidence <> 'chapters' OR n.hs6_rows >= 0.8 * m.hs6_rows
