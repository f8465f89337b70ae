-- The growth of the reporters' imports and exports by code and sector, at current prices and,
-- where a table of the user has a price index, at constant ones: against the year before,
-- and by year since the first of the years in use that has trade (compound). Null where a
-- value is not known, the earlier one is 0, or one of the two is of a part of the sector's
-- codes; at constant prices also where the index lacks one of the two years. A code of which
-- there is no trade in any year has no row.
--
-- Source: United Nations (2013), International Merchandise Trade Statistics: Compilers Manual, Revision 1.
WITH cells AS (
    SELECT o.*, CAST(o.value_usd AS DOUBLE) * 100 / CAST(d.price_index AS DOUBLE) AS constant_usd
    FROM own_trade o
    LEFT JOIN deflators d USING (flow, year)
    WHERE level = 0 OR level = 6 AND sector IS NOT NULL
),
earliest AS (
    SELECT reporter, flow, hs_revision, level, code, min(year) AS year, arg_min(value_usd, year) AS value_usd,
           arg_min_null(constant_usd, year) AS constant_usd
    FROM cells
    WHERE value_usd > 0 AND NOT partial
    GROUP BY reporter, flow, hs_revision, level, code
)
SELECT c.year, CAST(c.flow AS VARCHAR) AS flow, c.level, c.code, c.sector, c.hs_revision, $code_basis AS code_basis, c.reporter,
       c.value_usd,
       CASE WHEN NOT c.partial AND NOT p.partial THEN CAST(c.value_usd - p.value_usd AS DOUBLE) / nullif(CAST(p.value_usd AS DOUBLE), 0) END AS change,
       CASE WHEN f.year <= c.year THEN f.year END AS first_year,
       CASE WHEN f.year < c.year AND NOT c.partial
            THEN pow(CAST(c.value_usd AS DOUBLE) / CAST(f.value_usd AS DOUBLE), 1 / CAST(c.year - f.year AS DOUBLE)) - 1 END AS compound_growth,
       c.constant_usd,
       CASE WHEN NOT c.partial AND NOT p.partial THEN (c.constant_usd - p.constant_usd) / nullif(p.constant_usd, 0) END AS real_change,
       CASE WHEN f.year < c.year AND NOT c.partial
            THEN pow(c.constant_usd / f.constant_usd, 1 / CAST(c.year - f.year AS DOUBLE)) - 1 END AS real_compound_growth,
       c.partial, c.split_usd
FROM cells c
LEFT JOIN cells p ON p.reporter = c.reporter AND p.flow = c.flow AND p.year = c.year - 1 AND p.hs_revision = c.hs_revision AND p.level = c.level
    AND p.code = c.code
LEFT JOIN earliest f ON f.reporter = c.reporter AND f.flow = c.flow AND f.hs_revision = c.hs_revision AND f.level = c.level AND f.code = c.code
WHERE c.value_usd IS NULL OR c.level = 0 OR f.year IS NOT NULL
