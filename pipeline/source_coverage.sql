-- What the rows of a file cover: reporters, number of partners, whether World is among
-- them, flows, years, whether they are by month, and HS revisions.
SELECT list(DISTINCT a.name ORDER BY a.name) FILTER (a.name IS NOT NULL),
       count(DISTINCT partner) FILTER (partner <> 0),
       coalesce(bool_or(partner = 0), false),
       list(DISTINCT flow::VARCHAR ORDER BY flow::VARCHAR),
       list(DISTINCT s.year ORDER BY s.year),
       coalesce(bool_or(month > 0), false),
       list(DISTINCT hs_revision::VARCHAR ORDER BY hs_revision::VARCHAR)
FROM staged s
LEFT JOIN areas a ON a.code = s.reporter
WHERE file_id = $file
