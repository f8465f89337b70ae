-- The headings with a vulnerability, the worst class first, and how many there are. Names go
-- without what stands in brackets.
SELECT hs4, coalesce(regexp_replace(product, ' *\([^)]*\)', '', 'g'), ''), coalesce(sectors, ''), imports_usd, import_export_ratio, group_share, imports_change, class,
       count(*) OVER (), first_year, year
FROM vulnerabilities
WHERE class <> 'none'
ORDER BY list_position(['severe', 'high', 'easing'], class), imports_usd DESC, hs4
LIMIT $headings
