-- Dominance by code (Figure 27): X / W > t, compared in DECIMAL. A code that not
-- all data of the year could reach (unreached_codes), or that the reporter's files do not
-- cover, has no verdict.
-- The parts of a split code are rounded to tenths of a cent, one rounding for each
-- exporter; within that, a share is at the threshold and not above it.
SELECT year, hs6, sector, hs_revision, reporter, covered, exports_usd, world_exports_usd, export_share,
       CASE WHEN reached THEN exports_usd > CAST($dominance_share AS DECIMAL(9,6)) * world_exports_usd
           + CASE WHEN split_usd > 0 THEN 0.001 * (1 + exporters) ELSE 0 END END AS dominated,
       reached AND covered AS reached, exporters, exporters_unknown, mirrored_usd, other_revision_usd, split_usd, split_basis, low_coverage
FROM export_share_hs6
