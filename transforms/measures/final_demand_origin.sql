-- Where the value added in the reporter's final demand is from (Figure 16), of the user's
-- table of the OECD's Trade in Value Added: value added in the partner group over that in
-- the world, by activity and year.
--
-- The group is the sum of its members where the table has all of them. Else it is the
-- table's own row of the group, in its present membership, or it is not known. Groups of
-- areas and of activities stand beside their members, and are never added.
WITH demand AS (
    SELECT v.*, r.reporter
    FROM value_added v
    JOIN areas a ON a.iso3 = v.demand_area
    JOIN reporters r ON r.reporter = a.code
    WHERE $years = '' OR list_contains(string_split($years, ','), CAST(v.year AS VARCHAR))
),
demand_years AS (
    SELECT DISTINCT year FROM demand
),
members AS (
    SELECT DISTINCT y.year, a.iso3
    FROM demand_years y
    JOIN country_groups m ON m.name = $partner_group AND is_member($membership, m.joined_on, m.left_on, y.year)
    JOIN areas a ON a.code = m.area
),
sizes AS (
    SELECT year, count(*) AS members FROM members GROUP BY year
),
sums AS (
    SELECT d.reporter, d.source_activity, d.demand_activity, d.year,
           max(d.value_usd) FILTER (d.source_area = 'W') AS world_usd,
           max(d.value_usd) FILTER ($membership = 'current'
               AND d.source_area = CASE $partner_group WHEN 'EU' THEN 'EU27_2020' ELSE $partner_group END) AS own_row_usd,
           count(m.iso3) AS found,
           sum(d.value_usd) FILTER (m.iso3 IS NOT NULL) AS members_usd
    FROM demand d
    LEFT JOIN members m ON m.year = d.year AND m.iso3 = d.source_area
    GROUP BY ALL
)
SELECT
    s.source_activity, sn.name AS source_activity_name,
    s.demand_activity, dn.name AS demand_activity_name,
    s.year, s.reporter,
    $partner_group AS partner_group,
    CAST(coalesce(z.members, 0) AS SMALLINT) AS group_members,
    CAST(s.found AS SMALLINT) AS members_found,
    CASE WHEN s.found > 0 AND s.found = z.members THEN 'members' WHEN s.own_row_usd IS NOT NULL THEN 'own row' END AS group_basis,
    CASE group_basis WHEN 'members' THEN s.members_usd WHEN 'own row' THEN s.own_row_usd END AS group_usd,
    s.world_usd,
    CAST(group_usd AS DOUBLE) / nullif(CAST(s.world_usd AS DOUBLE), 0) AS group_share
FROM sums s
LEFT JOIN sizes z USING (year)
LEFT JOIN activities sn ON sn.code = s.source_activity
LEFT JOIN activities dn ON dn.code = s.demand_activity
