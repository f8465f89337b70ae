-- Headings (level 4) and chapters (2) of the reporters' imports: whether all their codes are
-- known from HS-6 rows; where not, whether the files' own row stands for them (by_row) or
-- they are known to be 0 (zero), because the rows of their level are whole.
--
-- A row that is smaller than the HS-6 rows below it, or than the headings, is no total of
-- these and stands for nothing. Rows are whole when those of a chapter add up to its row,
-- or all to the TOTAL, or when they reach over nearly all chapters. A chapter's row stands
-- for it only when not all its headings are known, because they tell more.
--
-- sector: of all codes below, where they have the same; one_sector is false where they do
-- not: then the row can't be divided, and counts in no sector. alone: there are no rows
-- below it.
--
-- Chapters of which all codes are known, and years without such rows, are left out: there
-- is nothing that a row could stand for.
WITH reported AS (
    SELECT DISTINCT reporter, year FROM level_totals WHERE flow = 'M' AND month = 0 AND prefix = '' AND usd IS NOT NULL
),
rows_of AS (
    SELECT DISTINCT reporter, year FROM own_headings WHERE flow = 'M' AND partner = 0
),
-- Chapters with a code of which nothing is known.
open AS (
    SELECT DISTINCT reporter, year, left(hs6, 2) AS chapter
    FROM code_coverage
    SEMI JOIN rows_of USING (reporter, year)
    WHERE own AND flow = 'M' AND month = 0 AND status = 'unknown'
    UNION ALL
    SELECT reporter, year, c.chapter
    FROM (FROM rows_of ANTI JOIN reported USING (reporter, year))
    CROSS JOIN (SELECT DISTINCT left(hs6, 2) AS chapter FROM hs_codes) c
),
codes AS (
    SELECT y.reporter, y.year, y.hs_revision, k.hs6, s.sector, r.reporter IS NOT NULL AND c.status IS DISTINCT FROM 'unknown' AS known
    FROM year_revisions y
    JOIN open o ON o.reporter = y.reporter AND o.year = y.year
    JOIN hs_codes k ON k.hs_revision = y.hs_revision AND left(k.hs6, 2) = o.chapter
    LEFT JOIN reported r ON r.reporter = y.reporter AND r.year = y.year
    LEFT JOIN code_sectors s ON s.hs_revision = k.hs_revision AND s.hs6 = k.hs6
    LEFT JOIN code_coverage c ON c.own AND c.reporter = y.reporter AND c.flow = 'M' AND c.month = 0
        AND c.year = y.year AND c.hs_revision = y.hs_revision AND c.hs6 = k.hs6
),
blocks AS (
    SELECT reporter, year, hs_revision, CAST(digits AS TINYINT) AS level, left(hs6, digits) AS code, bool_and(known) AS codes_known,
           count(DISTINCT coalesce(sector, '')) = 1 AS one_sector, min(sector) AS sector
    FROM codes, (VALUES (2), (4)) levels(digits)
    GROUP BY ALL
),
own AS (
    SELECT reporter, year, level, code, sum(value_usd) AS usd, any_value(reported_revision) AS reported_revision, bool_or(moved) AS moved
    FROM own_headings
    WHERE flow = 'M' AND partner = 0
    GROUP BY ALL
),
six AS (
    SELECT reporter, year, CAST(digits AS TINYINT) AS level, left(hs6, digits) AS code, sum(value_usd) AS usd
    FROM (FROM world_trade SEMI JOIN codes USING (reporter, year) WHERE flow = 'M'), (VALUES (2), (4)) levels(digits)
    GROUP BY ALL
),
totals AS (
    SELECT reporter, year, max(world_usd) AS usd
    FROM counted_sums
    SEMI JOIN reporters USING (reporter)
    WHERE flow = 'M' AND month = 0 AND level = 0
    GROUP BY reporter, year
),
below AS (
    SELECT reporter, year, left(code, 2) AS chapter, sum(usd) AS usd FROM own WHERE level = 4 GROUP BY ALL
),
whole AS (
    SELECT o.reporter, o.year, o.level, any_value(o.reported_revision) AS reported_revision,
           count(DISTINCT left(o.code, 2)) >= 90 OR coalesce(adds_up(sum(o.usd), any_value(t.usd)), false) AS is_whole
    FROM own o
    LEFT JOIN totals t USING (reporter, year)
    GROUP BY o.reporter, o.year, o.level
),
placed AS (
    SELECT b.*, o.usd,
           NOT b.codes_known AND NOT o.moved AND coalesce(s.usd, 0) * 1000 <= o.usd * 1001 AS is_row,
           NOT b.codes_known AND o.code IS NULL AND s.code IS NULL AND m.code IS NULL
               AND (w.is_whole OR b.level = 4 AND adds_up(u.usd, c.usd)) AS is_zero,
           u.usd AS below_usd, s.code IS NULL AND (b.level = 4 OR u.usd IS NULL) AS alone
    FROM blocks b
    LEFT JOIN own o ON o.reporter = b.reporter AND o.year = b.year AND o.level = b.level AND o.code = b.code
    LEFT JOIN own c ON c.reporter = b.reporter AND c.year = b.year AND c.level = 2 AND c.code = left(b.code, 2)
    LEFT JOIN six s ON s.reporter = b.reporter AND s.year = b.year AND s.level = b.level AND s.code = b.code
    LEFT JOIN below u ON u.reporter = b.reporter AND u.year = b.year AND u.chapter = left(b.code, 2)
    LEFT JOIN whole w ON w.reporter = b.reporter AND w.year = b.year AND w.level = b.level
    LEFT JOIN moved_headings m ON m.hs_revision = w.reported_revision AND m.level = b.level AND m.code = b.code
),
headings AS (
    SELECT reporter, year, left(code, 2) AS chapter, bool_and(codes_known OR coalesce(is_row, false) OR coalesce(is_zero, false)) AS known
    FROM placed
    WHERE level = 4
    GROUP BY ALL
)
SELECT p.reporter, p.year, p.hs_revision, p.level, p.code, CASE WHEN p.one_sector THEN p.sector END AS sector, p.one_sector, p.codes_known, p.alone,
       coalesce(p.is_row AND (p.level = 4 OR NOT h.known AND coalesce(p.below_usd, 0) * 1000 <= p.usd * 1001), false) AS by_row,
       coalesce(p.is_zero AND (p.level = 4 OR p.below_usd IS NULL), false) AS zero
FROM placed p
LEFT JOIN headings h ON h.reporter = p.reporter AND h.year = p.year AND h.chapter = left(p.code, 2)
