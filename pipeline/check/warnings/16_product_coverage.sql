-- Sectors of which the files cover too few codes: one line for each of up to ten, with
-- the years that cover least, one for those of which they cover none, and what that means.
WITH years AS (
    SELECT p.sector, p.year, max(p.codes_covered) AS covered, arg_max(p.codes_covered + p.codes_unknown, p.codes_covered) AS listed,
           CASE WHEN count(*) = 2 THEN '' WHEN any_value(p.flow) = 'M' THEN ' of imports' ELSE ' of exports' END AS flows
    FROM product_coverage p
    JOIN year_revisions y USING (year)
    WHERE p.reporter = $reporter AND p.partial
      AND CASE p.flow WHEN 'M' THEN y.imports_reported ELSE y.exports_reported END
    GROUP BY p.sector, p.year
),
least AS (
    SELECT sector, covered, listed, flows, list(year ORDER BY year) AS years
    FROM years
    GROUP BY sector, covered, listed, flows
    QUALIFY row_number() OVER (PARTITION BY sector ORDER BY covered / listed, covered, listed, flows) = 1
),
placed AS (
    SELECT *, row_number() OVER (ORDER BY covered = 0, sector) AS place FROM least
)
SELECT text
FROM (
    SELECT place, format('{}: {} of {} codes{} are in the files ({})', sector, covered, listed, flows, few_years(years)) AS text
    FROM placed WHERE covered > 0 AND place <= 10
    UNION ALL
    SELECT 11, format('{}: none of {} codes are in the files', few(list(sector ORDER BY sector)), CASE WHEN count(*) = 1 THEN 'its' ELSE 'their' END)
    FROM placed WHERE covered = 0 HAVING count(*) > 0
    UNION ALL
    SELECT 12, format('{}the figures of {} are those of a part of the codes: unknown values are null, not 0, and nothing is rated '
                      || '(product_coverage); download the other codes, or say which files are whole (files: whole)',
                      CASE WHEN count(*) FILTER (covered > 0) > 10 THEN format('and {} more sectors: ', count(*) FILTER (covered > 0) - 10) ELSE '' END,
                      CASE WHEN count(*) = 1 THEN 'this sector' ELSE 'these sectors' END)
    FROM placed
    HAVING count(*) > 0
)
ORDER BY place
