-- Revealed comparative advantage: the reporter's share of world exports of a code or sector
-- over its share of world exports of all goods. Above 1 it has an advantage, tested in
-- whole numbers. Null unless the files have all goods, of the reporter and of the other
-- exporters (goods_known in world_coverage). A code that the reporter does not export has no row.
--
-- Source: Balassa (1965), Trade Liberalisation and "Revealed" Comparative Advantage.
WITH all_goods AS (
    SELECT e.year, sum(e.value_usd) AS world FROM world_exports e GROUP BY e.year
),
own_goods AS (
    SELECT reporter, year, sum(value_usd) AS own
    FROM world_exports
    SEMI JOIN reporters USING (reporter)
    WHERE NOT mirrored
    GROUP BY ALL
),
cells AS (
    SELECT reporter, year, hs_revision, 6::SMALLINT AS level, hs6 AS code, sector, exports_usd, world_exports_usd, NOT covered AS partial, low_coverage, split_usd
    FROM export_share_hs6
    WHERE sector IS NOT NULL AND (exports_usd = 0) IS NOT TRUE
    UNION ALL
    SELECT reporter, year, hs_revision, 0, sector, sector, exports_usd, world_exports_usd, partial, low_coverage, split_usd
    FROM export_share
)
SELECT c.year, c.level, c.code, c.sector, c.hs_revision, $code_basis AS code_basis, c.reporter,
       c.exports_usd, c.world_exports_usd,
       CASE WHEN v.goods_known THEN o.own END AS all_exports_usd,
       CASE WHEN v.goods_known THEN g.world END AS all_world_exports_usd,
       CASE WHEN v.goods_known THEN CAST(c.exports_usd AS DOUBLE) / nullif(CAST(c.world_exports_usd AS DOUBLE), 0)
           / nullif(CAST(o.own AS DOUBLE) / nullif(CAST(g.world AS DOUBLE), 0), 0) END AS advantage_ratio,
       CASE WHEN advantage_ratio IS NOT NULL THEN CAST(c.exports_usd * 1000 AS HUGEINT) * CAST(g.world * 1000 AS HUGEINT)
           > CAST(c.world_exports_usd * 1000 AS HUGEINT) * CAST(o.own * 1000 AS HUGEINT) END AS has_advantage,
       c.partial, c.low_coverage, c.split_usd
FROM cells c
JOIN world_coverage v USING (reporter, year)
LEFT JOIN all_goods g ON g.year = c.year
LEFT JOIN own_goods o ON o.reporter = c.reporter AND o.year = c.year
