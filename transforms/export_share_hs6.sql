-- The reporter's share of world exports by code (Figure 26): X / W, where W is
-- the sum over reporters of their exports to the World.
--
-- As reported, a code of two revisions is two codes, each with its own W; the
-- reporter's exports stand in the revision that it reported in.
WITH own_year AS (
    SELECT year FROM world_trade WHERE reporter = $reporter AND flow = 'X' GROUP BY year
),
world AS (
    SELECT year, hs_revision, hs6,
           sum(value_usd) AS world_exports,
           sum(split_usd) AS split,
           count(*) FILTER (value_usd > 0) AS exporters,
           coalesce(sum(value_usd) FILTER (reporter = $reporter), 0) AS exports
    FROM world_trade
    SEMI JOIN years USING (year)
    WHERE flow = 'X'
    GROUP BY ALL
)
SELECT
    w.year, w.hs6, s.sector, w.hs_revision, CAST($reporter AS SMALLINT) AS reporter,
    coalesce(h.manufactured, false) AS manufactured,
    CASE WHEN o.year IS NOT NULL THEN w.exports END AS exports_usd,
    w.world_exports AS world_exports_usd,
    CAST(exports_usd AS DOUBLE) / nullif(CAST(world_exports_usd AS DOUBLE), 0) AS export_share,
    CAST(w.exporters AS SMALLINT) AS exporters,
    w.split AS split_usd
FROM world w
LEFT JOIN own_year o USING (year)
LEFT JOIN sector_codes s ON s.hs_revision = w.hs_revision AND s.hs6 = w.hs6
LEFT JOIN hs_codes h ON h.hs_revision = w.hs_revision AND h.hs6 = w.hs6
WHERE w.world_exports > 0
