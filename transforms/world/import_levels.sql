-- What gives the reporter's imports of each code of the set in use, in measures that are
-- defined on headings: its own HS-6 rows (level 6), or the row of its heading (4) or
-- chapter (2), where the files do not cover all codes below that and all of them are in
-- one sector. level is null for a code of which nothing is known, of_code for one that is
-- known to be 0 at its level. Each code has one of these, so that nothing counts twice.
WITH chosen AS (
    SELECT y.year, y.hs_revision, k.hs6, s.sector, coalesce(c.status, 'unknown') AS status,
           CASE WHEN ch.by_row AND ch.one_sector THEN 2
                WHEN h.by_row AND h.one_sector THEN 4
                WHEN status <> 'unknown' THEN 6
                WHEN h.zero THEN 4
                WHEN ch.zero THEN 2 END AS given_by,
           CASE WHEN given_by = 6 THEN k.hs6 WHEN given_by = 4 AND h.by_row THEN h.code WHEN given_by = 2 AND ch.by_row THEN ch.code END AS of_code
    FROM year_revisions y
    JOIN hs_codes k USING (hs_revision)
    LEFT JOIN code_sectors s USING (hs_revision, hs6)
    LEFT JOIN code_coverage c ON c.reporter = $reporter AND c.flow = 'M' AND c.month = 0
        AND c.year = y.year AND c.hs_revision = y.hs_revision AND c.hs6 = k.hs6
    LEFT JOIN import_headings h ON h.year = y.year AND h.level = 4 AND h.code = left(k.hs6, 4)
    LEFT JOIN import_headings ch ON ch.year = y.year AND ch.level = 2 AND ch.code = left(k.hs6, 2)
)
SELECT year, hs_revision, hs6, sector, status, CAST(given_by AS TINYINT) AS level, of_code
FROM chosen
