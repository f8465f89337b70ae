-- Years in which reporters are filled in with what their partners report: all of a few,
-- of more those with the largest share.
WITH filled AS (
    SELECT year, format('{} ({}, {:.1f}% of world exports)', year, counted(reporters_mirrored, 'reporter'), 100 * mirrored_share) AS label,
           row_number() OVER (ORDER BY mirrored_share DESC, year) AS place, count(*) OVER () AS years
    FROM (SELECT DISTINCT year, reporters_mirrored, mirrored_share FROM coverage)
    WHERE reporters_mirrored > 0
)
SELECT format('{}{}: missing reporters are filled in with their partners'' imports{}',
              CASE WHEN any_value(years) > 5 THEN format('{} years, with the largest shares in ', any_value(years)) ELSE '' END,
              string_agg(label, ', ' ORDER BY year) FILTER (place <= 3 OR years <= 5),
              CASE WHEN any_value(years) > 5 THEN '; coverage lists all years' ELSE '' END)
FROM filled
HAVING count(*) > 0
