-- The partner group's share of imports by code (Table 7): imports from its
-- members over imports from World. Areas not elsewhere specified (899) and the
-- reporter's trade with itself are in World, and in no group.
WITH partners AS (
    SELECT p.year, p.hs_revision, p.hs6,
           sum(p.value_usd) AS all_partners,
           coalesce(sum(p.value_usd) FILTER (g.area IS NOT NULL), 0) AS members
    FROM partner_imports p
    LEFT JOIN group_members g ON g.year = p.year AND g.area = p.partner AND p.partner <> $reporter
    GROUP BY ALL
)
SELECT
    w.year, w.hs6, s.sector, w.hs_revision, CAST($reporter AS SMALLINT) AS reporter,
    $partner_group AS partner_group,
    w.value_usd AS imports_usd,
    p.all_partners AS partner_imports_usd,
    p.members AS group_imports_usd,
    CAST(p.members AS DOUBLE) / nullif(CAST(w.value_usd AS DOUBLE), 0) AS group_share,
    CAST(p.all_partners AS DOUBLE) / nullif(CAST(w.value_usd AS DOUBLE), 0) AS partner_coverage,
    w.split_usd
FROM world_trade w
SEMI JOIN years y USING (year)
LEFT JOIN partners p USING (year, hs_revision, hs6)
LEFT JOIN code_sectors s ON s.hs_revision = w.hs_revision AND s.hs6 = w.hs6
WHERE w.reporter = $reporter AND w.flow = 'M' AND w.value_usd > 0
