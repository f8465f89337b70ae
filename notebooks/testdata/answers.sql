-- What 4-who-else-could-supply.R must say of a release in 2023, or in its last year.
WITH known AS (
    SELECT * FROM 'import_dependence.parquet' WHERE dependent_share IS NOT NULL AND NOT partial
), asked AS (
    SELECT coalesce(max(year) FILTER (year = 2023), max(year)) AS year FROM known
), codes AS (
    SELECT hs6 FROM 'import_dependence_hs6.parquet' WHERE sector IS NOT NULL AND dependent AND year = (SELECT year FROM asked)
), suppliers AS (
    SELECT code, partner, partner_share FROM 'suppliers.parquet' WHERE level = 6 AND rank = 1 AND year = (SELECT year FROM asked)
), world AS (
    SELECT code, exporter, export_share FROM 'exporters.parquet' WHERE level = 6 AND year = (SELECT year FROM asked)
), one AS ( -- products of which one country supplies more than half, with its share of the world and that of others
    SELECT c.hs6, w.export_share AS of_world,
        (SELECT sum(o.export_share) FROM world o WHERE o.code = c.hs6 AND o.exporter NOT IN (s.partner, (SELECT any_value(reporter) FROM known))) AS others
    FROM codes c JOIN suppliers s ON s.code = c.hs6 LEFT JOIN world w ON w.code = c.hs6 AND w.exporter = s.partner
    WHERE s.partner_share > 0.5
)
SELECT printf('In %d %s depended on imports for %d of %d products.', year, any_value(reporter_name), sum(codes_dependent), sum(codes_traded))
FROM known JOIN asked USING (year) GROUP BY year
UNION ALL
SELECT printf('In %d products one country supplies more than half. Of %d it has most of world exports, too; of %d others export more.',
    count(*), count(*) FILTER (of_world > 0.5), count(*) FILTER (others > of_world))
FROM one
UNION ALL
SELECT printf('%d reporters are in the files, %d have exports in other years only; low coverage: %s.', reporters, reporters_missing,
    CASE WHEN low_coverage THEN 'yes' ELSE 'no' END)
FROM 'coverage.parquet' JOIN asked USING (year)
UNION ALL
SELECT printf('%d products are drawn in chart.pdf.', least(count(of_world), 25)) FROM one;
