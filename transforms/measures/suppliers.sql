-- From whom the reporters import: the twenty largest partners of each code that a sector
-- lists, of its heading and of each sector. Partners at the rank of the twentieth are
-- rows, too. The reporter itself (goods that come back) and residual areas such as 899 are
-- partners; groups of countries are none.
WITH ranked AS (
    SELECT *,
           rank() OVER (PARTITION BY reporter, year, hs_revision, level, code ORDER BY value_usd DESC) AS place,
           sum(value_usd) OVER (PARTITION BY reporter, year, hs_revision, level, code) AS listed,
           count(*) OVER (PARTITION BY reporter, year, hs_revision, level, code) AS partners
    FROM supplier_sums
)
SELECT year, level, code, sector, hs_revision, $code_basis AS code_basis, reporter, partner,
       CAST(place AS SMALLINT) AS rank, CAST(partners AS SMALLINT) AS partners,
       value_usd AS imports_usd,
       world_usd AS world_imports_usd,
       listed AS partner_imports_usd,
       CAST(value_usd AS DOUBLE) / nullif(CAST(world_usd AS DOUBLE), 0) AS import_share,
       CAST(value_usd AS DOUBLE) / CAST(listed AS DOUBLE) AS partner_share,
       partial, split_usd
FROM ranked
WHERE place <= 20
