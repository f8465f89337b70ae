-- Imports of all goods from the partner by year, and the sales of its firms' affiliates in
-- the reporter's country in the years of which there are any.
SELECT series, year::VARCHAR, usd, part
FROM (
    SELECT 'Imports' AS series, year, from_partner_usd AS usd, /*partial*/ false AS part FROM partner_trend WHERE sector = 'all_codes'
    UNION ALL
    SELECT 'Sales of affiliates', year, affiliate_sales_usd, false FROM partner_trend
    WHERE sector = 'all_codes' AND affiliate_sales_usd IS NOT NULL
)
ORDER BY series, year
