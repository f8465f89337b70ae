-- Sectors of which the files cover too few codes: one line for each of up to ten, with
-- the years that cover least of what they cover at all, those of which they cover none
-- with the codes that they have instead, and what that means.
WITH years AS (
    SELECT p.sector, p.year, max(p.codes_covered) AS covered, arg_max(p.codes_covered + p.codes_unknown, p.codes_covered) AS listed,
           CASE WHEN count(*) = 2 THEN '' WHEN any_value(p.flow) = 'M' THEN ' of imports' ELSE ' of exports' END AS flows
    FROM product_coverage p
    JOIN year_revisions y USING (reporter, year)
    WHERE p.reporter = $reporter AND p.partial
      AND CASE p.flow WHEN 'M' THEN y.imports_reported ELSE y.exports_reported END
    GROUP BY p.sector, p.year
),
least AS (
    SELECT sector, covered, listed, flows, list(year ORDER BY year) AS years
    FROM years
    WHERE covered > 0
    GROUP BY sector, covered, listed, flows
    QUALIFY row_number() OVER (PARTITION BY sector ORDER BY covered / listed, covered, listed, flows) = 1
),
none AS (
    SELECT sector, any_value(flows ORDER BY flows) AS flows, list(year ORDER BY year) AS years FROM years WHERE covered = 0 GROUP BY sector
),
placed AS (
    SELECT *, row_number() OVER (ORDER BY sector) AS place FROM least
),
instead AS (
    SELECT list(hs6 ORDER BY usd DESC, hs6) AS codes
    FROM (SELECT hs6, sum(value_usd) AS usd FROM world_trade SEMI JOIN years USING (year) WHERE reporter = $reporter GROUP BY hs6)
)
SELECT text
FROM (
    SELECT place, format('{}: {} of {} codes{} are in the files ({}){}', p.sector, covered, listed, p.flows, few_years(p.years),
                         CASE WHEN n.years IS NOT NULL THEN format(', none in {}', few_years(n.years)) ELSE '' END) AS text
    FROM placed p
    LEFT JOIN none n USING (sector)
    WHERE place <= 10
    UNION ALL
    SELECT 11, format('{}: none of {} codes{} are in the files{}', few(list(sector ORDER BY sector)), CASE WHEN count(*) = 1 THEN 'its' ELSE 'their' END, flows,
                      coalesce(format(', which have {}', few((SELECT codes FROM instead))), ''))
    FROM none ANTI JOIN placed USING (sector)
    GROUP BY flows
    UNION ALL
    SELECT 12, format('{}the figures of {} are those of a part of the codes: unknown values are null, not 0, and nothing is rated '
                      || '(product_coverage); download the other codes, or say which files are whole (files: whole)',
                      CASE WHEN max(place) > 10 THEN format('and {} more sectors: ', max(place) - 10) ELSE '' END,
                      CASE WHEN count(DISTINCT sector) = 1 THEN 'this sector' ELSE 'these sectors' END)
    FROM years
    LEFT JOIN placed USING (sector)
    HAVING count(*) > 0
)
ORDER BY place
