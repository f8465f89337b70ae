-- The month of which the files cover least of the codes of all sectors, when it is partial.
SELECT codes_covered, codes_covered + codes_unknown
FROM high_tech_monthly
WHERE sector = 'all_sectors' AND partial
ORDER BY codes_covered / (codes_covered + codes_unknown), year, month
LIMIT 1
