-- Sectors of which the files cover too few of the reporter's codes in the years that
-- figures compare, those of which they cover least first, and how many sectors these are.
SELECT sector, covered, listed, count(*) OVER () AS sectors
FROM (
    SELECT sector, min(codes_covered) AS covered, arg_min(codes_covered + codes_unknown, codes_covered) AS listed
    FROM product_coverage p
    SEMI JOIN (SELECT year, flow FROM product_coverage WHERE reporter = $reporter GROUP BY ALL HAVING sum(codes_covered) > 0) r USING (year, flow)
    WHERE reporter = $reporter AND partial AND list_contains($years, year)
    GROUP BY sector
)
ORDER BY covered / listed, sector
LIMIT 3
