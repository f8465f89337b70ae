-- Years of which world exports are not whole, and whom they lack: all of up to three
-- years, of more the three that are least whole.
WITH low AS (
    SELECT year, string_split(largest_missing_names, '; ') AS names, largest_missing,
           format('{} ({} of {}, {:.0f}% of exports by value', year, reporters, counted(reporters_most, 'reporter'), 100 * value_coverage) AS text,
           row_number() OVER (ORDER BY value_coverage, year) AS place, count(*) OVER () AS years
    FROM (SELECT DISTINCT year, reporters, reporters_most, value_coverage, low_coverage, largest_missing, largest_missing_names FROM coverage)
    WHERE low_coverage AND reporters_most > 0
),
named AS (
    SELECT *, text || CASE WHEN largest_missing > 0 AND years <= 3 THEN '; missing of the largest twenty: ' || few(names) ELSE '' END || ')' AS label
    FROM low
)
SELECT format('{}{}: world exports are not whole, so dominance and export shares of {} are not comparable with others (low_coverage){}',
              CASE WHEN any_value(years) > 3 THEN format('{} years, the least whole of which are ', any_value(years)) ELSE '' END,
              string_agg(label, ', ' ORDER BY year) FILTER (place <= 3),
              CASE WHEN any_value(years) = 1 THEN 'this year' ELSE 'these years' END,
              CASE WHEN any_value(years) > 3 OR max(largest_missing) > 5
                   THEN '; coverage lists all years, and missing_reporters who is missing' ELSE '' END)
FROM named
HAVING count(*) > 0
