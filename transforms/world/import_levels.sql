-- What gives the reporters' imports of each code that a sector lists, in measures that are
-- defined on headings, and of each other code that a heading or chapter stands for: its own
-- HS-6 rows (level 6), or the row of its heading (4) or chapter (2), where the files do not
-- cover all codes below that and all of them are in one sector. level is null for a code of
-- which nothing is known, of_code for one that is known to be 0 at its level. Each code has
-- one of these, so that nothing counts twice.
WITH headings AS (
    FROM import_headings WHERE by_row AND one_sector OR zero
),
below AS (
    SELECT hs_revision, CAST(digits AS TINYINT) AS level, left(hs6, digits) AS code, hs6 FROM hs_codes, (VALUES (2), (4)) levels(digits)
),
codes AS (
    SELECT reporter, year, hs_revision, hs6, sector FROM listed_codes
    UNION ALL
    SELECT DISTINCT h.reporter, h.year, h.hs_revision, k.hs6, NULL
    FROM headings h
    JOIN below k ON k.hs_revision = h.hs_revision AND k.level = h.level AND k.code = h.code
    ANTI JOIN code_sectors s ON s.hs_revision = k.hs_revision AND s.hs6 = k.hs6
),
-- Of codes that nothing lists, code_coverage has only those that are unknown.
reported AS (
    SELECT DISTINCT reporter, year FROM level_totals WHERE flow = 'M' AND month = 0 AND prefix = '' AND usd IS NOT NULL
),
chosen AS (
    SELECT k.*, coalesce(c.status, CASE WHEN k.sector IS NULL AND r.reporter IS NOT NULL THEN 'traded' ELSE 'unknown' END) AS status,
           CASE WHEN ch.by_row AND ch.one_sector THEN 2
                WHEN h.by_row AND h.one_sector THEN 4
                WHEN status <> 'unknown' THEN 6
                WHEN h.zero THEN 4
                WHEN ch.zero THEN 2 END AS given_by,
           CASE WHEN given_by = 6 THEN k.hs6 WHEN given_by = 4 AND h.by_row THEN h.code WHEN given_by = 2 AND ch.by_row THEN ch.code END AS of_code
    FROM codes k
    LEFT JOIN code_coverage c ON c.own AND c.reporter = k.reporter AND c.flow = 'M' AND c.month = 0
        AND c.year = k.year AND c.hs_revision = k.hs_revision AND c.hs6 = k.hs6
    LEFT JOIN reported r ON r.reporter = k.reporter AND r.year = k.year
    LEFT JOIN headings h ON h.reporter = k.reporter AND h.year = k.year AND h.level = 4 AND h.code = left(k.hs6, 4)
    LEFT JOIN headings ch ON ch.reporter = k.reporter AND ch.year = k.year AND ch.level = 2 AND ch.code = left(k.hs6, 2)
)
SELECT reporter, year, hs_revision, hs6, sector, status, CAST(given_by AS TINYINT) AS level, of_code
FROM chosen
