-- Intra-industry trade: the Grubel–Lloyd index, 1 - |X - M| / (X + M); 1 where exports and
-- imports are equal, 0 where there is one of them alone. By sector twice: the mean over its
-- codes weighted by their trade, and the index of the sector's sums, which takes trade in
-- different codes for trade in the same goods and so is never lower.
--
-- Source: Grubel and Lloyd (1975), Intra-Industry Trade: The Theory and Measurement of
-- International Trade in Differentiated Products.
SELECT year, level, code, sector, hs_revision, $code_basis AS code_basis, reporter,
       codes_covered, codes_unknown, partial,
       imports AS imports_usd, exports AS exports_usd,
       CAST(imports + exports - apart AS DOUBLE) / nullif(CAST(imports + exports AS DOUBLE), 0) AS grubel_lloyd,
       CAST(imports + exports - abs(exports - imports) AS DOUBLE) / nullif(CAST(imports + exports AS DOUBLE), 0) AS grubel_lloyd_of_sums,
       split_usd
FROM both_flows
