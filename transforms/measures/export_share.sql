-- The reporter's share of world exports by sector, in values (Figure 26), beside
-- all manufactured goods and the manufactured goods that no sector lists. These are null
-- unless the files cover what they add up; a sector's values are those of covered codes.
WITH world AS (
    SELECT sector, year, hs_revision, count(*) FILTER (NOT partial) AS reporters
    FROM exporter_coverage
    WHERE codes_covered > 0
    GROUP BY ALL
),
-- A reporter is one of these when its own figures are whole, of which more is asked.
as_others AS (
    SELECT reporter, sector, year, hs_revision, codes_covered > 0 AND NOT partial AS counted FROM exporter_coverage
),
-- What the HS-6 rows lack of it, by the exporters' own HS-4 and HS-2 rows.
missing AS (
    SELECT r.reporter, m.year, sum(m.missing_usd) AS world_usd, coalesce(sum(m.missing_usd) FILTER (m.reporter = r.reporter), 0) AS usd
    FROM manufactured_exports m
    CROSS JOIN reporters r
    WHERE m.known AND (NOT m.as_exporter OR m.reporter = r.reporter)
    GROUP BY ALL
),
manufactures AS (
    SELECT year, list_revision, sum(world_exports_usd) AS usd, sum(world_exports_usd) FILTER (sector IS NULL) AS unlisted_usd
    FROM world_codes
    WHERE manufactured
    GROUP BY year, list_revision
),
own AS (
    SELECT reporter, year, sum(exports_usd) AS usd, sum(exports_usd) FILTER (sector IS NULL) AS unlisted_usd
    FROM export_share_hs6
    WHERE manufactured
    GROUP BY reporter, year
),
comparators AS (
    SELECT y.reporter, y.year,
        CAST(coalesce(o.usd, CASE WHEN y.exports_reported THEN 0 END) + coalesce(m.usd, 0) AS DOUBLE)
            / nullif(CAST(w.usd + coalesce(m.world_usd, 0) AS DOUBLE), 0) AS manufactures,
        CAST(coalesce(o.unlisted_usd, CASE WHEN y.exports_reported THEN 0 END) + coalesce(m.usd, 0) AS DOUBLE)
            / nullif(CAST(w.unlisted_usd + coalesce(m.world_usd, 0) AS DOUBLE), 0) AS unlisted
    FROM year_revisions y
    LEFT JOIN manufactures w ON w.year = y.year AND w.list_revision = y.hs_revision
    LEFT JOIN own o ON o.reporter = y.reporter AND o.year = y.year
    LEFT JOIN missing m ON m.reporter = y.reporter AND m.year = y.year
)
SELECT
    l.sector, l.year, l.hs_revision, $code_basis AS code_basis, l.reporter,
    bool_and(l.exports_reported) AS reporter_reported,
    coalesce(any_value(p.codes_covered), 0) AS codes_covered,
    coalesce(any_value(p.codes_unknown), 0) AS codes_unknown,
    CAST(coalesce(any_value(w.reporters), 0) - coalesce(bool_or(x.counted), false)::INTEGER
        + coalesce(bool_or(p.codes_covered > 0 AND NOT p.partial), false)::INTEGER AS SMALLINT) AS reporters_covered,
    coalesce(any_value(p.partial), false)
        OR reporters_covered < CAST($min_product_coverage AS DECIMAL(9,6)) * any_value(v.reporters) AS partial,
    sum(e.exports_usd) AS exports_usd,
    coalesce(sum(e.world_exports_usd) FILTER (e.covered), CASE WHEN any_value(p.codes_covered) > 0 THEN 0 END) AS world_exports_usd,
    CAST(sum(e.exports_usd) AS DOUBLE) / nullif(CAST(sum(e.world_exports_usd) FILTER (e.covered) AS DOUBLE), 0) AS export_share,
    CASE WHEN bool_and(k.manufactures_known) THEN any_value(c.manufactures) END AS manufactures_export_share,
    CASE WHEN bool_and(k.unlisted_known) THEN any_value(c.unlisted) END AS unlisted_manufactures_export_share,
    $world AS world,
    any_value(v.reporters) AS reporters,
    any_value(v.reporters_most) AS reporters_most,
    any_value(v.coverage) AS coverage,
    any_value(v.value_coverage) AS value_coverage,
    any_value(v.low_coverage) AS low_coverage,
    any_value(v.reporters_mirrored) AS reporters_mirrored,
    CAST(sum(e.mirrored_usd) FILTER (e.covered) AS DOUBLE) / nullif(CAST(sum(e.world_exports_usd) FILTER (e.covered) AS DOUBLE), 0) AS mirrored_share,
    coalesce(sum(e.split_usd), 0) AS split_usd,
    split_bases(list(e.split_basis)) AS split_basis
FROM listed_codes l
JOIN coverage v ON v.reporter = l.reporter AND v.year = l.year
JOIN world_coverage k ON k.reporter = l.reporter AND k.year = l.year
LEFT JOIN comparators c ON c.reporter = l.reporter AND c.year = l.year
LEFT JOIN product_coverage p ON p.reporter = l.reporter AND p.flow = 'X' AND p.sector = l.sector AND p.year = l.year
LEFT JOIN world w ON w.sector = l.sector AND w.year = l.year AND w.hs_revision = l.hs_revision
LEFT JOIN as_others x ON x.reporter = l.reporter AND x.sector = l.sector AND x.year = l.year AND x.hs_revision = l.hs_revision
LEFT JOIN export_share_hs6 e ON e.reporter = l.reporter AND e.year = l.year AND e.hs_revision = l.hs_revision AND e.hs6 = l.hs6
GROUP BY l.reporter, l.sector, l.year, l.hs_revision
