-- The finding of docs/tutorial.md, from the tables of the release, as lines of a quotation.
WITH dependence AS (
    SELECT year, codes_dependent, codes_traded FROM 'import_dependence.parquet' WHERE sector = 'battery_materials'
), verdict AS (
    SELECT imports_usd, import_export_ratio FROM 'import_dependence_hs6.parquet' WHERE hs6 = '283691' AND year = 2023 AND dependent
), supplier AS (
    SELECT partner_name, import_share FROM 'suppliers.parquet' WHERE code = '283691' AND level = 6 AND year = 2023 AND rank = 1
), exporter AS (
    SELECT exporter_name, export_share FROM 'exporters.parquet' WHERE code = '283691' AND level = 6 AND year = 2023 AND rank = 1
), cutoffs AS ( -- no row where the count is not the same at all of them
    SELECT min(ratio) AS lowest, max(ratio) AS highest, max(ratio) FILTER (in_use) AS in_use
    FROM 'import_dependence_sensitivity.parquet' WHERE sector = 'battery_materials' AND year = 2023
    HAVING count(DISTINCT codes_dependent) = 1 AND NOT bool_or(partial)
), whole AS (
    SELECT reporters FROM 'coverage.parquet' WHERE year = 2023 AND NOT low_coverage AND sectors_partial = 0
)
SELECT printf('> **In 2023 China depended on imports for %d of %d battery materials, after %d of %d in 2005.** Of lithium carbonate (HS 283691) it
> imported %.1f billion US dollars, %.1f times what it exported; %.0f %% came from %s, which had %.0f %% of world exports. The count is the same
> at every ratio of imports to exports from %g to %g; in 2024 it is %d of %d. A code counts when imports are at least %g times exports, both free
> on board, with %d exporters in the files; all codes are covered.',
    b.codes_dependent, b.codes_traded, a.codes_dependent, a.codes_traded,
    imports_usd / 1e9, import_export_ratio, 100 * import_share, partner_name, 100 * export_share,
    lowest, highest, c.codes_dependent, c.codes_traded, in_use, reporters)
FROM dependence a, dependence b, dependence c, verdict, supplier, exporter, cutoffs, whole
WHERE a.year = 2005 AND b.year = 2023 AND c.year = 2024 AND exporter_name = partner_name;
