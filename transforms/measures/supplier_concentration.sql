-- How concentrated the reporters' imports are on few suppliers: the Herfindahl–Hirschman
-- index over partners, the sum of the squares of their shares in what the files list by
-- partner (1 is a single supplier), and the share of the largest and of the three largest.
--
-- Source: Herfindahl (1950), Concentration in the Steel Industry; Hirschman (1945), National
-- Power and the Structure of Foreign Trade. A residual area such as 899 counts as one partner.
-- Squares are added in whole tenths of a cent, so that the order of rows can't matter.
WITH ranked AS (
    SELECT *, CAST(value_usd * 1000 AS HUGEINT) AS mills,
           row_number() OVER (PARTITION BY reporter, year, hs_revision, level, code ORDER BY value_usd DESC, partner) AS place
    FROM supplier_sums
),
sums AS (
    SELECT reporter, year, hs_revision, level, code, any_value(sector) AS sector, count(*) AS partners, sum(mills) AS mills, sum(mills * mills) AS squares,
           sum(mills) FILTER (place <= 3) AS first_three, arg_min(partner, place) AS largest, max(mills) AS first,
           sum(value_usd) AS usd, any_value(world_usd) AS world_usd, bool_or(partial) AS partial, sum(split_usd) AS split_usd
    FROM ranked
    GROUP BY reporter, year, hs_revision, level, code
)
SELECT year, level, code, sector, hs_revision, $code_basis AS code_basis, reporter,
       CAST(partners AS SMALLINT) AS partners,
       usd AS partner_imports_usd, world_usd AS imports_usd,
       CAST(usd AS DOUBLE) / CAST(world_usd AS DOUBLE) AS partner_coverage,
       herfindahl(squares, mills) AS concentration,
       largest AS largest_partner,
       CAST(first AS DOUBLE) / CAST(mills AS DOUBLE) AS largest_share,
       CAST(first_three AS DOUBLE) / CAST(mills AS DOUBLE) AS largest_three_share,
       partial, split_usd
FROM sums
