-- By year: whether figures over all manufactures or those that no sector lists may be
-- given, and who exports of whose the files have all. They add up everything, so it must
-- be known of the reporter, and of min_product_coverage of the exporters: from HS-6 rows
-- that are whole, or from the exporter's own HS-4 and HS-2 rows.
WITH listed AS (
    SELECT year, reporter, sum(codes_covered) >= CAST($min_product_coverage AS DOUBLE) * sum(codes_covered + codes_unknown) AS known
    FROM product_coverage
    WHERE flow = 'X'
    GROUP BY ALL
),
exporters AS (
    SELECT DISTINCT year, reporter FROM world_trade WHERE flow = 'X'
    UNION
    SELECT year, reporter FROM manufactured_exports
),
each AS (
    SELECT e.year, e.reporter, w.reporter IS NOT NULL AS whole,
           whole OR coalesce(m.known, false) AS manufactures,
           whole OR coalesce(m.known AND l.known, false) AS unlisted
    FROM exporters e
    LEFT JOIN (SELECT DISTINCT year, reporter FROM whole_flows WHERE flow = 'X') w USING (year, reporter)
    LEFT JOIN (SELECT year, reporter, bool_and(known) AS known FROM manufactured_exports GROUP BY ALL) m USING (year, reporter)
    LEFT JOIN listed l USING (year, reporter)
)
SELECT y.year,
       count(*) FILTER (e.whole) AS reporters_whole,
       coalesce(bool_or(e.manufactures) FILTER (e.reporter = $reporter), false)
           AND count(*) FILTER (e.manufactures) >= CAST($min_product_coverage AS DOUBLE) * count(e.reporter) AS manufactures_known,
       coalesce(bool_or(e.unlisted) FILTER (e.reporter = $reporter), false)
           AND count(*) FILTER (e.unlisted) >= CAST($min_product_coverage AS DOUBLE) * count(e.reporter) AS unlisted_known
FROM years y
LEFT JOIN each e USING (year)
GROUP BY y.year
