-- By year: whether figures over all goods, all manufactures or those that no sector
-- lists may be given. They add up everything, so the reporter's files must cover
-- min_product_coverage of these codes, and as many of the exporters must be whole.
WITH own AS (
    SELECT year, flow,
           avg((status <> 'unknown')::INTEGER) FILTER (status <> 'unreached') AS goods,
           avg((status <> 'unknown')::INTEGER) FILTER (status <> 'unreached' AND manufactured) AS manufactures,
           avg((status <> 'unknown')::INTEGER) FILTER (status <> 'unreached' AND manufactured AND sector IS NULL) AS unlisted
    FROM code_coverage
    JOIN hs_codes USING (hs_revision, hs6)
    WHERE reporter = $reporter
    GROUP BY ALL
),
exporters AS (
    SELECT w.year, count(*) AS exporters, count(k.reporter) AS whole
    FROM (SELECT DISTINCT year, reporter FROM world_trade WHERE flow = 'X') w
    LEFT JOIN (SELECT DISTINCT year, reporter FROM known_codes WHERE flow = 'X' AND prefix = '' AND known) k USING (year, reporter)
    GROUP BY w.year
)
SELECT y.year,
       coalesce(e.whole, 0) AS reporters_whole,
       coalesce(m.goods >= CAST($min_product_coverage AS DOUBLE), false) AS imports_known,
       coalesce(e.whole >= CAST($min_product_coverage AS DOUBLE) * e.exporters, false) AS world_known,
       coalesce(x.manufactures >= CAST($min_product_coverage AS DOUBLE), false) AND world_known AS manufactures_known,
       coalesce(x.unlisted >= CAST($min_product_coverage AS DOUBLE), false) AND world_known AS unlisted_known
FROM years y
LEFT JOIN own m ON m.year = y.year AND m.flow = 'M'
LEFT JOIN own x ON x.year = y.year AND x.flow = 'X'
LEFT JOIN exporters e ON e.year = y.year
