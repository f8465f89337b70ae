-- Whether there are annual rows that measures are made of (those on headings, of the
-- reporters' imports of headings and chapters, too), and else whether there are
-- monthly rows of the reporters, of which one measure is made, or of anybody where months
-- may make a year; whether any of these is of the years that are asked for; and the years
-- that there are.
WITH own AS (
    SELECT code FROM area_codes WHERE list_has_any(string_split($reporters, ','), ['all', CAST(area AS VARCHAR)])
),
usable AS (
    SELECT s.year, s.month, s.month > 0 AND ($months = 'sum' OR s.reporter IN (FROM own)) AS monthly
    FROM staged s
    JOIN files f USING (file_id)
    WHERE (s.partner = 0 OR f.all_partners)
      AND (s.level = 6 OR s.level IN (2, 4) AND s.month = 0 AND s.flow = 'M' AND s.reporter IN (FROM own))
)
SELECT coalesce(bool_or(month = 0), false), coalesce(bool_or(monthly), false),
       coalesce(bool_or($years = '' OR list_contains(string_split($years, ','), CAST(year AS VARCHAR))), false),
       coalesce(few_years(list(DISTINCT year ORDER BY year)), '')
FROM usable
WHERE month = 0 OR monthly
