-- The partner group's members by year. membership 'current' takes everybody who has
-- not left; 'historical' takes who had joined by the end of the year.
SELECT y.year, m.area, any_value(a.iso3) AS iso3
FROM years y
JOIN country_groups m ON m.name = $partner_group
    AND CASE $membership
        WHEN 'current' THEN m.left_on IS NULL
        ELSE m.joined_on <= make_date(y.year, 12, 31) AND (m.left_on IS NULL OR m.left_on > make_date(y.year, 12, 31))
    END
JOIN areas a ON a.code = m.area
GROUP BY ALL
