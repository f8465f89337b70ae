-- How complete world exports are in each year, by the number of reporters and by value;
-- and, of each reporter whose trade is measured, its own products. A year that has not
-- fully arrived must not look like a fall.
--
-- value_coverage is the exports of the reporters that are there over these and
-- what the missing ones exported in the year nearest to it.
WITH present AS (
    SELECT year, sum(f.usd) AS usd FROM flow_totals f WHERE flow = 'X' GROUP BY year
),
missing AS (
    SELECT year, count(*) AS missing, sum(nearest_exports_usd) AS usd,
           count(*) FILTER (size_rank <= 20) AS largest,
           sum(nearest_export_share ORDER BY size_rank) FILTER (size_rank <= 20) AS largest_share,
           string_agg(format('{} ({:.1f}% in {})', name, 100 * nearest_export_share, nearest_year), '; ' ORDER BY size_rank)
               FILTER (size_rank <= 20) AS names
    FROM missing_reporters
    GROUP BY year
),
world AS (
    SELECT year, sum(value_usd) AS usd,
           count(DISTINCT reporter) FILTER (mirrored AND value_usd > 0) AS filled_in,
           coalesce(sum(value_usd) FILTER (mirrored), 0) AS mirrored_usd,
           sum(eu_internal_usd) AS internal_usd
    FROM world_exports
    GROUP BY year
),
own AS (
    SELECT reporter, year, sum(codes_covered) / nullif(sum(codes_covered + codes_unknown), 0) AS share, count(DISTINCT sector) FILTER (partial) AS partial
    FROM product_coverage
    SEMI JOIN reporters USING (reporter)
    GROUP BY reporter, year
)
SELECT
    k.reporter, y.year, y.reporters, y.reporters_most, y.coverage,
    CAST(coalesce(m.missing, 0) AS SMALLINT) AS reporters_missing,
    coalesce(CAST(p.usd AS DOUBLE) / nullif(CAST(p.usd + coalesce(m.usd, 0) AS DOUBLE), 0), 0) AS value_coverage,
    CAST(coalesce(m.largest, 0) AS SMALLINT) AS largest_missing,
    coalesce(m.largest_share, 0) AS largest_missing_share,
    coalesce(m.names, '') AS largest_missing_names,
    value_coverage < CAST($min_coverage AS DOUBLE) AS low_coverage,
    CAST(k.reporters_whole AS SMALLINT) AS reporters_whole,
    coalesce(o.share, 0) AS product_coverage,
    CAST(coalesce(o.partial, 0) AS SMALLINT) AS sectors_partial,
    $world AS world,
    CAST(coalesce(w.filled_in, 0) AS SMALLINT) AS reporters_mirrored,
    CAST(w.mirrored_usd AS DOUBLE) / nullif(CAST(w.usd AS DOUBLE), 0) AS mirrored_share,
    coalesce(w.usd, 0) AS world_exports_usd,
    $eu_internal AS eu_internal,
    coalesce(w.internal_usd, 0) AS eu_internal_usd
FROM years y
JOIN world_coverage k USING (year)
LEFT JOIN own o USING (reporter, year)
LEFT JOIN present p USING (year)
LEFT JOIN missing m USING (year)
LEFT JOIN world w USING (year)
