-- Dominance by code (Figure 27): X / W > t, compared in DECIMAL.
SELECT year, hs6, sector, hs_revision, reporter, exports_usd, world_exports_usd, export_share,
       exports_usd > CAST($dominance_share AS DECIMAL(9,6)) * world_exports_usd AS dominated,
       exporters, split_usd
FROM export_share_hs6
