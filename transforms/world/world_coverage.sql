-- By year: whether figures over all manufactures or those that no sector lists may be
-- given, and who exports of whose the files have all. They add up everything, so it must
-- be known of the reporter, and of exporters that hold min_product_coverage of exports:
-- from HS-6 rows that are whole, or from the exporter's own HS-4 and HS-2 rows.
--
-- An excerpt says nothing of how large its exporter is. So an exporter's size is its TOTAL,
-- or what its whole rows add up to, in this year or the nearest to it that has one; those
-- without a size may be no more than the rest of min_product_coverage, by number.
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
sizes AS (
    SELECT l.reporter, l.year, max(coalesce(l.total, CASE WHEN w.reporter IS NOT NULL THEN l.usd END)) AS usd
    FROM level_totals l
    LEFT JOIN (FROM whole_flows WHERE flow = 'X') w USING (reporter, year, hs_revision)
    WHERE l.flow = 'X' AND l.month = 0 AND l.prefix = ''
    GROUP BY ALL
    HAVING max(coalesce(l.total, CASE WHEN w.reporter IS NOT NULL THEN l.usd END)) IS NOT NULL
),
nearest AS (
    SELECT e.year, e.reporter, arg_min(s.usd, 2 * abs(s.year - e.year) + CAST(s.year > e.year AS INTEGER)) AS usd
    FROM exporters e
    JOIN sizes s USING (reporter)
    GROUP BY ALL
),
each AS (
    SELECT e.year, e.reporter, coalesce(n.usd, CASE WHEN m.known THEN m.usd END) AS usd, w.reporter IS NOT NULL AS whole,
           whole OR coalesce(m.known, false) AS manufactures,
           whole OR coalesce(m.known AND l.known, false) AS unlisted
    FROM exporters e
    LEFT JOIN (SELECT DISTINCT year, reporter FROM whole_flows WHERE flow = 'X') w USING (year, reporter)
    LEFT JOIN (SELECT year, reporter, bool_and(known) AS known, sum(usd) AS usd FROM manufactured_exports GROUP BY ALL) m USING (year, reporter)
    LEFT JOIN listed l USING (year, reporter)
    LEFT JOIN nearest n USING (year, reporter)
)
SELECT y.year,
       count(*) FILTER (e.whole) AS reporters_whole,
       count(e.usd) >= CAST($min_product_coverage AS DOUBLE) * count(e.reporter) AS sizes_known,
       coalesce(bool_or(e.manufactures) FILTER (e.reporter = $reporter), false)
           AND sizes_known AND sum(e.usd) FILTER (e.manufactures) >= CAST($min_product_coverage AS DECIMAL(9,6)) * sum(e.usd) AS manufactures_known,
       coalesce(bool_or(e.unlisted) FILTER (e.reporter = $reporter), false)
           AND sizes_known AND sum(e.usd) FILTER (e.unlisted) >= CAST($min_product_coverage AS DECIMAL(9,6)) * sum(e.usd) AS unlisted_known
FROM years y
LEFT JOIN each e USING (year)
GROUP BY y.year
