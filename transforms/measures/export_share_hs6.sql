-- The reporter's share of world exports by code (Figure 26): X / W, where W is
-- the sum of world_exports over reporters.
--
-- As reported, a code counts by its number: W adds up what reporters put under it
-- in whichever revision they use, and other_revision_usd says how much of W comes
-- from another revision than the row's, in which the number may mean other goods.
WITH world AS (
    SELECT w.year, w.hs6, max(w.hs_revision) AS newest,
           sum(w.value_usd) AS world_exports,
           sum(w.value_usd) FILTER (w.mirrored) AS mirrored,
           sum(w.value_usd) FILTER (w.hs_revision <> b.hs_revision) AS other_revision,
           sum(w.split_usd) AS split,
           bit_or(w.split_basis) AS basis,
           count(DISTINCT w.reporter) FILTER (w.value_usd > 0) AS exporters,
           coalesce(sum(w.value_usd) FILTER (w.reporter = $reporter AND NOT w.mirrored), 0) AS exports
    FROM world_exports w
    JOIN year_revisions b USING (year)
    GROUP BY ALL
),
unreached AS (
    SELECT DISTINCT year, hs6 FROM unreached_codes
),
-- Who has exports of the year, and whose files do not tell whether of the code, too.
unknown AS (
    SELECT year, hs6, count(*) AS exporters, bool_or(reporter = $reporter) AS own
    FROM code_coverage
    WHERE flow = 'X' AND month = 0 AND status = 'unknown'
    GROUP BY ALL
)
SELECT
    w.year, w.hs6, s.sector, coalesce(k.hs_revision, w.newest) AS hs_revision, CAST($reporter AS SMALLINT) AS reporter,
    coalesce(k.manufactured, h.manufactured, false) AS manufactured,
    n.own IS NOT TRUE AS covered,
    CASE WHEN b.exports_reported AND covered THEN w.exports END AS exports_usd,
    w.world_exports AS world_exports_usd,
    CASE WHEN b.exports_reported AND covered THEN CAST(w.exports AS DOUBLE) / nullif(CAST(w.world_exports AS DOUBLE), 0) END AS export_share,
    CAST(w.exporters AS SMALLINT) AS exporters,
    CASE WHEN s.sector IS NOT NULL THEN CAST(coalesce(n.exporters, 0) AS SMALLINT) END AS exporters_unknown,
    coalesce(w.mirrored, 0) AS mirrored_usd,
    coalesce(w.other_revision, 0) AS other_revision_usd,
    w.split AS split_usd,
    split_basis(w.basis) AS split_basis,
    u.hs6 IS NULL AS reached,
    v.low_coverage
FROM world w
JOIN year_revisions b USING (year)
JOIN coverage v USING (year)
LEFT JOIN hs_codes k ON k.hs_revision = b.hs_revision AND k.hs6 = w.hs6
LEFT JOIN hs_codes h ON h.hs_revision = w.newest AND h.hs6 = w.hs6
LEFT JOIN code_sectors s ON s.hs_revision = coalesce(k.hs_revision, w.newest) AND s.hs6 = w.hs6
LEFT JOIN unknown n ON n.year = w.year AND n.hs6 = w.hs6
LEFT JOIN unreached u ON u.year = w.year AND u.hs6 = w.hs6
WHERE w.world_exports > 0
