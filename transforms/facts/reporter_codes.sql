-- The codes under which files may have the trade of the reporters: see area_codes. It is a
-- table by itself so that a filter on these codes reaches the reading of the rows.
SELECT DISTINCT c.code
FROM area_codes c
SEMI JOIN reporters r ON r.reporter = c.area
