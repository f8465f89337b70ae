-- Whose World is a sum over some of the partners: where a file has flows between areas,
-- World is the sum over all that it has, and of an excerpt of one country's trade this is
-- right for that country alone. An area that trades with less than a quarter of the
-- file's areas is not known to have all its partners there, unless the file is whole or
-- declared to be (whole_files), or another file has its World.
WITH open AS (
    SELECT file_id
    FROM used_files
    ANTI JOIN (SELECT file_id FROM whole_files WHERE reporter IS NULL) w USING (file_id)
    WHERE both_sides AND all_partners
),
pairs AS (
    SELECT DISTINCT file_id, year, month, hs_revision, reporter, partner FROM staged SEMI JOIN open USING (file_id)
),
sides AS (
    SELECT file_id, year, month, hs_revision, 'X'::trade_flow AS flow, reporter AS area, partner FROM pairs
    UNION ALL
    SELECT file_id, year, month, hs_revision, 'M', partner, reporter FROM pairs
),
areas AS (
    SELECT file_id, year, month, hs_revision, count(DISTINCT area) AS areas FROM sides GROUP BY ALL
),
few AS (
    SELECT s.file_id, coalesce(x.successor, s.area) AS reporter, s.flow, s.year, s.month, s.hs_revision
    FROM sides s
    JOIN areas a USING (file_id, year, month, hs_revision)
    LEFT JOIN successions x ON x.code = s.area AND x.whole AND s.year >= x.since
    GROUP BY ALL
    HAVING 4 * count(DISTINCT s.partner) < any_value(a.areas) - 1
)
SELECT DISTINCT reporter, flow, year, month, hs_revision
FROM few
ANTI JOIN (
    SELECT s.reporter, s.flow, s.year, s.month, s.hs_revision FROM file_sets s ANTI JOIN few f USING (file_id, reporter, flow, year, month, hs_revision)
    WHERE s.world AND s.hs6_rows > 0
) other USING (reporter, flow, year, month, hs_revision)
