-- From whom the reporter imports each sector, in every year, and each code that a sector lists,
-- in the years that figures compare. A row without an area has the sum over all partners,
-- and how many there are.
WITH chosen AS (
    SELECT code, sector, year, hs_revision, partner, imports_usd, partner_imports_usd, partners, partial
    FROM suppliers
    WHERE level = 0 OR level = 6 AND sector IS NOT NULL AND rank <= $most AND list_contains($years, year)
),
totals AS (
    SELECT code, any_value(sector) AS sector, year, sum(usd) AS usd, max(partners) AS partners
    FROM (SELECT code, sector, year, hs_revision, max(partner_imports_usd) AS usd, max(partners) AS partners FROM chosen GROUP BY ALL)
    GROUP BY code, year
)
SELECT code, sector, year, NULL::SMALLINT AS area, usd, partners::INTEGER AS mark FROM totals
UNION ALL
SELECT code, any_value(sector), year, partner, sum(imports_usd), bool_or(partial)::INTEGER FROM chosen GROUP BY code, year, partner
ORDER BY code, year, area NULLS FIRST
