-- The group's share by year: by the industry whose products are bought, wherever in an
-- industry the value was added; or, where the table has all products alone, by the
-- industry in which it was added. All industries come first, then those of which most is
-- from the group.
WITH series AS (
    SELECT demand_activity AS activity, coalesce(demand_activity_name, demand_activity) AS name, year, group_share, group_usd
    FROM final_demand_origin
    WHERE source_activity = '_T'
    UNION ALL
    SELECT source_activity, coalesce(source_activity_name, source_activity), year, group_share, group_usd
    FROM final_demand_origin
    WHERE demand_activity = '_T' AND NOT EXISTS (FROM final_demand_origin WHERE source_activity = '_T' AND demand_activity <> '_T')
        AND source_activity <> '_T'
),
largest AS (
    SELECT activity, arg_max(group_usd, year) AS usd
    FROM series
    GROUP BY activity
    ORDER BY activity = '_T' DESC, usd DESC NULLS LAST, activity
    LIMIT $activities
)
SELECT s.name, s.year::VARCHAR, s.group_share, false
FROM series s
JOIN largest l USING (activity)
ORDER BY activity = '_T' DESC, l.usd DESC NULLS LAST, activity, year
