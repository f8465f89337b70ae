-- Imports and exports of all sectors by month.
SELECT flow, format('{}-{:02}', year, month), usd, part
FROM (SELECT year, month, /*partial*/ false AS part, imports_usd AS Imports, exports_usd AS Exports FROM high_tech_monthly WHERE sector = 'all_sectors')
UNPIVOT INCLUDE NULLS (usd FOR flow IN (Imports, Exports))
ORDER BY flow DESC, year, month
