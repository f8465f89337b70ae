-- Who exports each sector, in every year, and each code that a sector lists, in the years
-- that figures compare. A row without an area has the sum over all exporters, and how many
-- there are.
WITH every AS (
    SELECT level, code, sector, year, hs_revision, exporter, rank, exports_usd, world_exports_usd, partial
    FROM exporters
    WHERE exports_usd > 0 AND (level = 0 OR level = 6 AND sector IS NOT NULL AND list_contains($years, year))
),
totals AS (
    SELECT code, any_value(sector) AS sector, year, sum(usd) AS usd, max(many) AS many
    FROM (SELECT code, sector, year, hs_revision, max(world_exports_usd) AS usd, count(DISTINCT exporter) AS many FROM every GROUP BY ALL)
    GROUP BY code, year
)
SELECT code, sector, year, NULL::SMALLINT AS area, usd, many::INTEGER AS mark FROM totals
UNION ALL
SELECT code, any_value(sector), year, exporter, sum(exports_usd), bool_or(partial)::INTEGER FROM every
WHERE level = 0 OR rank <= $most
GROUP BY code, year, exporter
ORDER BY code, year, area NULLS FIRST
