-- The reporters' shares of world exports by code (Figure 26): X / W, where W is the sum of
-- world_exports over reporters; see world_codes. A code that no sector lists, and that the
-- reporter does not export, has no row.
WITH own AS (
    SELECT reporter, year, hs6, sum(value_usd) AS exports
    FROM world_exports
    SEMI JOIN reporters USING (reporter)
    WHERE NOT mirrored
    GROUP BY ALL
),
unreached AS (
    SELECT DISTINCT reporter, year, hs6 FROM own_unreached
),
-- Who has exports of the year, and whose files do not tell whether of the code, too; a
-- reporter by what is asked of its own figures.
unknown AS (
    SELECT year, hs_revision, hs6, count(*) AS exporters
    FROM code_coverage
    WHERE NOT own AND status = 'unknown'
    GROUP BY ALL
),
own_unknown AS (
    SELECT reporter, year, hs_revision, hs6, bool_or(own) AS own, bool_or(NOT own) AS as_other
    FROM code_coverage
    SEMI JOIN reporters USING (reporter)
    WHERE flow = 'X' AND month = 0 AND status = 'unknown'
    GROUP BY ALL
),
codes AS (
    SELECT b.reporter, b.exports_reported, w.*, o.exports
    FROM world_codes w
    JOIN year_revisions b ON b.year = w.year AND b.hs_revision = w.list_revision
    LEFT JOIN own o ON o.reporter = b.reporter AND o.year = w.year AND o.hs6 = w.hs6
    WHERE w.sector IS NOT NULL
    UNION ALL
    SELECT b.reporter, b.exports_reported, w.*, o.exports
    FROM own o
    JOIN year_revisions b ON b.reporter = o.reporter AND b.year = o.year
    JOIN world_codes w ON w.year = o.year AND w.list_revision = b.hs_revision AND w.hs6 = o.hs6
    WHERE w.sector IS NULL AND o.exports > 0
)
SELECT
    w.year, w.hs6, w.sector, w.hs_revision, w.reporter,
    w.manufactured,
    m.own IS NOT TRUE AS covered,
    CASE WHEN w.exports_reported AND covered THEN coalesce(w.exports, 0) END AS exports_usd,
    w.world_exports_usd,
    CASE WHEN w.exports_reported AND covered THEN CAST(coalesce(w.exports, 0) AS DOUBLE) / nullif(CAST(w.world_exports_usd AS DOUBLE), 0) END AS export_share,
    CAST(w.exporters AS SMALLINT) AS exporters,
    CASE WHEN w.sector IS NOT NULL
        THEN CAST(coalesce(n.exporters, 0) - coalesce(m.as_other, false)::INTEGER + coalesce(m.own, false)::INTEGER AS SMALLINT) END AS exporters_unknown,
    w.mirrored_usd,
    w.other_revision_usd,
    w.split_usd,
    split_basis(w.split_basis) AS split_basis,
    u.hs6 IS NULL AS reached,
    v.low_coverage
FROM codes w
JOIN coverage v ON v.reporter = w.reporter AND v.year = w.year
LEFT JOIN unknown n ON n.year = w.year AND n.hs_revision = w.list_revision AND n.hs6 = w.hs6
LEFT JOIN own_unknown m ON m.reporter = w.reporter AND m.year = w.year AND m.hs_revision = w.list_revision AND m.hs6 = w.hs6
LEFT JOIN unreached u ON u.reporter = w.reporter AND u.year = w.year AND u.hs6 = w.hs6
