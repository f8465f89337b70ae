-- Headings (level 4) and chapters (2) whose own row of imports counts, in the place of all
-- rows below it. Where their codes are of several sectors they count in none, and only
-- where there are no rows below.
SELECT DISTINCT reporter, year, hs_revision, level, of_code AS code, sector
FROM import_levels
WHERE level < 6 AND of_code IS NOT NULL
UNION ALL
SELECT reporter, year, hs_revision, level, code, sector
FROM import_headings
WHERE by_row AND alone AND NOT one_sector
