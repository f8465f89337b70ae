-- Checks that have findings. Those of coverage and conversion have warnings of their own.
SELECT format('quality checks have findings: {}; ''entrepot check'' shows them, and check_findings lists them',
              string_agg(format('{} ({} of {})', check_name, findings, examined), ', ' ORDER BY check_name))
FROM checks
WHERE NOT passed AND check_name NOT IN ('coverage', 'product_coverage', 'unconverted', 'versions')
HAVING count(*) > 0
