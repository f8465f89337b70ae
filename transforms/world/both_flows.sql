-- The reporters' imports and exports side by side, of each code that a sector lists (level
-- 6) and by sector (0). A code that the reporter does not trade in the year has no row. Sums
-- by sector are of the codes of which both are known, so that one is never set against the
-- other over other goods.
WITH codes AS (
    SELECT reporter, year, hs_revision, code, any_value(sector) AS sector,
           any_value(value_usd) FILTER (flow = 'M') AS imports, any_value(value_usd) FILTER (flow = 'X') AS exports,
           sum(split_usd) AS split_usd, bool_or(value_usd IS NOT NULL OR partial) AS counts
    FROM own_trade
    WHERE level = 6 AND sector IS NOT NULL
    GROUP BY reporter, year, hs_revision, code
)
SELECT reporter, year, hs_revision, 6::SMALLINT AS level, code, sector, imports, exports, split_usd,
       (imports IS NOT NULL AND exports IS NOT NULL)::BIGINT AS codes_covered,
       (counts AND (imports IS NULL OR exports IS NULL))::BIGINT AS codes_unknown,
       codes_unknown > 0 AS partial,
       CAST(abs(exports - imports) AS DECIMAL(18,3)) AS apart
FROM codes
WHERE (imports = 0 AND exports = 0) IS NOT TRUE
UNION ALL
SELECT reporter, year, hs_revision, 0, sector, sector,
       CAST(sum(imports) FILTER (exports IS NOT NULL) AS DECIMAL(18,3)), CAST(sum(exports) FILTER (imports IS NOT NULL) AS DECIMAL(18,3)), sum(split_usd),
       count(*) FILTER (imports IS NOT NULL AND exports IS NOT NULL) AS covered,
       count(*) FILTER (counts AND (imports IS NULL OR exports IS NULL)) AS unknown,
       covered < CAST($min_product_coverage AS DECIMAL(9,6)) * (covered + unknown),
       CAST(sum(abs(exports - imports)) AS DECIMAL(18,3))
FROM codes
GROUP BY reporter, year, hs_revision, sector
