-- The reporter's share of world exports by code (Figure 26): X / W, where W is
-- the sum of world_exports over reporters.
--
-- As reported, a code counts by its number: W adds up what reporters put under it
-- in whichever revision they use, and other_revision_usd says how much of W comes
-- from another revision than the row's, in which the number may mean other goods.
WITH by_revision AS (
    SELECT year, hs6, hs_revision, sum(value_usd) AS usd FROM world_exports GROUP BY ALL
),
world AS (
    SELECT year, hs6, max(hs_revision) AS newest,
           sum(value_usd) AS world_exports,
           sum(value_usd) FILTER (mirrored) AS mirrored,
           sum(split_usd) AS split,
           bit_or(split_basis) AS basis,
           count(DISTINCT reporter) FILTER (value_usd > 0) AS exporters
    FROM world_exports
    GROUP BY ALL
),
own AS (
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
)
SELECT
    w.year, w.hs6, s.sector, coalesce(k.hs_revision, w.newest) AS hs_revision, b.reporter,
    coalesce(k.manufactured, h.manufactured, false) AS manufactured,
    m.own IS NOT TRUE AS covered,
    CASE WHEN b.exports_reported AND covered THEN coalesce(o.exports, 0) END AS exports_usd,
    w.world_exports AS world_exports_usd,
    CASE WHEN b.exports_reported AND covered THEN CAST(coalesce(o.exports, 0) AS DOUBLE) / nullif(CAST(w.world_exports AS DOUBLE), 0) END AS export_share,
    CAST(w.exporters AS SMALLINT) AS exporters,
    CASE WHEN s.sector IS NOT NULL
        THEN CAST(coalesce(n.exporters, 0) - coalesce(m.as_other, false)::INTEGER + coalesce(m.own, false)::INTEGER AS SMALLINT) END AS exporters_unknown,
    coalesce(w.mirrored, 0) AS mirrored_usd,
    w.world_exports - coalesce(r.usd, 0) AS other_revision_usd,
    w.split AS split_usd,
    split_basis(w.basis) AS split_basis,
    u.hs6 IS NULL AS reached,
    v.low_coverage
FROM world w
JOIN year_revisions b USING (year)
JOIN coverage v ON v.reporter = b.reporter AND v.year = b.year
LEFT JOIN by_revision r ON r.year = w.year AND r.hs6 = w.hs6 AND r.hs_revision = b.hs_revision
LEFT JOIN own o ON o.reporter = b.reporter AND o.year = w.year AND o.hs6 = w.hs6
LEFT JOIN hs_codes k ON k.hs_revision = b.hs_revision AND k.hs6 = w.hs6
LEFT JOIN hs_codes h ON h.hs_revision = w.newest AND h.hs6 = w.hs6
LEFT JOIN code_sectors s ON s.hs_revision = coalesce(k.hs_revision, w.newest) AND s.hs6 = w.hs6
LEFT JOIN unknown n ON n.year = w.year AND n.hs_revision = b.hs_revision AND n.hs6 = w.hs6
LEFT JOIN own_unknown m ON m.reporter = b.reporter AND m.year = w.year AND m.hs_revision = b.hs_revision AND m.hs6 = w.hs6
LEFT JOIN unreached u ON u.reporter = b.reporter AND u.year = w.year AND u.hs6 = w.hs6
WHERE w.world_exports > 0
