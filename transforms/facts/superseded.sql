-- Staged rows that lose their cell to another row, so that no cell counts twice.
--
-- Two rules, in this order:
--  1. A reporter's period counts in one HS revision: that of the most trusted
--     source, there the one it reported in itself (not converted by the source),
--     there that of the newest file, there the newest revision.
--  2. A cell counts once: from the most trusted source, there from the newest
--     file, there from the last line. Where a file gives a cell in parts, all parts
--     of that file count, each once.
--
-- reason: 'other_revision' (rule 1); 'identical' (a re-download or overlap with
-- the same value), 'revised' (the same source gave another value earlier) or
-- 'other_source' (rule 2).
--
-- Few cells may be there twice (possible_duplicates), and few periods are there in two
-- revisions; code_sums tells which may be. input is read where it is needed: kept, it
-- would be a second copy of all rows.
WITH input AS NOT MATERIALIZED (
    SELECT s.* REPLACE (coalesce(x.successor, s.reporter) AS reporter)
    FROM usable_rows s
    LEFT JOIN successions x ON x.code = s.reporter AND x.whole AND s.year >= x.since
),
contested AS (
    SELECT reporter, year, month FROM code_sums GROUP BY ALL HAVING count(DISTINCT hs_revision) > 1
),
revisions AS (
    SELECT reporter, year, month, hs_revision,
           min(source_rank) AS source_rank, bool_or(original) AS original, min(file_rank) AS file_rank
    FROM (SELECT file_id, reporter, year, month, hs_revision, bool_or(original) AS original
          FROM input SEMI JOIN contested USING (reporter, year, month) GROUP BY ALL)
    JOIN file_order USING (file_id)
    GROUP BY ALL
),
lost_revision AS (
    SELECT reporter, year, month, hs_revision
    FROM revisions
    QUALIFY row_number() OVER (
        PARTITION BY reporter, year, month
        ORDER BY source_rank, original DESC, file_rank, hs_revision DESC) > 1
),
rivals AS MATERIALIZED (
    SELECT file_id, origin, line, reporter, partner, flow, year, month, hs_revision, level, code, value_usd, part
    FROM input
    SEMI JOIN (FROM code_sums WHERE possible_duplicates) c USING (reporter, flow, year, month, hs_revision, code)
    ANTI JOIN lost_revision USING (reporter, year, month, hs_revision)
),
shared AS (
    SELECT reporter, partner, flow, year, month, hs_revision, code FROM rivals GROUP BY ALL HAVING count(*) > 1
),
ranked AS (
    SELECT *,
        first_value(file_id) OVER best AS by_file_id,
        first_value(origin) OVER best AS by_origin,
        first_value(line) OVER best AS by_line,
        first_value(value_usd) OVER best AS by_value_usd,
        first_value(source) OVER best AS by_source,
        max(line) OVER (PARTITION BY reporter, partner, flow, year, month, hs_revision, code, file_id, part) AS part_line
    FROM rivals
    SEMI JOIN shared USING (reporter, partner, flow, year, month, hs_revision, code)
    JOIN file_order USING (file_id)
    WINDOW best AS (
        PARTITION BY reporter, partner, flow, year, month, hs_revision, code
        ORDER BY source_rank, file_rank, origin, line DESC)
)
SELECT file_id, line, reporter, partner, flow, year, month, hs_revision, level, code, 'other_revision' AS reason, value_usd,
       NULL::INTEGER AS by_file_id, NULL::BIGINT AS by_line, NULL::DECIMAL(18,3) AS by_value_usd, origin, NULL::row_origin AS by_origin
FROM input
SEMI JOIN lost_revision USING (reporter, year, month, hs_revision)
UNION ALL
SELECT file_id, line, reporter, partner, flow, year, month, hs_revision, level, code,
       CASE WHEN source <> by_source THEN 'other_source'
            WHEN file_id = by_file_id AND part IS NOT NULL THEN 'identical'
            WHEN value_usd = by_value_usd THEN 'identical'
            ELSE 'revised' END,
       value_usd, by_file_id, by_line, by_value_usd, origin, by_origin
FROM ranked
WHERE (file_id, origin, line) <> (by_file_id, by_origin, by_line)
  AND NOT (file_id = by_file_id AND part IS NOT NULL AND line = part_line)
