-- The partner's share by year: of all codes, of all sectors, and of the sectors of which
-- most is imported from it.
WITH largest AS (
    SELECT sector, arg_max(from_partner_usd, year) AS usd
    FROM partner_trend
    WHERE sector NOT IN ('all_sectors', 'all_codes') AND from_partner_usd > 0
    GROUP BY sector
    ORDER BY usd DESC, sector
    LIMIT $sectors
)
SELECT sector, year::VARCHAR, partner_share, /*partial*/ false
FROM partner_trend
WHERE sector IN ('all_sectors', 'all_codes') OR sector IN (SELECT sector FROM largest)
ORDER BY sector = 'all_codes' DESC, sector = 'all_sectors' DESC, sector, year
