-- Staged rows that lose their cell to another row, so that no cell counts twice, and rows
-- of cells of which nothing tells the value.
--
-- Three rules, in this order:
--  1. A reporter's period counts in one HS revision: that of the most trusted
--     source, there one with six-digit codes, there the one it reported in itself (not
--     converted by the source), there that of the newest version, there the newest
--     revision.
--  2. A newer version of a source that is known to have all codes of a set (whole_files)
--     replaces the older ones there: what it lacks was withdrawn.
--  3. A cell counts once: from the most trusted source, there from the newest
--     file. Where that gives a cell in parts, all parts count, each once. Where its rows of
--     the cell differ and no column tells them apart, they may be a total and its parts:
--     the cell has no value, unless the user says what they are (repeated: under files:).
--
-- reason: 'other_revision' (rule 1); 'withdrawn' (rule 2); 'identical' (a re-download or
-- overlap with the same value), 'revised' (the same source gave another value earlier),
-- 'smaller' and 'later' (of rows of which the largest or the first counts), 'other_source'
-- or 'ambiguous', which no row has superseded (rule 3).
--
-- Of two versions, the later vintage is the newer; a file without one is neither. Which
-- sets a newer one replaces is in replaced_sets.
--
-- Few cells may be there twice (possible_duplicates), and few periods are there in two
-- revisions; code_sums tells which may be. input is read where it is needed: kept, it
-- would be a second copy of all rows.
WITH input AS NOT MATERIALIZED (
    SELECT s.* REPLACE (coalesce(x.successor, s.reporter) AS reporter), s.reporter AS file_reporter
    FROM usable_rows s
    LEFT JOIN successions x ON x.code = s.reporter AND x.whole AND s.year >= x.since
),
contested AS (
    SELECT reporter, year, month FROM code_sums GROUP BY ALL HAVING count(DISTINCT hs_revision) > 1
),
revisions AS (
    SELECT reporter, year, month, hs_revision,
           min(source_rank) AS source_rank, bool_or(has_codes) AS has_codes, bool_or(original) AS original, max(vintage) AS vintage
    FROM (SELECT file_id, reporter, year, month, hs_revision, bool_or(original) AS original, bool_or(level = 6) AS has_codes
          FROM input SEMI JOIN contested USING (reporter, year, month) GROUP BY ALL)
    JOIN file_order USING (file_id)
    JOIN (SELECT file_id, vintage FROM used_files) v USING (file_id)
    GROUP BY ALL
),
lost_revision AS (
    SELECT reporter, year, month, hs_revision
    FROM revisions
    QUALIFY row_number() OVER (
        PARTITION BY reporter, year, month
        ORDER BY source_rank, has_codes DESC, original DESC, vintage DESC, hs_revision DESC) > 1
),
newer_rows AS NOT MATERIALIZED (
    SELECT file_id AS by_file_id, reporter, partner, flow, year, month, hs_revision, code
    FROM input
    SEMI JOIN (SELECT DISTINCT by_file_id AS file_id, reporter, flow, year, month, hs_revision FROM replaced_sets) r
        USING (file_id, reporter, flow, year, month, hs_revision)
),
-- Rows that the newer version has not: of World, where it has that; of partners, where it
-- has all of them, or these, or no World either.
lacking AS MATERIALIZED (
    SELECT i.file_id, i.origin, i.line, i.reporter, i.partner, i.flow, i.year, i.month, i.hs_revision, i.level, i.code, i.value_usd, i.file_reporter,
           r.by_file_id, r.evidence, r.world, r.all_partners
    FROM input i
    JOIN replaced_sets r ON r.file_id = i.file_id AND r.reporter = i.reporter AND r.flow = i.flow AND r.year = i.year AND r.month = i.month
        AND r.hs_revision = i.hs_revision AND r.of_world = (i.partner = 0) AND starts_with(i.code, r.prefix)
    ANTI JOIN newer_rows n ON n.by_file_id = r.by_file_id AND n.reporter = i.reporter AND n.partner = i.partner AND n.flow = i.flow
        AND n.year = i.year AND n.month = i.month AND n.hs_revision = i.hs_revision AND n.code = i.code
),
withdrawn AS MATERIALIZED (
    SELECT file_id, origin, line, reporter, partner, flow, year, month, hs_revision, level, code, value_usd, by_file_id, file_reporter
    FROM lacking l
    ANTI JOIN lost_revision USING (reporter, year, month, hs_revision)
    WHERE partner = 0 AND world
       OR partner <> 0 AND (
           all_partners
           OR evidence = 'declared' AND EXISTS (
               FROM newer_rows n WHERE n.by_file_id = l.by_file_id AND n.reporter = l.reporter AND n.partner = l.partner AND n.flow = l.flow
                   AND n.year = l.year AND n.month = l.month AND n.hs_revision = l.hs_revision)
           OR world AND NOT EXISTS (
               FROM newer_rows n WHERE n.by_file_id = l.by_file_id AND n.reporter = l.reporter AND n.partner = 0 AND n.flow = l.flow
                   AND n.year = l.year AND n.month = l.month AND n.hs_revision = l.hs_revision AND n.code = l.code))
    QUALIFY row_number() OVER (PARTITION BY file_id, origin, line, file_reporter, partner, flow, year, month ORDER BY by_file_id) = 1
),
rivals AS MATERIALIZED (
    SELECT i.file_id, i.origin, i.line, i.reporter, i.partner, i.flow, i.year, i.month, i.hs_revision, i.level, i.code, i.value_usd, i.file_reporter,
           part_said(f.repeated, i.part, i.value_usd, i.net_weight_kg, i.quantity) AS part,
           f.source, f.source_rank, f.file_rank, f.repeated
    FROM input i
    JOIN used_files f USING (file_id)
    SEMI JOIN (FROM code_sums WHERE possible_duplicates) c USING (reporter, flow, year, month, hs_revision, code)
    ANTI JOIN lost_revision USING (reporter, year, month, hs_revision)
    ANTI JOIN withdrawn USING (file_id, origin, line, file_reporter, partner, flow, year, month)
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
        first_value(line) OVER best_of_part AS part_line,
        first_value(value_usd) OVER best_of_part AS part_value_usd,
        repeated = '' AND min(value_usd) OVER of_part <> max(value_usd) OVER of_part AS part_ambiguous
    FROM rivals
    SEMI JOIN shared USING (reporter, partner, flow, year, month, hs_revision, code)
    WINDOW best AS (
        PARTITION BY reporter, partner, flow, year, month, hs_revision, code
        ORDER BY source_rank, file_rank, origin, CASE WHEN repeated = 'largest' THEN value_usd END DESC, CASE WHEN repeated = 'first' THEN line END, line DESC),
    of_part AS (PARTITION BY reporter, partner, flow, year, month, hs_revision, code, file_id, origin, part),
    best_of_part AS (
        PARTITION BY reporter, partner, flow, year, month, hs_revision, code, file_id, origin, part
        ORDER BY CASE WHEN repeated = 'largest' THEN value_usd END DESC, CASE WHEN repeated = 'first' THEN line END, line DESC)
),
-- A cell of which one part is ambiguous is, too.
judged AS (
    SELECT * REPLACE (CASE WHEN same_file THEN part_line ELSE by_line END AS by_line,
                      CASE WHEN same_file THEN part_value_usd ELSE by_value_usd END AS by_value_usd),
           same_file AND bool_or(part_ambiguous) OVER (PARTITION BY reporter, partner, flow, year, month, hs_revision, code, file_id, origin) AS ambiguous
    FROM (SELECT *, file_id = by_file_id AND origin = by_origin AS same_file FROM ranked)
)
SELECT file_id, line, reporter, partner, flow, year, month, hs_revision, level, code, 'other_revision' AS reason, value_usd,
       NULL::INTEGER AS by_file_id, NULL::BIGINT AS by_line, NULL::DECIMAL(18,3) AS by_value_usd, origin, NULL::row_origin AS by_origin, file_reporter
FROM input
SEMI JOIN lost_revision USING (reporter, year, month, hs_revision)
UNION ALL
SELECT file_id, line, reporter, partner, flow, year, month, hs_revision, level, code, 'withdrawn', value_usd,
       by_file_id, NULL, NULL, origin, NULL, file_reporter
FROM withdrawn
UNION ALL
SELECT file_id, line, reporter, partner, flow, year, month, hs_revision, level, code,
       CASE WHEN source <> by_source THEN 'other_source'
            WHEN ambiguous THEN 'ambiguous'
            WHEN value_usd = by_value_usd THEN 'identical'
            WHEN file_id = by_file_id AND repeated = 'largest' THEN 'smaller'
            WHEN file_id = by_file_id AND repeated = 'first' THEN 'later'
            ELSE 'revised' END AS why,
       value_usd,
       CASE WHEN why <> 'ambiguous' THEN by_file_id END, CASE WHEN why <> 'ambiguous' THEN by_line END,
       CASE WHEN why <> 'ambiguous' THEN by_value_usd END, origin, CASE WHEN why <> 'ambiguous' THEN by_origin END, file_reporter
FROM judged
WHERE NOT same_file OR ambiguous OR line <> by_line
