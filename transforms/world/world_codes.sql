-- What the world exports of each code, by year and by the HS revision in which codes are
-- listed: the sum of world_exports over reporters.
--
-- As reported, a code counts by its number: its world exports add up what reporters put
-- under it in whichever revision they use, and other_revision_usd says how much comes from
-- another revision than the row's, in which the number may mean other goods. A code that
-- the revision does not have is of the newest that has it (hs_revision).
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
)
SELECT b.year, b.hs_revision AS list_revision, w.hs6, coalesce(k.hs_revision, w.newest) AS hs_revision, s.sector,
       coalesce(k.manufactured, h.manufactured, false) AS manufactured,
       w.world_exports AS world_exports_usd,
       coalesce(w.mirrored, 0) AS mirrored_usd,
       w.world_exports - coalesce(r.usd, 0) AS other_revision_usd,
       w.split AS split_usd,
       w.basis AS split_basis,
       w.exporters
FROM world w
JOIN (SELECT DISTINCT year, hs_revision FROM year_revisions) b USING (year)
LEFT JOIN by_revision r ON r.year = w.year AND r.hs6 = w.hs6 AND r.hs_revision = b.hs_revision
LEFT JOIN hs_codes k ON k.hs_revision = b.hs_revision AND k.hs6 = w.hs6
LEFT JOIN hs_codes h ON h.hs_revision = w.newest AND h.hs6 = w.hs6
LEFT JOIN code_sectors s ON s.hs_revision = coalesce(k.hs_revision, w.newest) AND s.hs6 = w.hs6
WHERE w.world_exports > 0
