-- The partner group's share of imports by code (Table 7): imports from its
-- members over imports from World. Areas not elsewhere specified (899) and the
-- reporter's trade with itself are in World, and in no group.
--
-- A heading or chapter whose own row counts (counted_headings) stands in the place of the
-- rows below it.
WITH world AS (
    SELECT reporter, year, hs_revision, 6::TINYINT AS level, hs6, value_usd, split_usd, split_basis
    FROM world_trade
    SEMI JOIN reporters USING (reporter)
    ANTI JOIN (FROM import_levels WHERE level < 6) l USING (reporter, year, hs_revision, hs6)
    WHERE flow = 'M'
    UNION ALL
    SELECT o.reporter, o.year, o.hs_revision, o.level, o.code, sum(o.value_usd), 0, NULL
    FROM own_headings o
    SEMI JOIN counted_headings USING (reporter, year, level, code)
    WHERE o.flow = 'M' AND o.partner = 0
    GROUP BY ALL
),
imports AS (
    SELECT reporter, year, hs_revision, 6::TINYINT AS level, hs6, partner, value_usd FROM partner_imports
    UNION ALL
    SELECT reporter, year, hs_revision, level, code, partner, value_usd FROM own_headings WHERE flow = 'M' AND partner <> 0
),
partners AS (
    SELECT p.reporter, p.year, p.hs_revision, p.level, p.hs6,
           sum(p.value_usd) AS all_partners,
           coalesce(sum(p.value_usd) FILTER (g.area IS NOT NULL), 0) AS members
    FROM imports p
    LEFT JOIN group_members g ON g.year = p.year AND g.area = p.partner AND p.partner <> p.reporter
    GROUP BY ALL
)
SELECT
    w.year, w.hs6, CASE w.level WHEN 6 THEN s.sector ELSE h.sector END AS sector, w.hs_revision, w.reporter,
    $partner_group AS partner_group,
    CAST(w.level AS SMALLINT) AS level,
    w.value_usd AS imports_usd,
    p.all_partners AS partner_imports_usd,
    p.members AS group_imports_usd,
    CAST(p.members AS DOUBLE) / nullif(CAST(w.value_usd AS DOUBLE), 0) AS group_share,
    CAST(p.all_partners AS DOUBLE) / nullif(CAST(w.value_usd AS DOUBLE), 0) AS partner_coverage,
    w.split_usd,
    split_basis(w.split_basis) AS split_basis
FROM world w
SEMI JOIN years y USING (year)
LEFT JOIN partners p USING (reporter, year, hs_revision, level, hs6)
LEFT JOIN code_sectors s ON s.hs_revision = w.hs_revision AND s.hs6 = w.hs6
LEFT JOIN counted_headings h ON h.reporter = w.reporter AND h.year = w.year AND h.level = w.level AND h.code = w.hs6
WHERE w.value_usd > 0
