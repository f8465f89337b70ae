-- The partner group's members by year; see is_member.
SELECT y.year, m.area, any_value(a.iso3) AS iso3
FROM years y
JOIN country_groups m ON m.name = $partner_group AND is_member($membership, m.joined_on, m.left_on, y.year)
JOIN areas a ON a.code = m.area
GROUP BY ALL
