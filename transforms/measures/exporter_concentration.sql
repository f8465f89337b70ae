-- How concentrated world exports are on few exporters: the Herfindahl–Hirschman index, the
-- sum of the squares of the exporters' shares (1 is a single exporter), and the share of
-- the largest and of the three largest. See exporters.
--
-- Source: Herfindahl (1950), Concentration in the Steel Industry; Hirschman (1945), National
-- Power and the Structure of Foreign Trade.
WITH ranked AS (
    SELECT *, CAST(exports_usd * 1000 AS HUGEINT) AS mills,
           row_number() OVER (PARTITION BY year, hs_revision, level, code ORDER BY exports_usd DESC, exporter) AS place
    FROM exporters
),
sums AS (
    SELECT year, hs_revision, level, code, any_value(sector) AS sector, count(*) AS exporters, sum(mills) AS mills, sum(mills * mills) AS squares,
           sum(mills) FILTER (place <= 3) AS first_three, arg_min(exporter, place) AS largest, max(mills) AS first,
           any_value(world_exports_usd) AS usd, bool_or(low_coverage) AS low_coverage, sum(split_usd) AS split_usd,
           count(*) FILTER (partial) AS partial
    FROM ranked
    GROUP BY year, hs_revision, level, code
)
SELECT year, level, code, sector, hs_revision, $code_basis AS code_basis,
       CAST(exporters AS SMALLINT) AS exporters, CAST(partial AS SMALLINT) AS exporters_partial,
       usd AS world_exports_usd,
       herfindahl(squares, mills) AS concentration,
       largest AS largest_exporter,
       CAST(first AS DOUBLE) / CAST(mills AS DOUBLE) AS largest_share,
       CAST(first_three AS DOUBLE) / CAST(mills AS DOUBLE) AS largest_three_share,
       low_coverage, split_usd
FROM sums
