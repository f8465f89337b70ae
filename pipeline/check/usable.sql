-- The rows that measures are made of: annual ones (those on headings, of the reporters'
-- imports of headings and chapters, too); and monthly rows of the reporters, of which one
-- measure is made, or of anybody where months may make a year.
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
