-- Dominance by code (Figure 27): X / W > t, compared in DECIMAL. A code that not
-- all data of the year could reach (unreached_codes) has no verdict.
SELECT year, hs6, sector, hs_revision, reporter, exports_usd, world_exports_usd, export_share,
       CASE WHEN reached THEN exports_usd > CAST($dominance_share AS DECIMAL(9,6)) * world_exports_usd END AS dominated,
       reached, exporters, mirrored_usd, other_revision_usd, split_usd, low_coverage
FROM export_share_hs6
