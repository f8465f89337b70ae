-- By reporter and year: whether figures over all manufactures or those that no sector lists
-- may be given, and who exports of whose the files have all. They add up everything, so it
-- must be known of the reporter, and of exporters that hold min_product_coverage of exports:
-- from HS-6 rows that are whole, or from the exporter's own HS-4 and HS-2 rows.
--
-- An excerpt says nothing of how large its exporter is. So an exporter's size is its TOTAL,
-- or what its whole rows add up to, in this year or the nearest to it that has one; those
-- without a size may be no more than the rest of min_product_coverage, by number.
--
-- Of a reporter more is asked than of an exporter among others (known_codes), so an area
-- that is one has two rows of each kind: strict tells them apart.
WITH strictness AS (
    SELECT reporter, unnest([false, true]) AS strict FROM reporters
    UNION ALL
    SELECT DISTINCT reporter, false FROM flow_totals ANTI JOIN reporters USING (reporter) WHERE flow = 'X'
    UNION
    SELECT DISTINCT reporter, false FROM manufactured_exports ANTI JOIN reporters USING (reporter)
),
whole AS (
    SELECT DISTINCT w.reporter, s.strict, w.year, w.hs_revision
    FROM whole_flows w
    JOIN strictness s USING (reporter)
    WHERE w.flow = 'X' AND NOT (s.strict AND w.as_exporter)
),
listed AS (
    SELECT year, reporter, false AS strict, hs_revision, sum(codes_covered) >= CAST($min_product_coverage AS DOUBLE) * sum(codes_covered + codes_unknown) AS known
    FROM exporter_coverage
    GROUP BY ALL
    UNION ALL
    SELECT year, reporter, true, hs_revision, sum(codes_covered) >= CAST($min_product_coverage AS DOUBLE) * sum(codes_covered + codes_unknown)
    FROM product_coverage
    SEMI JOIN reporters USING (reporter)
    WHERE flow = 'X'
    GROUP BY ALL
),
who_exports AS (
    SELECT e.year, e.reporter, s.strict
    FROM (SELECT year, reporter FROM flow_totals WHERE flow = 'X' UNION SELECT year, reporter FROM manufactured_exports) e
    JOIN strictness s USING (reporter)
),
sizes AS (
    SELECT l.reporter, s.strict, l.year, max(coalesce(l.total, CASE WHEN w.reporter IS NOT NULL THEN l.usd END)) AS usd
    FROM level_totals l
    JOIN strictness s ON s.reporter = l.reporter
    LEFT JOIN whole w ON w.reporter = l.reporter AND w.strict = s.strict AND w.year = l.year AND w.hs_revision = l.hs_revision
    WHERE l.flow = 'X' AND l.month = 0 AND l.prefix = ''
    GROUP BY ALL
    HAVING max(coalesce(l.total, CASE WHEN w.reporter IS NOT NULL THEN l.usd END)) IS NOT NULL
),
nearest AS (
    SELECT e.year, e.reporter, e.strict, arg_min(s.usd, 2 * abs(s.year - e.year) + CAST(s.year > e.year AS INTEGER)) AS usd
    FROM who_exports e
    JOIN sizes s USING (reporter, strict)
    GROUP BY ALL
),
each AS (
    SELECT e.year, e.reporter, e.strict, r.hs_revision, coalesce(n.usd, CASE WHEN m.known THEN m.usd END) AS usd, w.reporter IS NOT NULL AS whole,
           whole OR coalesce(m.known, false) AS manufactures,
           whole OR coalesce(m.known AND l.known, false) AS unlisted
    FROM who_exports e
    JOIN (SELECT DISTINCT year, hs_revision FROM year_revisions) r ON r.year = e.year
    LEFT JOIN (SELECT DISTINCT year, reporter, strict FROM whole) w ON w.year = e.year AND w.reporter = e.reporter AND w.strict = e.strict
    LEFT JOIN (SELECT year, reporter, bool_and(known) AS known, sum(usd) AS usd FROM manufactured_exports GROUP BY ALL) m ON m.year = e.year AND m.reporter = e.reporter
    LEFT JOIN listed l ON l.year = e.year AND l.reporter = e.reporter AND l.strict = e.strict AND l.hs_revision = r.hs_revision
    LEFT JOIN nearest n ON n.year = e.year AND n.reporter = e.reporter AND n.strict = e.strict
)
SELECT y.reporter, y.year,
       count(*) FILTER (e.whole) AS reporters_whole,
       count(e.usd) >= CAST($min_product_coverage AS DOUBLE) * count(e.reporter) AS sizes_known,
       coalesce(bool_or(e.manufactures) FILTER (e.reporter = y.reporter), false)
           AND sizes_known AND sum(e.usd) FILTER (e.manufactures) >= CAST($min_product_coverage AS DECIMAL(9,6)) * sum(e.usd) AS manufactures_known,
       coalesce(bool_or(e.unlisted) FILTER (e.reporter = y.reporter), false)
           AND sizes_known AND sum(e.usd) FILTER (e.unlisted) >= CAST($min_product_coverage AS DECIMAL(9,6)) * sum(e.usd) AS unlisted_known,
       coalesce(bool_or(e.whole) FILTER (e.reporter = y.reporter), false)
           AND sizes_known AND sum(e.usd) FILTER (e.whole) >= CAST($min_product_coverage AS DECIMAL(9,6)) * sum(e.usd) AS goods_known
FROM year_revisions y
LEFT JOIN each e ON e.year = y.year AND e.hs_revision = y.hs_revision AND e.strict = (e.reporter = y.reporter)
GROUP BY y.reporter, y.year
