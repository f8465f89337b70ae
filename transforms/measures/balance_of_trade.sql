-- The reporters' balance of trade by code and sector: exports less imports, and over the sum
-- of both, from -1 (imports alone) to 1 (exports alone).
--
-- Source: the normalised balance is that of Lafay (1992), The Measurement of Revealed
-- Comparative Advantages; exports are mostly FOB and imports CIF, so that it is biased downwards.
SELECT year, level, code, sector, hs_revision, $code_basis AS code_basis, reporter,
       codes_covered, codes_unknown, partial,
       imports AS imports_usd, exports AS exports_usd,
       exports - imports AS balance_usd,
       CAST(exports - imports AS DOUBLE) / nullif(CAST(imports + exports AS DOUBLE), 0) AS balance_share,
       split_usd
FROM both_flows
